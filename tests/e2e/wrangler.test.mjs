// Every wrangler command the platform promises, unmodified, newest 4.x.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { account, eventually, startPlatform } from './platform.mjs';
import { Wrangler } from './wrangler.mjs';

let platform;
const opened = [];
const project = () => {
  const wrangler = new Wrangler(platform);
  opened.push(wrangler);
  return wrangler;
};
const uuids = (text) => text.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
const answers = (worker, body, path = '/') => eventually(`${worker} answers ${body}`, async () => {
  const answer = await platform.request({ worker, path });
  if (answer.body !== body) throw new Error(`${answer.status} ${answer.body.slice(0, 200)}`);
  return true;
});

before(async () => { platform = await startPlatform(); });
after(async () => {
  for (const wrangler of opened) wrangler.remove();
  await platform?.stop();
});

test('whoami names the account, with and without its id in the environment', async () => {
  const wrangler = project();
  assert.match(await wrangler.run(['whoami']), new RegExp(account));
  assert.match(await wrangler.run(['whoami'], { env: { CLOUDFLARE_ACCOUNT_ID: '' } }), new RegExp(account));
  await wrangler.run(['dispatch-namespace', 'list'], { fails: true, env: { CLOUDFLARE_API_TOKEN: 'wrong' } });
});

test('dispatch-namespace create, list, get, rename and delete', async () => {
  const wrangler = project();
  await wrangler.run(['dispatch-namespace', 'create', 'staging']);
  assert.match(await wrangler.run(['dispatch-namespace', 'list']), /staging/);
  assert.match(await wrangler.run(['dispatch-namespace', 'get', 'staging']), /namespace_id/);
  await wrangler.run(['dispatch-namespace', 'rename', 'staging', 'preview']);
  assert.match(await wrangler.run(['dispatch-namespace', 'get', 'preview']), /preview/);
  assert.match(await wrangler.run(['dispatch-namespace', 'get', 'staging'], { fails: true }), /100119/);
  await wrangler.run(['dispatch-namespace', 'delete', 'preview']);
  assert.doesNotMatch(await wrangler.run(['dispatch-namespace', 'list']), /preview/);
});

test('deploy: a first time, and again with new code', async () => {
  const wrangler = project();
  wrangler.configure({ name: 'plain', main: 'index.js' });
  wrangler.write({ 'index.js': 'export default { fetch: () => new Response("one") };' });
  const output = await wrangler.run(['deploy']);
  assert.equal(uuids(output).length > 0, true, output);
  await answers('plain', 'one');
  wrangler.write({ 'index.js': 'export default { fetch: () => new Response("two") };' });
  await wrangler.run(['deploy']);
  await answers('plain', 'two');
});

test('deploy: modules of every kind, variables, KV, a service and a dispatch namespace', async () => {
  const wrangler = project();
  const kv = await platform.createKv('for deploy');
  await platform.uploadWorker('backend', 'export default { fetch: (request) => new Response("backend " + new URL(request.url).pathname) }');
  await wrangler.run(['dispatch-namespace', 'create', 'tenants']);
  await platform.uploadUserWorker('tenants', 'tenant', 'export default { fetch: () => new Response("tenant") }');
  wrangler.configure({
    name: 'everything',
    main: 'index.js',
    vars: { PLAIN: 'text', SHAPE: { a: [1] } },
    kv_namespaces: [{ binding: 'STORE', id: kv }],
    services: [{ binding: 'BACKEND', service: 'backend' }],
    dispatch_namespaces: [{ binding: 'TENANTS', namespace: 'tenants' }],
    version_metadata: { binding: 'VERSION' },
    rules: [{ type: 'Text', globs: ['**/*.html'], fallthrough: true }, { type: 'Data', globs: ['**/*.dat'], fallthrough: true }],
  });
  // (module (func (export "seven") (result i32) i32.const 7))
  const wasm = Buffer.from('0061736d010000000105016000017f0302010007090105736576656e00000a0601040041070b', 'hex');
  wrangler.write({
    'index.js': `
      import page from './page.html';
      import bytes from './bytes.dat';
      import wasm from './seven.wasm';
      import { other } from './other.js';
      export default {
        async fetch(request, env) {
          await env.STORE.put('key', 'stored');
          return Response.json({
            page, other, bytes: [...new Uint8Array(bytes)], seven: new WebAssembly.Instance(wasm).exports.seven(),
            plain: env.PLAIN, shape: env.SHAPE, stored: await env.STORE.get('key'), version: typeof env.VERSION.id,
            backend: await (await env.BACKEND.fetch('https://backend/path')).text(),
            tenant: await (await env.TENANTS.get('tenant').fetch('https://tenant/')).text(),
          });
        },
      };`,
    'other.js': 'export const other = "other";',
    'page.html': '<p>page</p>',
    'bytes.dat': Uint8Array.of(0, 255, 128),
    'seven.wasm': wasm,
  });
  await wrangler.run(['deploy']);
  const answer = await platform.request({ worker: 'everything' });
  assert.equal(answer.status, 200, answer.body);
  assert.deepEqual(JSON.parse(answer.body), {
    page: '<p>page</p>', other: 'other', bytes: [0, 255, 128], seven: 7, plain: 'text', shape: { a: [1] },
    stored: 'stored', version: 'string', backend: 'backend /path', tenant: 'tenant',
  });
});

test('deploy without bundling uploads each module by its name', async () => {
  const wrangler = project();
  wrangler.configure({ name: 'unbundled', main: 'src/index.js', no_bundle: true, rules: [{ type: 'ESModule', globs: ['**/*.js'] }] });
  wrangler.write({
    'src/index.js': 'import { word } from "./lib/word.js"; export default { fetch: () => new Response(word) };',
    'src/lib/word.js': 'export const word = "by name";',
  });
  await wrangler.run(['deploy']);
  await answers('unbundled', 'by name');
});

test('deploy: a service-worker script', async () => {
  const wrangler = project();
  wrangler.configure({ name: 'classic', main: 'index.js', vars: { WORD: 'classic' } });
  wrangler.write({ 'index.js': 'addEventListener("fetch", (event) => event.respondWith(new Response(WORD)));' });
  await wrangler.run(['deploy']);
  await answers('classic', 'classic');
});

test('deploy: a syntax or start-up error comes back with its place', async () => {
  const wrangler = project();
  wrangler.configure({ name: 'broken', main: 'index.js' });
  wrangler.write({ 'index.js': 'const settings = undefined;\nexport default { fetch() {} };\nsettings.colour.toString();' });
  const output = await wrangler.run(['deploy'], { fails: true });
  assert.match(output, /10021/);
  assert.match(output, /colour/);
});

test('deploy --dispatch-namespace: first, second, into a missing namespace', async () => {
  const wrangler = project();
  await platform.createNamespace('customers');
  await platform.uploadWorker('front', 'export default { fetch: (request, env) => env.NS.get("cust").fetch(request) }', {
    bindings: [{ type: 'dispatch_namespace', name: 'NS', namespace: 'customers' }],
  });
  wrangler.configure({ name: 'cust', main: 'index.js', vars: { N: 'first' } });
  wrangler.write({ 'index.js': 'export default { fetch: (request, env) => new Response(env.N) };' });
  await wrangler.run(['deploy', '--dispatch-namespace', 'customers']);
  await answers('front', 'first');
  wrangler.configure({ name: 'cust', main: 'index.js', vars: { N: 'second' } });
  await wrangler.run(['deploy', '--dispatch-namespace', 'customers']);
  await answers('front', 'second');
  assert.match(await wrangler.run(['deploy', '--dispatch-namespace', 'absent'], { fails: true }), /absent/);
});

test('secret put, list, bulk and delete; put on a missing Worker makes a draft', async () => {
  const wrangler = project();
  wrangler.configure({ name: 'secretive', main: 'index.js' });
  wrangler.write({
    'index.js': 'export default { fetch: (request, env) => new Response([env.A, env.B, env.C].join()) };',
    'more.json': { B: 'bee', C: 'sea' },
    'fewer.json': { B: null },
  });
  await wrangler.run(['secret', 'put', 'A'], { input: 'draft' });
  await wrangler.run(['deploy']);
  await answers('secretive', 'draft,,');
  await wrangler.run(['secret', 'put', 'A'], { input: 'ay' });
  await answers('secretive', 'ay,,');
  await wrangler.run(['secret', 'bulk', 'more.json']);
  await answers('secretive', 'ay,bee,sea');
  const listed = await wrangler.run(['secret', 'list']);
  assert.match(listed, /"A"/);
  assert.doesNotMatch(listed, /bee/);
  await wrangler.run(['secret', 'bulk', 'fewer.json']);
  await answers('secretive', 'ay,,sea');
  await wrangler.run(['secret', 'delete', 'A'], { input: 'y\n' });
  await answers('secretive', ',,sea');
  await wrangler.run(['deploy']);
  await answers('secretive', ',,sea');
});

test('versions upload, list, view and deploy; deployments list; rollback', async () => {
  const wrangler = project();
  wrangler.configure({ name: 'versioned', main: 'index.js' });
  const code = (word) => ({ 'index.js': `export default { fetch: () => new Response("${word}") };` });
  wrangler.write(code('one'));
  const first = uuids(await wrangler.run(['deploy']))[0];
  await answers('versioned', 'one');

  wrangler.write(code('two'));
  const uploaded = await wrangler.run(['versions', 'upload', '--tag', 'v2', '--message', 'the second']);
  const second = uuids(uploaded)[0];
  await answers('versioned', 'one');
  const listed = await wrangler.run(['versions', 'list']);
  assert.ok(listed.includes(first) && listed.includes(second), listed);
  assert.match(await wrangler.run(['versions', 'view', second]), /the second/);

  await wrangler.run(['versions', 'deploy', `${second}@100%`, '-y']);
  await answers('versioned', 'two');
  const deployments = await wrangler.run(['deployments', 'list']);
  assert.ok(deployments.includes(second), deployments);
  assert.match(await wrangler.run(['deployments', 'status']), new RegExp(second));

  await wrangler.run(['rollback', first, '--message', 'back', '-y']);
  await answers('versioned', 'one');
});

test('delete removes the Worker', async () => {
  const wrangler = project();
  wrangler.configure({ name: 'doomed', main: 'index.js' });
  wrangler.write({ 'index.js': 'export default { fetch: () => new Response("here") };' });
  await wrangler.run(['deploy']);
  await answers('doomed', 'here');
  await wrangler.run(['delete', '--force']);
  await eventually('the Worker is gone', async () => (await platform.request({ worker: 'doomed' })).status === 404);
});

test('kv namespace create, list, rename and delete', async () => {
  const wrangler = project();
  wrangler.configure({ name: 'kv-user', main: 'index.js' });
  await wrangler.run(['kv', 'namespace', 'create', 'shelf']);
  assert.match(await wrangler.run(['kv', 'namespace', 'create', 'shelf'], { fails: true }), /already exists|10014/);
  const listed = JSON.parse(await wrangler.run(['kv', 'namespace', 'list']));
  const { id } = listed.find(({ title }) => title === 'shelf');
  await wrangler.run(['kv', 'namespace', 'rename', '--namespace-id', id, '--new-name', 'rack']);
  assert.ok(JSON.parse(await wrangler.run(['kv', 'namespace', 'list'])).some(({ title }) => title === 'rack'));
  await wrangler.run(['kv', 'namespace', 'delete', '--namespace-id', id], { input: 'y\n' });
  assert.ok(!JSON.parse(await wrangler.run(['kv', 'namespace', 'list'])).some((one) => one.id === id));
});

test('kv key put, get, list and delete, with slashes, spaces, time to live and metadata', async () => {
  const wrangler = project();
  const id = await platform.createKv('keys');
  const kv = (...args) => wrangler.run(['kv', 'key', ...args, '--namespace-id', id, '--remote']);
  await kv('put', 'a/b c', 'value one');
  await kv('put', 'meta', 'value two', '--metadata', '{"n":1}', '--ttl', '600');
  assert.match(await kv('get', 'a/b c'), /value one/);
  const keys = JSON.parse(await kv('list'));
  assert.deepEqual(keys.map(({ name }) => name), ['a/b c', 'meta']);
  assert.deepEqual(keys[1].metadata, { n: 1 });
  assert.ok(keys[1].expiration > Date.now() / 1000 + 500);
  assert.equal(JSON.parse(await kv('list', '--prefix', 'a/')).length, 1);
  await kv('delete', 'a/b c');
  await wrangler.run(['kv', 'key', 'get', 'a/b c', '--namespace-id', id, '--remote'], { fails: true });
});

test('kv bulk put, get and delete, over one page of keys', async () => {
  const wrangler = project();
  const id = await platform.createKv('bulk');
  const names = Array.from({ length: 1500 }, (_, index) => `key-${String(index).padStart(4, '0')}`);
  wrangler.write({
    'put.json': names.map((key) => ({ key, value: `value of ${key}` })),
    'get.json': names.slice(0, 3),
    'delete.json': names.slice(0, 1400),
  });
  const on = ['--namespace-id', id, '--remote'];
  await wrangler.run(['kv', 'bulk', 'put', 'put.json', ...on]);
  assert.equal(JSON.parse(await wrangler.run(['kv', 'key', 'list', ...on])).length, 1500);
  assert.match(await wrangler.run(['kv', 'bulk', 'get', 'get.json', ...on]), /value of key-0002/);
  await wrangler.run(['kv', 'bulk', 'delete', 'delete.json', '--force', ...on]);
  assert.equal(JSON.parse(await wrangler.run(['kv', 'key', 'list', ...on])).length, 100);
});
