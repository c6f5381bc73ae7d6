// Scripts that run in hosts of another lane than their callers: nobody can tell, but for the process.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, sleep, startPlatform } from './platform.mjs';
import { connect, opcodes } from './websocket_client.mjs';

let platform;
let kv;

// Answers each path in one way that crosses a lane.
const user = `
import { RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';
let calls = 0;
const steps = {
  '/plain': async (request, env) => new Response('hello from ' + env.NAME, { headers: { 'x-one': '1', 'set-cookie': 'a=b' } }),
  '/headers': async (request) => Response.json([...request.headers].filter(([name]) => name !== 'x-request-id')),
  '/echo': async (request) => new Response(request.body, { status: 201, statusText: 'Made' }),
  '/length': async (request) => new Response(String((await request.arrayBuffer()).byteLength)),
  '/large': async () => new Response('x'.repeat(3_000_000)),
  '/stream': async () => {
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    (async () => {
      for (let i = 0; i < 40; i += 1) await writer.write(new TextEncoder().encode(String(i % 10).repeat(50_000)));
      await writer.close();
    })();
    return new Response(readable);
  },
  '/broken-stream': async () => {
    let sent = 0;
    return new Response(new ReadableStream({
      pull(controller) { if (sent++ < 3) controller.enqueue(new Uint8Array(1000)); else controller.error(new Error('no more')); },
    }));
  },
  '/throw': async () => { throw new RangeError('on purpose'); },
  '/kv': async (request, env) => { await env.KV.put('seen', 'yes'); return new Response(await env.KV.get('seen')); },
  '/props': async (request, env, ctx) => Response.json(ctx.props),
  '/service': async (request, env) => env.OTHER.fetch('http://other/path', { method: 'POST', body: 'from the user' }),
  '/service-rpc': async (request, env) => new Response(await env.OTHER.add(20, 22)),
  '/outside': async () => new Response(await (await fetch('http://outside.example/page')).text()),
  '/never': async () => { await scheduler.wait(60_000); return new Response('at last'); },
  '/spin': async () => { for (;;); },
  '/burn': async () => { const end = Date.now(); let x = 0; for (let i = 0; i < 3e8; i += 1) x += i % 7; return new Response(String(x)); },
  '/socket': async () => {
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener('message', ({ data }) => {
      if (data === 'bye') server.close(4001, 'as asked');
      else server.send('echo ' + (typeof data === 'string' ? data : (data.byteLength ?? data.size)));
    });
    server.send('welcome');
    return new Response(null, { status: 101, webSocket: client });
  },
};
class Counter extends RpcTarget {
  #count = 0;
  add(by) { this.#count += by; return this.#count; }
  get name() { return 'counter'; }
}
export class Named extends WorkerEntrypoint {
  fetch(request) { return new Response('named ' + new URL(request.url).pathname); }
}
export default class extends WorkerEntrypoint {
  async fetch(request) {
    const step = steps[new URL(request.url).pathname];
    return step ? step(request, this.env, this.ctx) : new Response('no such step', { status: 404 });
  }
  multiply(a, b) { return a * b; }
  fail() { throw new TypeError('wrong call'); }
  counter() { return new Counter(); }
  async callBack(callback) { return (await callback('from the user')) + '!'; }
  bytes() { return new Response('body of a response').body; }
  async collect(readable) { return new Response(readable).text(); }
  async write(writable) { const writer = writable.getWriter(); await writer.write(new TextEncoder().encode('written')); await writer.close(); }
  error() { return Object.assign(new RangeError('as a value'), { code: 7 }); }
}`;

const other = `
import { WorkerEntrypoint } from 'cloudflare:workers';
export default class extends WorkerEntrypoint {
  async fetch(request) { return new Response(['other', request.method, await request.text()].join(' ')); }
  add(a, b) { return a + b; }
}`;

const dispatcher = `
const rpc = {
  multiply: async (user) => user.multiply(6, 7),
  fail: async (user) => { try { await user.fail(); return 'no error'; } catch (error) { return error.name + ': ' + error.message; } },
  missing: async (user) => { try { await user.noSuchMethod(); return 'no error'; } catch (error) { return error.name + ': ' + error.message; } },
  counter: async (user) => { using counter = await user.counter(); await counter.add(2); return [await counter.add(3), await counter.name].join(); },
  pipeline: async (user) => user.counter().add(5),
  callBack: async (user) => user.callBack((text) => 'heard ' + text),
  bytes: async (user) => new Response(await user.bytes()).text(),
  collect: async (user) => user.collect(new Response('sent as a stream').body),
  write: async (user) => {
    const { readable, writable } = new TransformStream();
    const [text] = await Promise.all([new Response(readable).text(), user.write(writable)]);
    return text;
  },
  error: async (user) => { const error = await user.error(); return [error.name, error.message, error.code].join(); },
};
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const [, name, ...rest] = url.pathname.split('/');
    const path = '/' + rest.join('/');
    const options = { limits: { cpuMs: path === '/spin' || path === '/bang' ? 50 : 5000 } };
    const user = env.USERS.get(name, { plan: 'free', when: new Date(0) }, options);
    if (rest[0] === 'rpc') return new Response(String(await rpc[rest[1]](user)));
    if (rest[0] === 'abort') {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 50);
      try { await user.fetch('http://user/never', { signal: controller.signal }); return new Response('answered'); } catch (error) { return new Response(error.name); }
    }
    try {
      return await user.fetch('http://user' + path, request);
    } catch (error) {
      return new Response(error.name + ': ' + error.message, { status: 500 });
    }
  },
};`;

const outbound = `export default { fetch(request) { return new Response('outbound took ' + request.url); } };`;

const bindings = () => [
  { type: 'kv_namespace', name: 'KV', namespace_id: kv }, { type: 'plain_text', name: 'NAME', text: 'the user' },
  { type: 'service', name: 'OTHER', service: 'other' },
];

before(async () => {
  platform = await startPlatform({ hosts: 2 });
  kv = await platform.createKv('values');
  await platform.createNamespace('prod');
  await platform.uploadWorker('other', other);
  await platform.uploadWorker('outbound', outbound);
  await platform.uploadWorker('main', dispatcher, {
    bindings: [{
      type: 'dispatch_namespace', name: 'USERS', namespace: 'prod', outbound: { worker: { service: 'outbound' }, params: [] },
    }],
  });
  await platform.uploadUserWorker('prod', 'user', user, { bindings: bindings() });
});
after(() => platform?.stop());

const ask = (path, options = {}) => platform.request({ worker: 'main', path: `/user${path}`, ...options });
const shown = ({ status, headers, body }) => ({
  status, body: body.length > 200 ? `${body.length} ${body.slice(-20)}` : body, 'x-one': headers['x-one'], cookie: headers['set-cookie'],
});

// Everything once; what it answered.
async function everything() {
  const answers = {};
  for (const path of ['/plain', '/large', '/stream', '/throw', '/kv', '/props', '/service', '/service-rpc', '/outside', '/spin', '/nowhere', '/abort']) {
    answers[path] = shown(await ask(path));
  }
  answers['/headers'] = shown(await ask('/headers', { headers: { 'x-mine': 'kept', connection: 'keep-alive' } }));
  answers['/echo'] = shown(await ask('/echo', { method: 'POST', body: 'an echo' }));
  answers['/echo large'] = shown(await ask('/echo', { method: 'POST', body: 'y'.repeat(2_000_000) }));
  answers['/length'] = shown(await ask('/length', { method: 'PUT', body: Buffer.alloc(700_000) }));
  answers['/broken-stream'] = await ask('/broken-stream').then(shown, (error) => error.code);
  for (const call of ['multiply', 'fail', 'missing', 'counter', 'pipeline', 'callBack', 'bytes', 'collect', 'write', 'error']) {
    answers[`rpc ${call}`] = shown(await ask(`/rpc/${call}`));
  }
  answers['missing Worker'] = shown(await platform.request({ worker: 'main', path: '/nobody/plain' }));
  const socket = await connect(platform.http, { host: 'main.atoll.localhost', path: '/user/socket' });
  answers.socket = [(await socket.next()).text];
  socket.text('one');
  answers.socket.push((await socket.next()).text);
  socket.send(opcodes.binary, Buffer.alloc(400_000));
  answers.socket.push((await socket.next()).text);
  socket.text('bye');
  const { code, reason } = await socket.next();
  answers.socket.push(code, reason);
  socket.destroy();
  return answers;
}

const moves = (script) => platform.logEntries().filter((entry) => entry.event === 'script_moved' && entry.script === script);

test('a user Worker that burns CPU time is moved to the busy lane, where it answers exactly as before', async () => {
  const local = await everything();
  assert.equal(platform.hosts().length, 2, 'nobody needed another lane');
  assert.match(local['/plain'].body, /hello from the user/);
  let burning = true;
  const burner = (async () => { while (burning) await ask('/burn'); })();
  await eventually('the move', () => moves('user').length > 0, 20_000);
  burning = false;
  await burner;
  assert.equal(moves('user')[0].lane, 'busy');
  assert.deepEqual(await everything(), local);
  const lanes = platform.logEntries().filter((entry) => entry.event === 'host_ready').map((entry) => entry.lane);
  assert.ok(lanes.includes('busy'), lanes.join());
});

test('what runs elsewhere is cancelled when its caller gives up', async () => {
  assert.equal((await ask('/abort')).body, 'AbortError');
  await eventually('the cancelled invocation in the log', () => platform.logEntries().some((entry) =>
    entry.script === 'user' && entry.outcome === 'canceled' && String(entry.url).endsWith('/never')));
});

test('the API shows hosts with their memory, and who is busy', async () => {
  const { hosts, busy } = await eventually('the statistics', async () => {
    const shown = await platform.call('GET', '/atoll/lanes');
    return shown.hosts.find(({ lane, largest_isolates: isolates }) => lane === 'busy' && isolates.length > 0) && shown;
  });
  assert.deepEqual(hosts.filter(({ lane }) => lane === 'default').map(({ state }) => state), ['ready', 'ready']);
  for (const host of hosts) assert.ok(host.resident_bytes > 10_000_000, `${host.lane} ${host.resident_bytes}`);
  const [isolate] = hosts.find(({ lane, largest_isolates: isolates }) => lane === 'busy' && isolates.length > 0).largest_isolates;
  assert.equal(isolate.script, 'user');
  assert.equal(isolate.dispatch_namespace, 'prod');
  assert.ok(isolate.heap_bytes > 500_000, `${isolate.heap_bytes}`);
  assert.deepEqual(busy.map(({ script }) => script), ['user']);
});

test('a script that ends its host goes on in a host of its own, alone, and the API tells', async () => {
  await platform.uploadUserWorker('prod', 'bomb', `
    export default { async fetch(request) {
      if (new URL(request.url).pathname === '/bang') Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1);
      return new Response('still here');
    } };`);
  const askBomb = (path) => platform.request({ worker: 'main', path: `/bomb${path}`, agent: false }).catch((error) => ({ body: error.message }));
  assert.equal((await askBomb('/')).body, 'still here');
  await askBomb('/bang');
  await eventually('the move', () => moves('bomb').length > 0, 20_000);
  assert.match(moves('bomb')[0].lane, /^quarantine:/);
  const hosts = await eventually('an answer from quarantine', async () => {
    if ((await askBomb('/')).body !== 'still here') return false;
    const shown = (await platform.call('GET', '/atoll/lanes')).hosts;
    return shown.some(({ lane, state }) => lane.startsWith('quarantine:') && state === 'ready') && shown;
  });
  assert.deepEqual((await platform.call('GET', '/atoll/quarantine')).map(({ script }) => script), ['bomb']);

  // The next time it ends nobody's host but its own.
  const before = new Set(hosts.filter(({ lane }) => lane !== 'quarantine').map(({ pid }) => pid));
  const own = hosts.find(({ lane }) => lane.startsWith('quarantine:')).pid;
  await askBomb('/bang');
  await eventually('the end of its host', () => platform.logEntries().filter((entry) => entry.event === 'host_ended').some(({ pid }) => pid === own), 20_000);
  const after = new Set((await platform.call('GET', '/atoll/lanes')).hosts.map(({ pid }) => pid));
  for (const pid of before) assert.ok(pid === own || after.has(pid), `host ${pid} is gone`);
  await eventually('its being held back', async () => /held back/.test((await askBomb('/')).body));
  await platform.call('DELETE', '/atoll/quarantine/namespaces/prod/scripts/bomb');
  await eventually('its release', async () => (await askBomb('/')).body === 'still here');
});

test('trust groups keep scripts in processes of their own', async () => {
  const spy = `export default { fetch() { return new Response('spy'); } };`;
  await platform.createNamespace('red');
  await platform.createNamespace('blue');
  for (const namespace of ['red', 'blue']) await platform.uploadUserWorker(namespace, 'spy', spy);
  await platform.uploadWorker('both', `export default { async fetch(request, env) {
    return new Response([await (await env.RED.get('spy').fetch(request)).text(), await (await env.BLUE.get('spy').fetch(request)).text()].join());
  } };`, { bindings: ['RED', 'BLUE'].map((name) => ({ type: 'dispatch_namespace', name, namespace: name.toLowerCase() })) });
  assert.equal((await platform.request({ worker: 'both' })).body, 'spy,spy');
  await assert.rejects(platform.call('PUT', '/atoll/trust_groups/reds', { dispatch_namespaces: ['green'] }), /green/);
  await platform.call('PUT', '/atoll/trust_groups/reds', { dispatch_namespaces: ['red'] });
  await platform.call('PUT', '/atoll/trust_groups/blues', { scripts: [{ dispatch_namespace: 'blue', script: 'spy' }] });
  await assert.rejects(platform.call('PUT', '/atoll/trust_groups/more', { dispatch_namespaces: ['red'] }), /reds/);
  assert.deepEqual((await platform.call('GET', '/atoll/trust_groups')).map(({ name }) => name), ['blues', 'reds']);
  assert.equal((await platform.request({ worker: 'both', agent: false })).body, 'spy,spy');
  const lanes = (await platform.call('GET', '/atoll/lanes')).hosts.filter(({ lane }) => lane.startsWith('group:'));
  assert.equal(new Set(lanes.map(({ pid }) => pid)).size, 2, JSON.stringify(lanes));
  // Also after a start from the same data.
  await platform.kill('SIGTERM');
  await platform.start();
  assert.equal((await platform.request({ worker: 'both', agent: false })).body, 'spy,spy');
  const again = (await platform.call('GET', '/atoll/lanes')).hosts.filter(({ lane }) => lane.startsWith('group:'));
  assert.equal(again.length, 2);
  await platform.call('DELETE', '/atoll/trust_groups/reds');
  assert.equal((await platform.request({ worker: 'both', agent: false })).body, 'spy,spy');
});

test('hosts are replaced without a request being lost', async () => {
  await platform.uploadWorker('slow', `export default { async fetch() { await scheduler.wait(300); return new Response('slow'); } };`);
  const before = (await platform.call('GET', '/atoll/lanes')).hosts.filter(({ lane }) => lane === 'default').map(({ pid }) => pid);
  let asking = true;
  const seen = { ok: 0, wrong: [] };
  const client = async () => {
    while (asking) {
      const { status, body } = await platform.request({ worker: 'slow', agent: false }).catch((error) => ({ status: error.code }));
      if (body === 'slow') seen.ok += 1; else seen.wrong.push(status);
    }
  };
  const clients = Promise.all(Array.from({ length: 6 }, client));
  await sleep(400);
  await platform.call('POST', '/atoll/lanes/replace');
  const replaced = eventually('other processes', () => platform.logEntries().filter((entry) => entry.event === 'host_replaced').length >= 2
    && platform.hosts().filter((pid) => before.includes(pid)).length === 0, 30_000);
  await replaced.finally(() => { asking = false; });
  await clients;
  assert.deepEqual(seen.wrong, []);
  assert.ok(seen.ok > 5, `${seen.ok}`);
});

test('a host that takes much more than its isolates account for is replaced', async () => {
  const leaking = await startPlatform({ args: ['--set', 'host_leak_bytes=1MiB'] });
  try {
    await leaking.uploadWorker('steady', `export default { fetch: () => new Response('steady') };`);
    const [before] = leaking.hosts();
    await eventually('the replacement', () => leaking.logEntries().some((entry) =>
      entry.event === 'host_replaced' && /leaked/.test(entry.reason)), 60_000);
    await eventually('the end of the old one', () => !leaking.hosts().includes(before), 30_000);
    assert.equal((await leaking.request({ worker: 'steady', agent: false })).body, 'steady');
  } finally {
    await leaking.stop();
  }
});
