// The stock cloudflare SDK against the API with stores in memory: its odd encodings, its pagers, its
// error classes. `node --test tests/rest/sdk.test.mjs` with REST_SERVER naming rest_scratch_server.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { createInterface } from 'node:readline';
import Cloudflare, { toFile } from 'cloudflare';

let server;
let client;
let account_id;
let scripts;
const inNamespace = () => ({ account_id, dispatch_namespace: 'prod' });

async function all(pages) {
  const items = [];
  for await (const item of pages) {
    items.push(item);
    assert.ok(items.length < 5000, 'the pages never end');
  }
  return items;
}

before(async () => {
  server = spawn(process.env.REST_SERVER, [], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await new Promise((resolve, reject) => {
    createInterface({ input: server.stdout }).once('line', (text) => resolve([text]));
    server.once('error', reject);
  });
  const ready = JSON.parse(line);
  account_id = ready.account_id;
  client = new Cloudflare({ apiToken: ready.token, baseURL: `http://${ready.api}/client/v4` });
  scripts = client.workersForPlatforms.dispatch.namespaces.scripts;
  await client.workersForPlatforms.dispatch.namespaces.create({ account_id, name: 'prod' });
});
after(() => server?.kill('SIGTERM'));

async function upload(name, metadata = {}, options = undefined) {
  const file = await toFile(Buffer.from('export default { fetch() {} }'), 'w.mjs', { type: 'application/javascript+module' });
  return scripts.update(name, { ...inNamespace(), metadata: { main_module: 'w.mjs', ...metadata }, files: [file] }, options);
}

test('an upload keeps its types through the flattened form, whatever the content type', async () => {
  const metadata = {
    compatibility_date: '2026-05-01',
    compatibility_flags: ['nodejs_compat'],
    bindings: [
      { type: 'plain_text', name: 'TEXT', text: 'true' },
      { type: 'secret_text', name: 'KEY', text: 'hidden' },
      { type: 'json', name: 'LIST', json: 'one' },
    ],
    tags: ['a', 'b'],
    limits: { cpu_ms: 5, subrequests: 10 },
    logpush: true,
    observability: { enabled: true, head_sampling_rate: 0.5 },
  };
  for (const [name, options] of [['flat', undefined], ['typed', { headers: { 'Content-Type': null } }]]) {
    const uploaded = await upload(name, metadata, options);
    assert.equal(uploaded.startup_time_ms, 1);
    assert.match(uploaded.deployment_id, /^[0-9a-f]{32}$/);
    const settings = await scripts.settings.get(name, inNamespace());
    assert.deepEqual(settings.limits, { cpu_ms: 5, subrequests: 10 });
    assert.equal(settings.logpush, true);
    assert.deepEqual(settings.observability, { enabled: true, head_sampling_rate: 0.5 });
    assert.deepEqual(settings.tags, ['a', 'b']);
    assert.deepEqual(settings.compatibility_flags, ['nodejs_compat']);
    const bindings = await all(scripts.bindings.get(name, inNamespace()));
    assert.deepEqual(bindings, [
      { name: 'TEXT', type: 'plain_text', text: 'true' },
      { name: 'KEY', type: 'secret_text' },
      { name: 'LIST', type: 'json', json: 'one' },
    ]);
  }
});

test('an upload without files is read as JSON and refused for its missing module', () =>
  assert.rejects(
    scripts.update('nothing', { ...inNamespace(), metadata: { main_module: 'w.mjs' } }),
    (error) => error instanceof Cloudflare.BadRequestError && error.errors[0].code === 10021,
  ));

test('content.update and settings.edit change one half each', async () => {
  await upload('halves', { bindings: [{ type: 'plain_text', name: 'TEXT', text: 'kept' }] });
  const file = await toFile(Buffer.from('export default { fetch: () => 2 }'), 'n.mjs', { type: 'application/javascript+module' });
  await scripts.content.update('halves', { ...inNamespace(), metadata: { main_module: 'n.mjs' }, files: [file] });
  const content = await scripts.content.get('halves', inNamespace());
  assert.equal(await content.text(), 'export default { fetch: () => 2 }');
  assert.equal(content.headers.get('cf-entrypoint'), 'n.mjs');
  const edited = await scripts.settings.edit('halves', {
    ...inNamespace(),
    settings: { tags: ['t'], logpush: true, bindings: [{ type: 'inherit', name: 'TEXT' }, { type: 'plain_text', name: 'MORE', text: 'm' }] },
  });
  assert.deepEqual(edited.tags, ['t']);
  assert.equal(edited.logpush, true);
  assert.deepEqual(edited.bindings.map(({ name, text }) => [name, text]), [['TEXT', 'kept'], ['MORE', 'm']]);
});

test('secrets and tags', async () => {
  await upload('marked');
  await scripts.secrets.update('marked', { ...inNamespace(), name: 'A', text: '1', type: 'secret_text' });
  await scripts.secrets.bulkUpdate('marked', { ...inNamespace(), secrets: { A: null, B: { name: 'B', text: '2', type: 'secret_text' } } });
  assert.deepEqual(await all(scripts.secrets.list('marked', inNamespace())), [{ name: 'B', type: 'secret_text' }]);
  await scripts.secrets.delete('B', { ...inNamespace(), script_name: 'marked' });
  await assert.rejects(scripts.secrets.get('B', { ...inNamespace(), script_name: 'marked' }), Cloudflare.NotFoundError);
  assert.deepEqual(await all(scripts.tags.update('marked', { ...inNamespace(), body: ['x', 'cf:y'] })), ['x', 'cf:y']);
  await scripts.tags.delete('x', { ...inNamespace(), script_name: 'marked' });
  assert.deepEqual(await all(scripts.tags.list('marked', inNamespace())), ['cf:y']);
});

test('account-level scripts, versions, deployments and settings', async () => {
  const { scripts: accountScripts } = client.workers;
  const file = await toFile(Buffer.from('export default { fetch() {} }'), 'w.mjs', { type: 'application/javascript+module' });
  await accountScripts.update('front', { account_id, metadata: { main_module: 'w.mjs' }, files: [file] });
  const version = await accountScripts.versions.create('front', { account_id, metadata: { main_module: 'w.mjs', annotations: { 'workers/tag': 'v2' } }, files: [file] });
  assert.equal(version.annotations['workers/tag'], 'v2');
  assert.equal((await all(accountScripts.versions.list('front', { account_id }))).length, 2);
  const deployment = await accountScripts.deployments.create('front', { account_id, strategy: 'percentage', versions: [{ version_id: version.id, percentage: 100 }] });
  assert.deepEqual(deployment.versions, [{ version_id: version.id, percentage: 100 }]);
  assert.deepEqual((await all(accountScripts.list({ account_id }))).map(({ id }) => id), ['front']);
  assert.equal((await accountScripts.subdomain.create('front', { account_id, enabled: true })).enabled, true);
  assert.deepEqual((await accountScripts.schedules.update('front', { account_id, body: [] })).schedules, []);
  assert.equal((await accountScripts.settings.edit('front', { account_id, logpush: true })).logpush, true);
  await accountScripts.delete('front', { account_id });
  await assert.rejects(accountScripts.settings.get('front', { account_id }), (error) => error.errors[0].code === 10007);
});

test('pagers end and yield each item once', async () => {
  const { namespaces } = client.kv;
  for (let i = 0; i < 25; i += 1) await namespaces.create({ account_id, title: `n${i}` });
  const titles = (await all(namespaces.list({ account_id, per_page: 10 }))).map(({ title }) => title);
  assert.deepEqual([titles.length, new Set(titles).size], [25, 25]);
  const [{ id }] = await all(namespaces.list({ account_id }));
  await namespaces.bulkUpdate(id, { account_id, body: Array.from({ length: 1100 }, (_, i) => ({ key: `k/${i}`, value: `${i}` })) });
  const keys = (await all(namespaces.keys.list(id, { account_id, limit: 500 }))).map(({ name }) => name);
  assert.deepEqual([keys.length, new Set(keys).size], [1100, 1100]);
  assert.deepEqual(await all(client.durableObjects.namespaces.list({ account_id })), []);
  assert.equal((await all(client.accounts.list())).length, 1);
  assert.equal((await all(client.memberships.list())).length, 1);
});

test('KV values with odd keys, metadata and time to live', async () => {
  const { namespaces } = client.kv;
  const { id } = await namespaces.create({ account_id, title: 'values' });
  await namespaces.values.update('d/x y?', { account_id, namespace_id: id, value: 'bytes', metadata: { n: '1' }, expiration_ttl: 600 });
  const value = await namespaces.values.get('d/x y?', { account_id, namespace_id: id });
  assert.equal(await value.text(), 'bytes');
  assert.ok(Number(value.headers.get('expiration')) > Date.now() / 1000 + 500);
  assert.deepEqual(await namespaces.metadata.get('d/x y?', { account_id, namespace_id: id }), { n: '1' });
  const got = await namespaces.bulkGet(id, { account_id, keys: ['d/x y?', 'none'], withMetadata: true });
  assert.equal(got.values['d/x y?'].value, 'bytes');
  assert.equal(got.values.none, null);
  await namespaces.bulkDelete(id, { account_id, body: ['d/x y?'] });
  await assert.rejects(namespaces.values.get('d/x y?', { account_id, namespace_id: id }), (error) =>
    error instanceof Cloudflare.NotFoundError);
});

test('a final conflict is not sent again', async () => {
  const zone = await client.zones.create({ account: { id: account_id }, name: 'example.com' });
  await client.workers.routes.create({ zone_id: zone.id, pattern: 'example.com/*' });
  let calls = 0;
  const counting = createServer(async (request, response) => {
    calls += 1;
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const answer = await fetch(new URL(request.url, client.baseURL), {
      method: request.method, headers: { authorization: request.headers.authorization }, body: Buffer.concat(chunks),
    });
    const headers = Object.fromEntries([...answer.headers].filter(([name]) => name.startsWith('x-') || name === 'content-type'));
    response.writeHead(answer.status, headers).end(await answer.text());
  });
  await new Promise((done) => { counting.listen(0, '127.0.0.1', done); });
  const through = new Cloudflare({ apiToken: client.apiToken, baseURL: `http://127.0.0.1:${counting.address().port}/client/v4` });
  await assert.rejects(through.workers.routes.create({ zone_id: zone.id, pattern: 'example.com/*' }), (error) =>
    error instanceof Cloudflare.ConflictError && error.errors[0].code === 10020);
  assert.equal(calls, 1);
  counting.close();
});

test('a wrong token is an AuthenticationError', async () => {
  const wrong = new Cloudflare({ apiToken: 'wrong', baseURL: client.baseURL });
  await assert.rejects(wrong.user.tokens.verify(), (error) =>
    error instanceof Cloudflare.AuthenticationError && error.errors[0].code === 10000);
  assert.equal((await client.user.tokens.verify()).status, 'active');
});
