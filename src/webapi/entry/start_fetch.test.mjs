import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MiniPlatform } from '../testing/mini_platform.mjs';
import { receive } from '../testing/messages.mjs';

async function start(source, options) {
  const platform = new MiniPlatform();
  const added = await platform.add('main', source, options);
  return { platform, ...added, fetch: (url, init) => platform.fetch('main', url, init) };
}

test('a handler that returns a Response answers before startFetch returns', async () => {
  const calls = [];
  const { worker } = await start('export default { fetch() { return new Response("now"); } }');
  Object.assign(worker.natives, {
    respond: (...parameters) => {
      calls.push(parameters);
    }
  });
  worker.exports.startFetch(receive([], null), 'GET', 'http://a.example/', false);
  assert.deepEqual(calls, [[200, '', undefined, 'text/plain;charset=UTF-8', 1, 'now', false]]);
});

test('an async handler answers one microtask after its promise is fulfilled', async () => {
  let answered = false;
  const { worker } =
      await start('export default { async fetch() { return new Response("soon"); } }');
  Object.assign(worker.natives, {
    respond: () => {
      answered = true;
    }
  });
  worker.exports.startFetch(receive([], null), 'GET', 'http://a.example/', false);
  assert.equal(answered, false);
  await null;
  assert.equal(answered, true);
});

test('exports are reported with their handlers', async () => {
  const { handlers, namedHandlers } = await start(`
    import { WorkerEntrypoint, DurableObject } from 'cloudflare:workers';
    export default { fetch() {}, scheduled() {}, other() {}, helper: 5 };
    export class Api extends WorkerEntrypoint { fetch() {} method() {} }
    export class Room extends DurableObject { alarm() {} }
    export const tools = { queue() {} };
    export const constant = 5;
    export const data = { a: 1 };
  `);
  assert.deepEqual([...handlers], ['fetch', 'scheduled']);
  assert.deepEqual(
      Object.fromEntries(Array.from(namedHandlers, ({ name, handlers: own }) => [name, [...own]])),
      { Api: ['fetch'], Room: ['alarm'], tools: ['queue'] });
});

test('a script without default export has no handlers', async () => {
  const { handlers, fetch } = await start('export const a = 1;');
  assert.deepEqual([...handlers], []);
  await assert.rejects(
      fetch(), { name: 'Error', message: 'Handler does not export a fetch() function.' });
});

test('a default export that is neither object nor class is an error', async () => {
  const { error } = await start('export default 5;');
  assert.match(error, /default export/);
});

test('a default class is constructed with context and environment', async () => {
  const { fetch } = await start(`
    import { WorkerEntrypoint } from 'cloudflare:workers';
    export default class extends WorkerEntrypoint {
      async fetch(request) { return Response.json([this.env.A, this.ctx.props, request.method]); }
    }`,
      { bindings: [['A', 'plain_text', 'text']] });
  assert.equal((await fetch('http://a.example/', { method: 'PUT' })).text, '["text",{},"PUT"]');
});

test('a handler may be a field of the instance', async () => {
  const { fetch } = await start(`
    import { WorkerEntrypoint } from 'cloudflare:workers';
    export default class extends WorkerEntrypoint { fetch = async () => new Response(this.env.A); }`,
      {
        bindings: [['A', 'plain_text', 'text']],
      });
  assert.equal((await fetch()).text, 'text');
});

test('requests that overlap in one isolate do not meet', async () => {
  const { fetch } = await start(`
    export default { async fetch(request, env, ctx) {
      const id = request.headers.get('x-id');
      for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, (id * 7) % 5));
      const text = await request.text();
      ctx.waitUntil(env.KV.put(id, text));
      return new Response(new ReadableStream({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          controller.enqueue(new TextEncoder().encode(id + text));
          controller.close();
        },
      }), { headers: { 'x-id': id } });
    } }`,
      { bindings: [['KV', 'kv_namespace', 1]] });
  const answers = await Promise.all(Array.from({ length: 50 },
      (_, i) => fetch(
          'http://a.example/', { method: 'POST', headers: ['x-id', `${i}`], body: `body ${i}` })));
  assert.deepEqual(answers.map(({ text, headers }) => [text, headers['x-id']]),
      answers.map((_, i) => [`${i}body ${i}`, `${i}`]));
});

test('an unknown entrypoint fails', async () => {
  const { fetch } = await start('export default { fetch() { return new Response(); } }');
  await assert.rejects(fetch('http://a.example/', { entrypoint: 'missing' }),
      { message: 'Handler does not export a fetch() function.' });
  await assert.rejects(fetch('http://a.example/', { entrypoint: 'constructor' }),
      { message: 'Handler does not export a fetch() function.' });
});

test('props come out of their wire form once', async () => {
  const { fetch, worker } = await start(`
    export default { fetch(request, env, ctx) { return Response.json([ctx.props.a.get('k'), ctx.props === ctx.props]); } }`);
  const props = worker.natives.serialize({ a: new Map([['k', 'v']]) });
  assert.equal((await fetch('http://a.example/', { props })).text, '["v",true]');
});

test('request.cf is parsed when looked at', async () => {
  const { fetch } = await start(
      'export default { fetch(request) { return Response.json([request.cf?.colo, new Request(request).cf]); } }');
  assert.equal(
      (await fetch('http://a.example/', { cf: '{"colo":"X"}' })).text, '["X",{"colo":"X"}]');
  assert.equal((await fetch('http://a.example/')).text, '[null,null]');
});

test('tasks given to waitUntil are counted, and their failures logged', async () => {
  const { fetch, worker } = await start(`
    export default { fetch(request, env, ctx) {
      ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 5)));
      ctx.waitUntil(Promise.reject(new RangeError('late')));
      ctx.passThroughOnException();
      return new Response();
    } }`);
  const { invocation } = await fetch();
  assert.equal(invocation.passesThrough, true);
  await invocation.finished.promise;
  assert.deepEqual(worker.log, ['waitUntil RangeError: late']);
});

test('whatever is thrown is described', async () => {
  const { fetch } = await start(`
    export default { fetch(request) {
      switch (new URL(request.url).pathname) {
        case '/getter': throw { get message() { throw new Error('hidden'); } };
        case '/symbol': throw Symbol('s');
        case '/object': throw { message: 'from an object' };
        case '/proxy': throw new Proxy({}, { get() { throw 1; } });
        case '/stack': { const error = new Error('m'); error.stack = 'own stack'; throw error; }
      }
    } }`);
  for (const path of ['/getter', '/symbol', '/proxy']) {
    await assert.rejects(fetch(`http://a.example${path}`), { name: 'Error' });
  }
  await assert.rejects(
      fetch('http://a.example/object'), { name: 'Error', message: 'from an object' });
  await assert.rejects(fetch('http://a.example/stack'), { stack: 'own stack' });
});

test('patched built-ins do not stop an answer', async () => {
  const { fetch } = await start(`
    Promise.prototype.then = () => { throw new Error('patched'); };
    Array.prototype.push = Array.prototype[Symbol.iterator] = String.prototype.charCodeAt = () => { throw new Error('patched'); };
    export default { async fetch(request) {
      return new Response(request.headers.get('X-A'), { headers: { 'X-B': request.method } });
    } }`);
  const answer = await fetch('http://a.example/', { headers: ['x-a', 'value'] });
  assert.deepEqual([answer.text, answer.headers['x-b']], ['value', 'GET']);
});

test('service-worker format: listeners, globals and respondWith', async () => {
  const { fetch, handlers } = await start(`
    addEventListener('fetch', (event) => {
      const { pathname } = new URL(event.request.url);
      if (pathname === '/pass') return;
      if (pathname === '/throw') throw new RangeError('in the listener');
      event.waitUntil(KV.put('key', 'value'));
      event.respondWith(pathname === '/async' ? (async () => new Response('later ' + TEXT))() : new Response('now ' + TEXT));
      if (pathname === '/twice') event.respondWith(new Response('again'));
    });`,
      {
        isServiceWorker: true,
        bindings: [['TEXT', 'plain_text', 'text'], ['KV', 'kv_namespace', 1]]
      });
  assert.deepEqual([...handlers], ['fetch']);
  assert.equal((await fetch('http://a.example/')).text, 'now text');
  assert.equal((await fetch('http://a.example/async')).text, 'later text');
  assert.equal((await fetch('http://a.example/twice')).text, 'now text');
});

test('service-worker format: a request nobody answers goes on', async () => {
  const { fetch, platform } =
      await start(`addEventListener('fetch', () => {});`, { isServiceWorker: true });
  platform.internet = ({ url }) =>
      ({ status: 204, statusText: '', headers: ['x-url', url], body: null });
  const answer = await fetch('http://a.example/on');
  assert.deepEqual([answer.status, answer.headers['x-url']], [204, 'http://a.example/on']);
});

test('service-worker format: an exception in the listener fails the request', async () => {
  const { fetch } =
      await start(`addEventListener('fetch', () => { throw new RangeError('in the listener'); });`,
          { isServiceWorker: true });
  await assert.rejects(
      fetch('http://a.example/'), { name: 'RangeError', message: 'in the listener' });
});

test('whether iterables are bodies depends on the date and the flags', async () => {
  const object = `export default { async fetch() {
    return new Response(String(await new Response(['a', 'b']).text().catch((e) => e.message)));
  } }`;
  const text = async (options) => (await (await start(object, options)).fetch()).text;
  const refused = 'This ReadableStream did not return bytes.';
  assert.equal(await text({ date: '2026-02-19' }), refused);
  assert.equal(await text({ date: '2026-02-18' }), 'a,b');
  assert.equal(await text({ date: '2025-01-01', flags: { fetch_iterable_type_support: true } }), refused);
  assert.equal(await text({ date: '2026-08-22', flags: { no_fetch_iterable_type_support: true } }), 'a,b');
});

test('errors are rebuilt in their class', async () => {
  const { worker } = await start('export default {}');
  const make = (name) => {
    const error = worker.exports.makeError(name, 'm', 'at somewhere');
    return [error.constructor.name, error.name, error.message, error.stack];
  };
  assert.deepEqual(make('TypeError'), ['TypeError', 'TypeError', 'm', 'at somewhere']);
  assert.deepEqual(make('Own'), ['Error', 'Own', 'm', 'at somewhere']);
  assert.deepEqual(make('AbortError').slice(0, 3), ['DOMException', 'AbortError', 'm']);
});
