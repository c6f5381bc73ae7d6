// The stock cloudflare SDK: the workersForPlatforms.dispatch.namespaces tree, KV and the error classes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Cloudflare, { toFile } from 'cloudflare';
import { account, startPlatform, token } from './platform.mjs';

let platform;
let client;
let scripts;
const at = (script) => [script, { account_id: account, dispatch_namespace: 'sdk' }];
const here = { account_id: account };

async function all(pages) {
  const items = [];
  for await (const item of pages) {
    items.push(item);
    assert.ok(items.length < 10_000, 'the pages never end');
  }
  return items;
}

before(async () => {
  platform = await startPlatform();
  client = new Cloudflare({ apiToken: token, baseURL: platform.apiUrl });
  scripts = client.workersForPlatforms.dispatch.namespaces.scripts;
  await client.workersForPlatforms.dispatch.namespaces.create({ ...here, name: 'sdk' });
  await platform.uploadWorker('front', `export default {
    fetch: (request, env) => env.NS.get(new URL(request.url).pathname.slice(1)).fetch(request),
  };`, { bindings: [{ type: 'dispatch_namespace', name: 'NS', namespace: 'sdk' }] });
});
after(() => platform?.stop());

const answer = async (name) => (await platform.request({ worker: 'front', path: `/${name}` })).body;

async function upload(name, source, metadata = {}, options = undefined) {
  const file = await toFile(Buffer.from(source), 'worker.mjs', { type: 'application/javascript+module' });
  return scripts.update(name, {
    account_id: account, dispatch_namespace: 'sdk',
    metadata: { main_module: 'worker.mjs', compatibility_date: '2026-08-22', ...metadata },
    files: { 'worker.mjs': file },
  }, options);
}

test('namespaces: create, get, list, delete', async () => {
  const { namespaces } = client.workersForPlatforms.dispatch;
  const created = await namespaces.create({ ...here, name: 'other' });
  assert.match(created.namespace_id, /^[0-9a-f-]{36}$/);
  assert.equal((await namespaces.get('other', here)).namespace_name, 'other');
  assert.deepEqual((await all(namespaces.list(here))).map((one) => one.namespace_name).sort(), ['other', 'sdk']);
  await namespaces.delete('other', here);
  await assert.rejects(namespaces.get('other', here), (error) =>
    error instanceof Cloudflare.NotFoundError && error.errors[0].code === 100119);
});

test('scripts.update with the SDK’s own multipart, with and without its content type', async () => {
  const source = 'export default { fetch: (request, env) => new Response(env.A + env.B) }';
  const metadata = {
    bindings: [{ type: 'plain_text', name: 'A', text: 'a' }, { type: 'secret_text', name: 'B', text: 'b' }],
    tags: ['plan-free', 'region-eu'],
    limits: { cpu_ms: 50 },
    logpush: true,
  };
  const uploaded = await upload('flattened', source, metadata);
  assert.equal(typeof uploaded.startup_time_ms, 'number');
  assert.equal(await answer('flattened'), 'ab');
  await upload('with-header', source, metadata, { headers: { 'Content-Type': null } });
  assert.equal(await answer('with-header'), 'ab');

  const settings = await scripts.settings.get(...at('flattened'));
  assert.equal(settings.logpush, true);
  assert.equal(settings.limits.cpu_ms, 50);
  assert.deepEqual([...settings.tags].sort(), ['plan-free', 'region-eu']);
  const found = await scripts.get(...at('flattened'));
  assert.equal(found.dispatch_namespace, 'sdk');
  assert.equal(found.script.id, 'flattened');
});

test('content: read and replace, settings stay', async () => {
  await upload('content', 'export default { fetch: (request, env) => new Response("old " + env.A) }', {
    bindings: [{ type: 'plain_text', name: 'A', text: 'a' }],
  });
  const content = await scripts.content.get(...at('content'));
  assert.match(await content.text(), /"old "/);
  const file = await toFile(Buffer.from('export default { fetch: (request, env) => new Response("new " + env.A) }'), 'worker.mjs', { type: 'application/javascript+module' });
  await scripts.content.update('content', { account_id: account, dispatch_namespace: 'sdk', metadata: { main_module: 'worker.mjs' }, files: [file] });
  assert.equal(await answer('content'), 'new a');
});

test('settings.edit and bindings', async () => {
  await upload('settings', 'export default { fetch: (request, env) => new Response(String(env.WORD)) }');
  await scripts.settings.edit('settings', {
    account_id: account, dispatch_namespace: 'sdk',
    settings: { bindings: [{ type: 'plain_text', name: 'WORD', text: 'edited' }], tags: ['t'] },
  });
  assert.equal(await answer('settings'), 'edited');
  const bindings = await all(scripts.bindings.get(...at('settings')));
  assert.deepEqual(bindings.map(({ name, type, text }) => ({ name, type, text })), [{ name: 'WORD', type: 'plain_text', text: 'edited' }]);
});

test('secrets: update, get, list, delete', async () => {
  await upload('secrets', 'export default { fetch: (request, env) => new Response(String(env.KEY)) }');
  await scripts.secrets.update('secrets', { account_id: account, dispatch_namespace: 'sdk', name: 'KEY', text: 'hidden', type: 'secret_text' });
  assert.equal(await answer('secrets'), 'hidden');
  const listed = await all(scripts.secrets.list(...at('secrets')));
  assert.deepEqual(listed.map(({ name, type }) => [name, type]), [['KEY', 'secret_text']]);
  assert.ok(!JSON.stringify(listed).includes('hidden'));
  const one = await scripts.secrets.get('KEY', { account_id: account, dispatch_namespace: 'sdk', script_name: 'secrets' });
  assert.equal(one.name, 'KEY');
  await scripts.secrets.delete('KEY', { account_id: account, dispatch_namespace: 'sdk', script_name: 'secrets' });
  assert.equal(await answer('secrets'), 'undefined');
});

test('tags: replace all, list, remove one', async () => {
  await upload('tags', 'export default { fetch: () => new Response("tags") }');
  await scripts.tags.update('tags', { account_id: account, dispatch_namespace: 'sdk', body: ['one', 'two'] });
  assert.deepEqual((await all(scripts.tags.list(...at('tags')))).sort(), ['one', 'two']);
  await scripts.tags.delete('one', { account_id: account, dispatch_namespace: 'sdk', script_name: 'tags' });
  assert.deepEqual(await all(scripts.tags.list(...at('tags'))), ['two']);
});

test('scripts can be listed and removed by tag, and one by one', async () => {
  const path = '/workers/dispatch/namespaces/sdk/scripts';
  await upload('tagged-1', 'export default { fetch: () => new Response("1") }', { tags: ['batch'] });
  await upload('tagged-2', 'export default { fetch: () => new Response("2") }', { tags: ['batch', 'keep'] });
  const names = (await platform.call('GET', `${path}?tags=batch:yes`)).map(({ id }) => id).sort();
  assert.deepEqual(names, ['tagged-1', 'tagged-2']);
  await platform.call('DELETE', `${path}?tags=batch:yes,keep:no`);
  assert.deepEqual((await platform.call('GET', `${path}?tags=batch:yes`)).map(({ id }) => id), ['tagged-2']);
  await scripts.delete(...at('tagged-2'));
  await assert.rejects(scripts.get(...at('tagged-2')), (error) => error.status === 404 && error.errors[0].code === 10092);
  await assert.rejects(platform.call('DELETE', path), (error) => error.status === 400);
});

test('KV through the SDK, and its pager ends', async () => {
  const { namespaces } = client.kv;
  for (let i = 0; i < 25; i += 1) await namespaces.create({ ...here, title: `pages-${i}` });
  const titles = (await all(namespaces.list({ ...here, per_page: 10 }))).map(({ title }) => title);
  assert.equal(new Set(titles).size, 25);
  assert.equal(titles.length, 25);
  const { id } = (await all(namespaces.list(here)))[0];
  const inside = { ...here, namespace_id: id };
  await namespaces.values.update('a/b', { ...inside, value: 'v', metadata: { n: 'one' } });
  assert.equal(await (await namespaces.values.get('a/b', inside)).text(), 'v');
  assert.deepEqual(await namespaces.metadata.get('a/b', inside), { n: 'one' });
  await namespaces.bulkUpdate(id, { ...here, body: Array.from({ length: 1200 }, (_, i) => ({ key: `k${i}`, value: `${i}` })) });
  assert.equal((await all(namespaces.keys.list(id, here))).length, 1201);
  const values = await namespaces.bulkGet(id, { ...here, keys: ['k1', 'k2', 'none'] });
  assert.deepEqual(values.values, { k1: '1', k2: '2', none: null });
  await namespaces.bulkDelete(id, { ...here, body: ['k1'] });
  await assert.rejects(namespaces.values.get('k1', inside), Cloudflare.NotFoundError);
});

test('errors surface as the SDK’s classes with their codes', async () => {
  const wrong = new Cloudflare({ apiToken: 'wrong', baseURL: platform.apiUrl, maxRetries: 0 });
  await assert.rejects(wrong.kv.namespaces.create({ ...here, title: 'x' }), (error) =>
    error instanceof Cloudflare.AuthenticationError && error.errors[0].code === 10000);
  await assert.rejects(upload('bad', 'export default {', {}), (error) =>
    error instanceof Cloudflare.BadRequestError && error.errors[0].code === 10021);
  await assert.rejects(
    upload('odd', 'export default { fetch() {} }', { bindings: [{ type: 'telepathy', name: 'T' }] }),
    (error) => error.status === 400 && error.errors[0].message.includes('T'),
  );
});
