// An outbound Worker takes whatever user Workers fetch when the dispatcher's binding names one.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { compatibilityDate, startPlatform } from './platform.mjs';

let platform;
let origin;

const user = `
import { connect } from 'cloudflare:sockets';
import { WorkerEntrypoint } from 'cloudflare:workers';
const steps = {
  '/fetch': async (url, env) => (await fetch(env.ORIGIN + '/page')).text(),
  '/redirect': async (url, env) => (await fetch(env.ORIGIN + '/moved')).text(),
  '/later': async (url, env) => { await scheduler.wait(5); return (await fetch(env.ORIGIN + '/page')).text(); },
  '/loopback': async (url, env, ctx) => (await ctx.exports.Inner.fetch('http://inner/fetch')).text(),
  '/rpc': async (url, env, ctx) => ctx.exports.Inner.page(env.ORIGIN),
  '/connect': (url, env) => dial(new URL(env.ORIGIN).host),
  '/connect-round': (url, env, ctx) => dial(new URL(env.ORIGIN).host, undefined, (...given) => ctx.exports.Sly.connect(...given)),
  '/connect-secured': (url, env) => dial(new URL(env.ORIGIN).host, { secureTransport: 'on' }),
  '/fails': async (url, env) => { try { await fetch(env.ORIGIN + '/fail'); return 'answered'; } catch (error) { return error.message; } },
  '/post': async (url, env) => (await fetch(env.ORIGIN + '/echo', { method: 'POST', body: 'sent by the user' })).text(),
  '/websocket': async (url, env) => {
    const { webSocket } = await fetch(env.ORIGIN + '/socket', { headers: { upgrade: 'websocket' } });
    webSocket.accept();
    return new Promise((done) => webSocket.addEventListener('message', ({ data }) => done(data)));
  },
};
// Asks for a page over a connection of its own.
async function dial(address, options, open = connect) {
  const socket = open(address, options);
  try {
    await socket.opened;
    const writer = socket.writable.getWriter();
    await writer.write(new TextEncoder().encode('GET /page HTTP/1.0\\r\\n\\r\\n'));
    const text = await new Response(socket.readable).text();
    return text.split('\\r\\n\\r\\n').pop();
  } catch (error) {
    return error.message + ': ' + error.cause?.message;
  }
}
async function answer(request, env, ctx) {
  const url = new URL(request.url);
  return new Response(await steps[url.pathname](url, env, ctx));
}
export class Sly extends WorkerEntrypoint {}
export class Inner extends WorkerEntrypoint {
  fetch(request) { return answer(request, this.env, this.ctx); }
  async page(where) { return (await fetch(where + '/page')).text(); }
}
export default { fetch: answer };`;

const outbound = `
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/fail') throw new Error('the outbound Worker says no');
    if (pathname === '/socket') {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      server.send('socket of the outbound Worker');
      return new Response(null, { status: 101, webSocket: client });
    }
    const answer = await fetch(request);
    if (answer.status >= 300 && answer.status < 400) return answer;
    return new Response(['outbound', env.customer?.id, env.missing, env.FIXED, await answer.text()].join(' | '));
  },
};`;

// Takes connections too.
const gateway = `
import { connect } from 'cloudflare:sockets';
export default {
  async connect(socket, env) {
    const { localAddress } = await socket.opened;
    const upstream = connect(localAddress);
    const writer = socket.writable.getWriter();
    await writer.write(new TextEncoder().encode('\\r\\n\\r\\ngateway of ' + env.customer.id + ' | '));
    writer.releaseLock();
    await Promise.all([
      socket.readable.pipeTo(upstream.writable),
      upstream.readable.pipeThrough(new TransformStream({
        transform(chunk, controller) { controller.enqueue(new TextEncoder().encode(new TextDecoder().decode(chunk).split('\\r\\n\\r\\n').pop())); },
      })).pipeTo(socket.writable),
    ]);
  },
};`;

const dispatcher = `
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname.startsWith('/undeclared')) {
      try { env.CONTROLLED.get('user', {}, { outbound: { other: 1 } }); return new Response('accepted'); } catch (error) { return new Response(error.name); }
    }
    const plain = url.searchParams.has('plain');
    const through = env[url.searchParams.get('by') ?? 'CONTROLLED'];
    const target = plain ? env.PLAIN.get('user') : through.get('user', {}, { outbound: { customer: { id: 'c' + url.searchParams.get('id') } } });
    return target.fetch(new Request(url.origin + url.pathname, request));
  },
};`;

before(async () => {
  origin = http.createServer((request, response) => {
    if (request.url === '/moved') return void response.writeHead(302, { location: '/page' }).end();
    if (request.url === '/echo') return void request.pipe(response);
    response.end(`page of the origin`);
  });
  await new Promise((done) => { origin.listen(0, '127.0.0.1', done); });
  const where = `http://127.0.0.1:${origin.address().port}`;
  platform = await startPlatform({ args: ['--egress-allow', '127.0.0.1'] });
  await platform.createNamespace('customers');
  const variable = { type: 'plain_text', name: 'ORIGIN', text: where };
  await platform.uploadUserWorker('customers', 'user', user, {
    bindings: [variable], compatibility_date: compatibilityDate, compatibility_flags: ['connect_pass_through'],
  });
  await platform.uploadWorker('outbound', outbound, { bindings: [{ type: 'plain_text', name: 'FIXED', text: 'fixed' }] });
  await platform.uploadWorker('gateway', gateway);
  await platform.uploadWorker('passing', outbound, { compatibility_flags: ['connect_pass_through'] });
  const binding = (name, service) => ({ type: 'dispatch_namespace', name, namespace: 'customers',
    outbound: { worker: { service }, params: [{ name: 'customer' }] } });
  await platform.uploadWorker('dispatcher', dispatcher, {
    bindings: [
      { type: 'dispatch_namespace', name: 'PLAIN', namespace: 'customers' },
      { type: 'dispatch_namespace', name: 'CONTROLLED', namespace: 'customers',
        outbound: { worker: { service: 'outbound' }, params: [{ name: 'customer' }, { name: 'missing' }] } },
      binding('GATEWAY', 'gateway'),
      binding('PASSING', 'passing'),
    ],
  });
  // outbound_across_lanes.test.mjs: the same with every call to a user Worker leaving the process.
  if (process.env.ATOLL_TEST_TRUST_GROUP) {
    await platform.call('PUT', '/atoll/trust_groups/customers', { dispatch_namespaces: ['customers'] });
  }
});
after(async () => {
  await platform?.stop();
  origin?.close();
});

async function get(path) {
  const answer = await platform.request({ worker: 'dispatcher', path });
  assert.equal(answer.status, 200, answer.body);
  return answer.body;
}

const through = (id, page = 'page of the origin') => `outbound | c${id} |  | fixed | ${page}`;

test('every fetch of the user Worker goes to the outbound Worker, with the parameters of the call', async () => {
  assert.equal(await get('/fetch?id=1'), through(1));
  assert.equal(await get('/fetch?id=2'), through(2));
  assert.equal(await get('/redirect?id=3'), through(3));
  assert.equal(await get('/later?id=4'), through(4));
  assert.equal(await get('/post?id=5'), through(5, 'sent by the user'));
});

test('two calls at once keep their parameters apart', async () => {
  const answers = await Promise.all([6, 7, 8, 9].map((id) => get(`/later?id=${id}`)));
  assert.deepEqual(answers, [6, 7, 8, 9].map((id) => through(id)));
});

test('no way around it: loopback, remote calls, WebSockets, TCP sockets', async () => {
  assert.equal(await get('/loopback?id=1'), through(1));
  assert.equal(await get('/rpc?id=1'), through(1));
  assert.equal(await get('/websocket?id=1'), 'socket of the outbound Worker');
  assert.equal(await get('/connect?id=1'),
    'proxy request failed, cannot connect to the specified address: Handler does not export a connect() function.');
});

test('a user Worker that lets connections by does so into the outbound Worker', async () => {
  assert.equal(await get('/connect-round?id=1&plain'), 'page of the origin');
  assert.match(await get('/connect-round?id=1'), /Handler does not export a connect\(\) function\.$/);
  assert.equal(await get('/connect-round?id=2&by=GATEWAY'), 'gateway of c2 | page of the origin');
});

test('TCP sockets go to the connect handler of the outbound Worker, or past it if it says so', async () => {
  assert.equal(await get('/connect?id=1&plain'), 'page of the origin');
  assert.equal(await get('/connect?id=1&by=GATEWAY'), 'gateway of c1 | page of the origin');
  assert.equal(await get('/connect?id=1&by=PASSING'), 'page of the origin');
  // What the handler gets of a secured connection is bytes of TLS: it cannot answer in the clear.
  assert.match(await get('/connect-secured?id=1&by=GATEWAY'), /^proxy request failed, cannot connect/);
});

test('an exception of the outbound Worker rejects the fetch', async () => {
  assert.equal(await get('/fails?id=1'), 'the outbound Worker says no');
});

test('another binding to the same namespace has none', async () => {
  assert.equal(await get('/fetch?plain'), 'page of the origin');
  assert.equal(await get('/connect?plain'), 'page of the origin');
});

test('a parameter that the binding does not declare is refused', async () => {
  assert.equal(await get('/undeclared'), 'TypeError');
});
