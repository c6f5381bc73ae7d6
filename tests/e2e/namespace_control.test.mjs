// Workers that a dispatch namespace puts before (inbound) and behind (outbound) all of its user Workers.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { compatibilityDate, eventually, startPlatform } from './platform.mjs';

let platform;
let origin;

const user = `
import { connect } from 'cloudflare:sockets';
import { WorkerEntrypoint } from 'cloudflare:workers';
const page = (env) => fetch(env.ORIGIN + '/page').then((answer) => answer.text());
const loaded = "import { connect } from 'cloudflare:sockets'; export default { async fetch(request, env) {" +
  "if (request.url.endsWith('tcp')) { try { const s = connect(new URL(env.ORIGIN).host); await s.opened; return new Response('connected'); } catch (error) { return new Response(error.message); } }" +
  "return fetch(env.ORIGIN + '/page'); } };";
const load = (env, path) => env.LOADER.load({ compatibilityDate: '${compatibilityDate}', mainModule: 'a.js', modules: { 'a.js': loaded }, env: { ORIGIN: env.ORIGIN } })
  .getEntrypoint().fetch('http://loaded/' + path).then((answer) => answer.text());
const steps = {
  '/fetch': page,
  '/redirect': async (env) => (await fetch(env.ORIGIN + '/moved')).text(),
  '/timer': async (env) => { await scheduler.wait(2); return page(env); },
  '/later': async (env, ctx) => { ctx.waitUntil(page(env).then((text) => env.KV.put('later', text))); return 'started'; },
  '/loopback': async (env, ctx) => (await ctx.exports.Inner.fetch('http://inner/fetch')).text(),
  '/rpc': (env, ctx) => ctx.exports.Inner.page(),
  '/loaded': (env) => load(env, 'fetch'),
  '/loaded-tcp': (env) => load(env, 'tcp'),
  '/tcp': async (env) => { try { const s = connect(new URL(env.ORIGIN).host); await s.opened; return 'connected'; } catch (error) { return error.message; } },
  '/cache': async (env) => { await caches.open('x').then((cache) => cache.match(env.ORIGIN + '/page')); return page(env); },
  '/beacon': async (env) => { navigator.sendBeacon(env.ORIGIN + '/beacon', 'x'); return page(env); },
  '/websocket': async (env) => {
    const { webSocket } = await fetch(env.ORIGIN + '/socket', { headers: { upgrade: 'websocket' } });
    webSocket.accept();
    return new Promise((done) => webSocket.addEventListener('message', ({ data }) => done(data)));
  },
  '/new-websocket': (env) => {
    const socket = new WebSocket(env.ORIGIN.replace('http', 'ws') + '/socket');
    return new Promise((done) => { socket.addEventListener('message', ({ data }) => done(data)); socket.addEventListener('error', () => done('error')); });
  },
  '/events': (env) => {
    const source = new EventSource(env.ORIGIN + '/events');
    return new Promise((done) => { source.onmessage = ({ data }) => { source.close(); done(data); }; source.onerror = () => { source.close(); done('error'); }; });
  },
  '/burn': () => { let sum = 0; for (let i = 0; i < 3e8; i += 1) sum += i % 7; return String(sum); },
  '/props': (env, ctx) => JSON.stringify(ctx.props),
};
export class Inner extends WorkerEntrypoint {
  async fetch(request) { return new Response(await steps[new URL(request.url).pathname](this.env, this.ctx)); }
  page() { return page(this.env); }
}
export default class extends WorkerEntrypoint {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/echo') return new Response(request.body);
    return new Response(await steps[pathname](this.env, this.ctx));
  }
  greet(name) { return 'hello ' + name + ' ' + JSON.stringify(this.ctx.props); }
  reach() { return page(this.env); }
  hidden() { return 'not for everybody'; }
}`;

const control = `
import { WorkerEntrypoint } from 'cloudflare:workers';
export class Out extends WorkerEntrypoint {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/socket') {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      server.send('socket from behind');
      return new Response(null, { status: 101, webSocket: client });
    }
    if (pathname === '/events') return new Response('data: event from behind\\n\\n', { headers: { 'content-type': 'text/event-stream' } });
    const answer = await fetch(request);
    if (answer.status >= 300 && answer.status < 400) return answer;
    return new Response('behind: ' + await answer.text());
  }
}
export class In extends WorkerEntrypoint {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/forbidden') return new Response('stopped before it', { status: 403 });
    const answer = await this.ctx.next({ props: { from: 'inbound', path: pathname } });
    return new Response(answer.body, { status: answer.status, headers: { 'x-inbound': 'seen' } });
  }
  async greet(...args) { return 'in: ' + await this.ctx.next({ props: { checked: args.length } }); }
}
export default { fetch() { return new Response('the account itself'); } };`;

const dispatcher = `
export default { async fetch(request, env) {
  const url = new URL(request.url);
  const user = env.CUSTOMERS.get('user', { from: 'dispatcher' });
  try {
    if (url.pathname === '/call/greet') return new Response(await user.greet('Ada'));
    if (url.pathname === '/call/reach') return new Response(await user.reach());
    if (url.pathname === '/call/hidden') return new Response(await user.hidden());
    if (url.pathname === '/stored') return new Response(await env.KV.get('later'));
    return await user.fetch(request);
  } catch (error) { return new Response('failed: ' + error.message, { status: 500 }); }
} };`;

before(async () => {
  origin = http.createServer((request, response) => {
    if (request.url === '/moved') return void response.writeHead(302, { location: '/page' }).end();
    response.end('page of the origin');
  });
  await new Promise((done) => { origin.listen(0, '127.0.0.1', done); });
  platform = await startPlatform({ hosts: 2, args: ['--egress-allow', '127.0.0.1'] });
  await platform.createNamespace('customers');
  const kv = { type: 'kv_namespace', name: 'KV', namespace_id: await platform.createKv('later') };
  await platform.uploadUserWorker('customers', 'user', user, { bindings: [
    { type: 'plain_text', name: 'ORIGIN', text: `http://127.0.0.1:${origin.address().port}` }, { type: 'worker_loader', name: 'LOADER' }, kv,
  ] });
  await platform.uploadWorker('control', control);
  await platform.uploadWorker('dispatcher', dispatcher, { bindings: [{ type: 'dispatch_namespace', name: 'CUSTOMERS', namespace: 'customers' }, kv] });
});
after(async () => {
  await platform?.stop();
  origin?.closeAllConnections();
  origin?.close();
});

const configure = (members) => platform.call('PATCH', '/workers/dispatch/namespaces/customers', members);
async function get(path, options = {}) {
  const { status, body, headers } = await platform.request({ worker: 'dispatcher', path, ...options });
  return { status, body, headers };
}
const bodyOf = async (path) => (await get(path)).body;

test('configuration is checked, shown, and taken away with null', async () => {
  await assert.rejects(configure({ outbound: { service: 'nobody' } }), { status: 400, code: 10021 });
  await assert.rejects(configure({ inbound: 'control' }), { status: 400, code: 10026 });
  assert.deepEqual((await configure({ outbound: { service: 'control', entrypoint: 'Out' } })).outbound, { service: 'control', entrypoint: 'Out' });
  const shown = await configure({ outbound: null });
  assert.equal(shown.outbound, undefined);
  assert.equal(await bodyOf('/fetch'), 'page of the origin');
});

test('the outbound Worker takes whatever any code of the user Worker sends out, from the moment it is set', async () => {
  await configure({ outbound: { service: 'control', entrypoint: 'Out' } });
  const through = 'behind: page of the origin';
  for (const path of ['/fetch', '/redirect', '/timer', '/loopback', '/rpc', '/loaded', '/cache', '/beacon', '/call/reach']) {
    assert.equal(await bodyOf(path), through, path);
  }
  assert.equal(await bodyOf('/later'), 'started');
  for (let i = 0; i < 200 && await bodyOf('/stored') !== through; i += 1) await new Promise((done) => { setTimeout(done, 20); });
  assert.equal(await bodyOf('/stored'), through);
  assert.equal(await bodyOf('/websocket'), 'socket from behind');
  assert.equal(await bodyOf('/new-websocket'), 'socket from behind');
  assert.equal(await bodyOf('/events'), 'event from behind');
});

test('TCP connections are refused, in loaded Workers too, since it has no connect() handler', async () => {
  for (const path of ['/tcp', '/loaded-tcp']) assert.notEqual(await bodyOf(path), 'connected', path);
});

test('an outbound Worker that is gone is no way out', async () => {
  await platform.uploadWorker('fleeting', control);
  await configure({ outbound: { service: 'fleeting', entrypoint: 'Out' } });
  assert.equal(await bodyOf('/fetch'), 'behind: page of the origin');
  await platform.call('DELETE', '/workers/scripts/fleeting?force=true');
  assert.doesNotMatch(await bodyOf('/fetch'), /page of the origin/);
  await configure({ outbound: null });
  assert.equal(await bodyOf('/fetch'), 'page of the origin');
});

test('the inbound Worker runs first, goes on with next(), and gives props', async () => {
  await configure({ inbound: { service: 'control', entrypoint: 'In' } });
  const answer = await get('/fetch');
  assert.equal(answer.body, 'page of the origin');
  assert.equal(answer.headers['x-inbound'], 'seen');
  assert.equal(await bodyOf('/props'), JSON.stringify({ from: 'inbound', path: '/props' }));
  assert.deepEqual(await get('/forbidden').then(({ status, body }) => ({ status, body })), { status: 403, body: 'stopped before it' });
  assert.equal((await get('/echo', { method: 'POST', body: 'x'.repeat(100_000) })).body.length, 100_000);
  assert.equal(await bodyOf('/call/greet'), 'in: hello Ada {"checked":1}');
});

test('a handler that the inbound Worker lacks is blocked', async () => {
  assert.match(await bodyOf('/call/hidden'), /^failed: /);
  assert.match(await bodyOf('/call/reach'), /^failed: /);
  await configure({ inbound: { service: 'control', entrypoint: 'Missing' } });
  assert.notEqual((await get('/fetch')).status, 200);
  await configure({ inbound: null });
  assert.equal(await bodyOf('/call/hidden'), 'not for everybody');
});

test('both together, and only for the namespace', async () => {
  await configure({ inbound: { service: 'control', entrypoint: 'In' }, outbound: { service: 'control', entrypoint: 'Out' } });
  assert.equal(await bodyOf('/fetch'), 'behind: page of the origin');
  assert.equal((await platform.request({ worker: 'control' })).body, 'the account itself');
  await configure({ inbound: null, outbound: null });
});

test('nothing changes when the user Worker runs in hosts of another lane', async () => {
  await configure({ inbound: { service: 'control', entrypoint: 'In' }, outbound: { service: 'control', entrypoint: 'Out' } });
  const moved = () => platform.logEntries().some((entry) => entry.event === 'script_moved' && entry.script === 'user');
  let burning = true;
  const burner = (async () => { while (burning) await get('/burn'); })();
  await eventually('the move', moved, 30_000);
  burning = false;
  await burner;
  for (const path of ['/fetch', '/redirect', '/rpc', '/loaded']) assert.equal(await bodyOf(path), 'behind: page of the origin', path);
  assert.equal(await bodyOf('/props'), JSON.stringify({ from: 'inbound', path: '/props' }));
  assert.equal((await get('/forbidden')).status, 403);
  assert.equal(await bodyOf('/call/greet'), 'in: hello Ada {"checked":1}');
  assert.match(await bodyOf('/call/hidden'), /^failed: /);
  assert.notEqual(await bodyOf('/tcp'), 'connected');
  await configure({ inbound: null, outbound: null });
  assert.equal(await bodyOf('/call/hidden'), 'not for everybody');
  assert.equal(await bodyOf('/props'), JSON.stringify({ from: 'dispatcher' }));
});
