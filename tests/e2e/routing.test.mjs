// Which Worker answers: the platform domain, zone routes with wildcards, custom domains.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { account, eventually, startPlatform } from './platform.mjs';
import { Wrangler } from './wrangler.mjs';

let platform;
let zone;
const says = (word) => `export default { fetch: () => new Response("${word}") }`;
const at = async (host, path = '/') => (await platform.request({ host, path })).body;
const routes = async (method, id, body) => {
  const answer = await platform.api(method, `/zones/${zone}/workers/routes${id ? `/${id}` : ''}`, body);
  return answer.body;
};

before(async () => {
  platform = await startPlatform();
  for (const name of ['one', 'two', 'three', 'four']) await platform.uploadWorker(name, says(name));
  const made = await platform.api('POST', '/zones', { name: 'shop.example', account: { id: account } });
  assert.equal(made.body.success, true, JSON.stringify(made.body));
  zone = made.body.result.id;
});
after(() => platform?.stop());

test('a Worker answers at <name>.<platform domain>, and no longer when that is switched off', async () => {
  assert.equal(await at('one.atoll.localhost'), 'one');
  assert.equal(await at('ONE.atoll.localhost:1234'), 'one');
  await platform.call('POST', '/workers/scripts/one/subdomain', { enabled: false });
  await eventually('the address is off', async () => (await platform.request({ host: 'one.atoll.localhost' })).status === 404);
  await platform.call('POST', '/workers/scripts/one/subdomain', { enabled: true });
  await eventually('the address is on', async () => (await at('one.atoll.localhost')) === 'one');
});

test('the most specific route wins, a route without a script exempts', async () => {
  for (const [pattern, script] of [
    ['shop.example/*', 'one'], ['*.shop.example/*', 'two'], ['shop.example/api/*', 'three'], ['api.shop.example/*', 'four'],
    ['shop.example/static/*', undefined],
  ]) {
    const made = await routes('POST', '', { pattern, ...(script && { script }) });
    assert.equal(made.success, true, JSON.stringify(made));
  }
  assert.equal(await at('shop.example'), 'one');
  assert.equal(await at('shop.example', '/other?x=/api/'), 'one');
  assert.equal(await at('shop.example', '/api/v1'), 'three');
  assert.equal(await at('www.shop.example'), 'two');
  assert.equal(await at('api.shop.example'), 'four');
  assert.equal(await at('deep.www.shop.example'), 'two');
  assert.equal((await platform.request({ host: 'shop.example', path: '/static/a.css' })).status, 404);
  assert.equal((await platform.request({ host: 'othershop.example' })).status, 404);
});

test('routes can be listed, changed, removed; a pattern belongs to one Worker', async () => {
  const listed = (await routes('GET')).result;
  const api = listed.find(({ pattern }) => pattern === 'shop.example/api/*');
  assert.equal(api.script, 'three');
  await routes('PUT', api.id, { pattern: 'shop.example/api/*', script: 'two' });
  assert.equal(await at('shop.example', '/api/v1'), 'two');
  const twice = await routes('POST', '', { pattern: 'shop.example/api/*', script: 'one' });
  assert.deepEqual([twice.success, twice.errors[0].code], [false, 10020]);
  await routes('DELETE', api.id);
  assert.equal(await at('shop.example', '/api/v1'), 'one');
});

test('custom domains', async () => {
  const record = await platform.call('PUT', '/workers/domains', { hostname: 'app.shop.example', service: 'three', zone_id: zone, environment: 'production' });
  assert.equal(record.hostname, 'app.shop.example');
  assert.equal(await at('app.shop.example', '/any/path'), 'three');
  await platform.call('DELETE', `/workers/domains/${record.id}`);
  assert.equal(await at('app.shop.example'), 'two');
});

test('wrangler deploy sets routes and a custom domain', async () => {
  const wrangler = new Wrangler(platform);
  try {
    wrangler.configure({
      name: 'routed', main: 'index.js',
      routes: [{ pattern: 'blog.shop.example/*', zone_name: 'shop.example' }, { pattern: 'news.shop.example', custom_domain: true }],
    });
    wrangler.write({ 'index.js': says('routed') });
    await wrangler.run(['deploy']);
    assert.equal(await at('blog.shop.example', '/post'), 'routed');
    assert.equal(await at('news.shop.example'), 'routed');
  } finally {
    wrangler.remove();
  }
});

test('a running request finishes on the old version, the next one gets the new', async () => {
  await platform.uploadWorker('rolling', 'export default { async fetch() { await scheduler.wait(500); return new Response("old"); } }');
  const running = platform.request({ worker: 'rolling' });
  await new Promise((done) => { setTimeout(done, 150); });
  await platform.uploadWorker('rolling', says('new'));
  assert.equal(await at('rolling.atoll.localhost'), 'new');
  assert.equal((await running).body, 'old');
});
