// What an upload is checked for, what comes back when something is wrong, and that a refused one changes nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { account, compatibilityDate, startPlatform, token, uploadForm } from './platform.mjs';

let platform;
before(async () => { platform = await startPlatform(); });
after(() => platform?.stop());

const answer = async (worker, path) => (await platform.request({ worker, path })).body;

// The upload is refused with this code and a text that matches.
async function refused(modules, metadata, code, pattern) {
  await assert.rejects(platform.uploadWorker('refused', modules, metadata), (error) => {
    assert.equal(error.code, code, error.message);
    assert.ok(error.status >= 400 && error.status < 500, error.message);
    assert.match(error.message, pattern);
    return true;
  });
  assert.equal((await platform.request({ worker: 'refused' })).status, 404);
}

test('a wrong or missing token is 401 with code 10000, everywhere', async () => {
  for (const headers of [{ authorization: '' }, { authorization: 'Bearer wrong' }, { authorization: `Basic ${token}` }]) {
    for (const path of [`/accounts/${account}/workers/scripts`, '/user', '/accounts', '/nowhere']) {
      const { status, body } = await platform.api('GET', path, undefined, headers);
      assert.deepEqual([status, body.success, body.errors[0].code], [401, false, 10000], path);
    }
  }
  const other = await platform.api('GET', '/accounts/ffffffffffffffffffffffffffffffff/workers/scripts');
  assert.ok([401, 403, 404].includes(other.status), String(other.status));
});

test('an unknown path is 404 with code 7003', async () => {
  const { status, body } = await platform.api('GET', `/accounts/${account}/nowhere`);
  assert.deepEqual([status, body.errors[0].code], [404, 7003]);
});

test('a syntax error names file, line and column', () =>
  refused({ 'main.js': 'import "./lib/part.js"; export default { fetch() {} }', 'lib/part.js': 'let fine;\nlet x = ;' }, {}, 10021, /part\.js:2(:\d+)?/));

test('an error at start-up names its place', () =>
  refused('export default { fetch() {} };\n\nundefinedFunction();', {}, 10021, /undefinedFunction[^]*worker\.js:3:1|worker\.js:3:1[^]*undefinedFunction/));

test('an import of a module that was not uploaded is refused', () =>
  refused('import x from "./absent.js"; export default { fetch() {} }', {}, 10021, /absent\.js/));

test('an import of a name that a module does not export is refused', () =>
  refused({ 'main.js': 'import { nope } from "./part.js"; export default { fetch() {} }', 'part.js': 'export const yes = 1;' }, {}, 10021, /nope/));

test('I/O, timers and randomness in global scope are refused', async () => {
  await refused('await fetch("https://example.com"); export default { fetch() {} }', {}, 10021, /global scope/i);
  await refused('setTimeout(() => {}, 1); export default { fetch() {} }', {}, 10021, /global scope/i);
  await refused('crypto.randomUUID(); export default { fetch() {} }', {}, 10021, /global scope/i);
});

test('no handler, no main module, unknown metadata and forms that cannot be read', async () => {
  await refused('export const answer = 42;', {}, 10068, /./);
  await refused('export default {}', {}, 10068, /./);
  await refused('export default { fetch() {} }', { main_module: 'other.js' }, 10021, /other\.js/);
  const broken = await platform.api('PUT', `/accounts/${account}/workers/scripts/refused`, '--x\r\nnonsense', { 'content-type': 'multipart/form-data; boundary=x' });
  assert.deepEqual([broken.status, broken.body.errors[0].code], [400, 10026]);
});

test('bindings: unknown type, missing name, twice the same name, missing namespace', async () => {
  const worker = 'export default { fetch() {} }';
  await refused(worker, { bindings: [{ type: 'telepathy', name: 'MIND' }] }, 10021, /MIND/);
  await refused(worker, { bindings: [{ type: 'plain_text', text: 'x' }] }, 10052, /./);
  await refused(worker, { bindings: [{ type: 'plain_text', name: 'A', text: '1' }, { type: 'plain_text', name: 'A', text: '2' }] }, 10021, /A/);
  await refused(worker, { bindings: [{ type: 'dispatch_namespace', name: 'NS', namespace: 'absent' }] }, 100119, /absent/);
});

test('a script beyond the size limit is 10027', () =>
  refused({ 'main.js': 'import big from "./big.bin"; export default { fetch() {} }', 'big.bin': new Uint8Array(70 << 20) }, {}, 10027, /./));

test('bad script names are 10016', async () => {
  for (const name of ['UPPER', '-dash', 'a'.repeat(64), 'dot.dot']) {
    await assert.rejects(platform.uploadWorker(name, 'export default { fetch() {} }'), (error) => error.code === 10016);
  }
});

test('a refused upload leaves the running version alone', async () => {
  await platform.uploadWorker('stays', 'export default { fetch: () => new Response("running") }');
  await assert.rejects(platform.uploadWorker('stays', 'export default {'));
  await assert.rejects(platform.uploadWorker('stays', 'throw new Error("at start")'));
  assert.equal(await answer('stays'), 'running');
});

test('every kind of module, CommonJS included', async () => {
  await platform.uploadWorker('modules', {
    'main.js': `
      import text from './a.txt';
      import data from './b.bin';
      import json from './c.json';
      import common from './d.cjs';
      import { deep } from './folder/deep.js';
      export default { fetch: () => Response.json([text, data.byteLength, json.n, common.word, deep]) };`,
    'a.txt': 'text', 'b.bin': new Uint8Array(3), 'c.json': '{"n":7}', 'd.cjs': 'module.exports = { word: "common" };',
    'folder/deep.js': 'import { up } from "../up.js"; export const deep = up + 1;', 'up.js': 'export const up = 1;',
  });
  assert.equal(await answer('modules'), '["text",3,7,"common",2]');
});

test('bindings whose content is a part of the form', async () => {
  const script = "addEventListener('fetch', (event) => event.respondWith(Response.json([TEXT, [...new Uint8Array(DATA)], " +
    "typeof new WebAssembly.Instance(WASM).exports])));";
  const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
  const form = new FormData();
  form.set('metadata', new Blob([JSON.stringify({
    body_part: 'script', compatibility_date: compatibilityDate,
    bindings: [
      { type: 'text_blob', name: 'TEXT', part: 'text' }, { type: 'data_blob', name: 'DATA', part: './data' },
      { type: 'wasm_module', name: 'WASM', part: 'wasm' },
    ],
  })], { type: 'application/json' }));
  form.set('script', new Blob([script], { type: 'application/javascript' }), 'script');
  form.set('text', new Blob(['a text'], { type: 'text/plain' }), 'text');
  form.set('data', new Blob([new Uint8Array([1, 2, 255])], { type: 'application/octet-stream' }), 'data');
  form.set('wasm', new Blob([wasm], { type: 'application/wasm' }), 'wasm');
  await platform.call('PUT', '/workers/scripts/parts', form);
  await platform.call('POST', '/workers/scripts/parts/subdomain', { enabled: true });
  assert.equal(await answer('parts'), '["a text",[1,2,255],"object"]');
});

test('service-worker scripts: by body_part, and as a raw body', async () => {
  await platform.uploadWorker('classic', { 'script.js': 'addEventListener("fetch", (event) => event.respondWith(new Response(GREETING)));' }, {
    main_module: undefined, body_part: 'script.js', bindings: [{ type: 'plain_text', name: 'GREETING', text: 'classic' }],
  });
  assert.equal(await answer('classic'), 'classic');
  const raw = await platform.api('PUT', `/accounts/${account}/workers/scripts/raw`,
    'addEventListener("fetch", (event) => event.respondWith(new Response("raw")));', { 'content-type': 'application/javascript' });
  assert.equal(raw.body.success, true, JSON.stringify(raw.body));
  await platform.call('POST', '/workers/scripts/raw/subdomain', { enabled: true });
  assert.equal(await answer('raw'), 'raw');
});

test('unknown metadata members are ignored, JSON is read whatever its content type', async () => {
  await platform.uploadWorker('future', 'export default { fetch: () => new Response("ok") }', { invented_later: { a: 1 } });
  assert.equal(await answer('future'), 'ok');
  const { body } = await platform.api('POST', `/accounts/${account}/storage/kv/namespaces`, '{"title":"as text"}', { 'content-type': 'text/plain;charset=UTF-8' });
  assert.equal(body.success, true);
});

test('secrets survive an upload and are never shown', async () => {
  const worker = 'export default { fetch: (request, env) => new Response(String(env.KEY)) }';
  await platform.uploadWorker('keeps', worker, { bindings: [{ type: 'secret_text', name: 'KEY', text: 'hidden-value' }] });
  await platform.uploadWorker('keeps', worker, { keep_bindings: ['secret_text'] });
  assert.equal(await answer('keeps'), 'hidden-value');
  for (const path of ['settings', 'secrets', 'versions', 'deployments', 'script-settings']) {
    const shown = await platform.api('GET', `/accounts/${account}/workers/scripts/keeps/${path}`);
    assert.ok(!JSON.stringify(shown.body).includes('hidden-value'), path);
  }
});

test('code can be downloaded as it was uploaded', async () => {
  const source = 'export default { fetch: () => new Response("download me") }';
  await platform.uploadWorker('down', source);
  const one = await platform.api('GET', `/accounts/${account}/workers/scripts/down`);
  assert.equal(one.body, source);
  await platform.uploadWorker('down', { 'main.js': 'import "./part.js"; export default { fetch() {} }', 'part.js': 'export {};' });
  const several = await platform.api('GET', `/accounts/${account}/workers/scripts/down/content/v2`);
  assert.match(several.headers.get('content-type'), /^multipart\/form-data/);
  assert.equal(several.headers.get('cf-entrypoint'), 'main.js');
  assert.match(several.body, /name="part\.js"/);
});

test('uploads of one script at the same time: one of them wins whole', async () => {
  const versions = await Promise.all(Array.from({ length: 8 }, (_, i) =>
    platform.call('PUT', '/workers/scripts/raced', uploadForm({
      'main.js': `import { n } from "./n.js"; export default { fetch: () => new Response("${i} " + n) }`, 'n.js': `export const n = ${i};`,
    }, { compatibility_date: compatibilityDate })).then(() => true, (error) => error.status === 409)));
  assert.ok(versions.every(Boolean));
  await platform.call('POST', '/workers/scripts/raced/subdomain', { enabled: true });
  const [left, right] = (await answer('raced')).split(' ');
  assert.equal(left, right);
});
