// Workers that a Worker loads through a worker_loader binding, and what they may reach.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { compatibilityDate, startPlatform } from './platform.mjs';

let platform;
let origin;
let reached = 0;

// What is loaded: it answers with what it was given, and fetches what it is told to.
const loaded = `
import { WorkerEntrypoint } from 'cloudflare:workers';
import { connect } from 'cloudflare:sockets';
async function attempt(action) {
  try { return await action(); } catch (error) { return error.name + ': ' + error.message; }
}
export class Inner extends WorkerEntrypoint {
  out(where) { return attempt(async () => (await fetch(where)).text()); }
}
export default class extends WorkerEntrypoint {
  fetch() { return Response.json({ env: this.env, props: this.ctx.props }); }
  out(where) { return attempt(async () => (await fetch(where)).text()); }
  around(where) { return this.ctx.exports.Inner.out(where); }
  dial(where) {
    return attempt(async () => {
      try { await connect(new URL(where).host).opened; } catch (error) { throw error.cause ?? error; }
      return 'connected';
    });
  }
  socket(where) {
    return attempt(async () => (await fetch(where, { headers: { upgrade: 'websocket' } })).text());
  }
  async count() { globalThis.calls = (globalThis.calls ?? 0) + 1; return globalThis.calls; }
}`;

const parent = `
import { WorkerEntrypoint } from 'cloudflare:workers';
const loaded = ${JSON.stringify(loaded)};
export class Gate extends WorkerEntrypoint {
  fetch(request) { return new Response('gate of ' + this.ctx.props.tenant + ': ' + new URL(request.url).pathname); }
}
export class Own extends WorkerEntrypoint {
  async fetch(request) { return fetch(request); }
}
export class Exchange extends WorkerEntrypoint {
  async connect(socket) { globalThis.dialled = (await socket.opened).localAddress; }
}
async function past(stub, env) {
  try {
    const socket = stub.getEntrypoint().connect(new URL(env.ORIGIN).host);
    await socket.opened;
    await socket.close();
    return 'connected';
  } catch (error) { return String(error.cause?.message ?? error.message); }
}
const code = (more) => ({ compatibilityDate: '${compatibilityDate}', mainModule: 'main.js', modules: { 'main.js': loaded }, ...more });
const steps = {
  async '/given'(env) {
    const stub = env.LOADER.load(code({ env: { a: 1, list: [2] } }));
    return (await stub.getEntrypoint(undefined, { props: { p: 3 } }).fetch('http://loaded/')).text();
  },
  async '/named'(env) {
    const entry = () => env.LOADER.get('one', async () => code()).getEntrypoint();
    return [await entry().count(), await entry().count()].join();
  },
  '/open': (env) => env.LOADER.load(code()).getEntrypoint().out(env.ORIGIN + '/page'),
  '/cut': (env) => env.LOADER.load(code({ globalOutbound: null })).getEntrypoint().out(env.ORIGIN + '/page'),
  '/cut-around': (env) => env.LOADER.load(code({ globalOutbound: null })).getEntrypoint().around(env.ORIGIN + '/page'),
  '/cut-connect': (env) => env.LOADER.load(code({ globalOutbound: null })).getEntrypoint().dial(env.ORIGIN),
  '/gate': (env, ctx) => env.LOADER.load(code({ globalOutbound: ctx.exports.Gate({ props: { tenant: 't1' } }) })).getEntrypoint().out('https://a.test/asked'),
  '/around': (env) => env.LOADER.load(code()).getEntrypoint().around(env.ORIGIN + '/page'),
  '/socket': (env) => env.LOADER.load(code()).getEntrypoint().socket(env.ORIGIN + '/page'),
  '/connect': (env) => env.LOADER.load(code()).getEntrypoint().dial(env.ORIGIN),
  async '/dialled'(env, ctx) {
    const answer = await env.LOADER.load(code({ globalOutbound: ctx.exports.Exchange })).getEntrypoint().dial('http://db.test:5432/');
    return answer + ' ' + globalThis.dialled;
  },
  // Past a loaded Worker that lets connections by.
  '/pass': (env) => past(env.LOADER.load(code({ compatibilityFlags: ['connect_pass_through'] })), env),
  '/cut-pass': (env) => past(env.LOADER.load(code({ globalOutbound: null, compatibilityFlags: ['connect_pass_through'] })), env),
  async '/round'(env) {
    // It is its own way to the outside.
    const round = env.LOADER.get('round', async () => code({
      globalOutbound: env.LOADER.get('round', () => {}).getEntrypoint(), compatibilityFlags: ['connect_pass_through'],
    }));
    return past(round, env);
  },
  '/own': (env, ctx) => env.LOADER.load(code({ globalOutbound: ctx.exports.Own })).getEntrypoint().out(env.ORIGIN + '/page'),
  '/shared': (env) => env.LOADER.get('shared', async () => code()).getEntrypoint().out(env.ORIGIN + '/page'),
};
export default {
  async fetch(request, env, ctx) { try { return new Response(await steps[new URL(request.url).pathname](env, ctx)); } catch (error) { return new Response(error.stack, { status: 500 }); } },
};`;

const outbound = `
export default { async fetch(request) { return new Response('outbound saw ' + new URL(request.url).pathname); } };`;

const dispatcher = `
export default {
  fetch(request, env) {
    const url = new URL(request.url);
    return (url.searchParams.has('plain') ? env.PLAIN : env.CONTROLLED).get('user').fetch(request);
  },
};`;

before(async () => {
  origin = http.createServer((request, response) => {
    reached += 1;
    response.end('page of the origin');
  });
  await new Promise((done) => { origin.listen(0, '127.0.0.1', done); });
  const where = `http://127.0.0.1:${origin.address().port}`;
  platform = await startPlatform({ args: ['--egress-allow', '127.0.0.1'] });
  const bindings = [
    { type: 'worker_loader', name: 'LOADER' },
    { type: 'plain_text', name: 'ORIGIN', text: where },
  ];
  await platform.uploadWorker('parent', parent, { bindings });
  await platform.createNamespace('customers');
  await platform.uploadUserWorker('customers', 'user', parent, { bindings, compatibility_date: compatibilityDate });
  await platform.uploadWorker('outbound', outbound);
  await platform.uploadWorker('dispatcher', dispatcher, {
    bindings: [
      { type: 'dispatch_namespace', name: 'PLAIN', namespace: 'customers' },
      { type: 'dispatch_namespace', name: 'CONTROLLED', namespace: 'customers', outbound: { worker: { service: 'outbound' } } },
    ],
  });
});
after(async () => {
  await platform?.stop();
  origin?.close();
});

async function get(worker, path) {
  const answer = await platform.request({ worker, path });
  assert.equal(answer.status, 200, answer.body);
  return answer.body;
}

test('loaded code gets the env and the props that it is given, and nothing else', async () => {
  assert.deepEqual(JSON.parse(await get('parent', '/given')), { env: { a: 1, list: [2] }, props: { p: 3 } });
});

test('a named one is loaded once', async () => {
  assert.equal(await get('parent', '/named'), '1,2');
});

test('the parent decides where its fetch goes', async () => {
  assert.equal(await get('parent', '/open'), 'page of the origin');
  assert.equal(await get('parent', '/gate'), 'gate of t1: /asked');
  const before = reached;
  assert.match(await get('parent', '/cut'), /^Error: This worker is not permitted to access the internet/);
  assert.match(await get('parent', '/cut-around'), /^Error: This worker is not permitted to access the internet/);
  assert.equal(await get('parent', '/cut-connect'), 'Error: This Worker is not permitted to open connections to the outside.');
  assert.equal(await get('parent', '/dialled'), 'connected db.test:5432');
  assert.equal(await get('parent', '/pass'), 'connected');
  assert.equal(await get('parent', '/cut-pass'), 'This Worker is not permitted to open connections to the outside.');
  assert.equal(await get('parent', '/round'), 'Too many Workers in a row.');
  assert.equal(reached, before);
});

test('loaded by a user Worker, it cannot get around the outbound Worker', async () => {
  // First without one: the same loaded Worker serves both kinds of calls.
  assert.equal(await get('dispatcher', '/shared?plain'), 'page of the origin');
  const before = reached;
  for (const path of ['/open', '/around', '/socket', '/own', '/shared']) {
    assert.equal(await get('dispatcher', path), 'outbound saw /page', path);
  }
  assert.equal(await get('dispatcher', '/connect'), 'Error: Handler does not export a connect() function.');
  assert.equal(await get('dispatcher', '/pass'), 'Handler does not export a connect() function.');
  assert.match(await get('dispatcher', '/cut-pass'), /^This Worker is not permitted/);
  assert.match(await get('dispatcher', '/cut'), /^Error: This worker is not permitted/);
  assert.equal(reached, before);
});
