// Every kind of limit ends the invocation that hit it, while a neighbour in the same host keeps answering.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import http from 'node:http';
import { cpuOfStoppedInvocations, leastOf, sleep, startPlatform } from './platform.mjs';

let platform;
const cpuMs = 100;

// (module (func (export "spin") (loop br 0)) (memory (export "memory") 1 30000) (func (export "grow") (result i32) ...))
const spin = Buffer.from('0061736d01000000010401600000030201000708010473 70696e00000a0901070003400c000b0b'.replace(' ', ''), 'hex');

const hungry = `
import spin from './spin.wasm';
const kept = [];
const bombs = {
  '/loop': () => { for (;;); },
  '/microtasks': () => { const again = () => Promise.resolve().then(again); return again().then(() => new Promise(() => {})); },
  '/wasm-loop': () => { new WebAssembly.Instance(spin).exports.spin(); },
  '/recursion': () => { const deeper = (n) => 1 + deeper(n + 1); return deeper(0); },
  '/regexp': () => /^(a+)+$/.test('a'.repeat(40) + 'b'),
  '/array': () => { for (;;) kept.push(new Array(10000).fill(kept.length)); },
  '/string': () => { let text = 'x'; for (;;) { text += text + kept.length; kept.push(text.slice(1) + 'y'); JSON.stringify(text); } },
  '/map': () => { const map = new Map(); for (let i = 0; ; i += 1) map.set(i, { i, text: 'value ' + i }); },
  '/buffers': () => { for (;;) kept.push(new Uint8Array(4 << 20).fill(1)); },
  '/wasm-memory': () => { for (;;) { const memory = new WebAssembly.Memory({ initial: 256 }); new Uint8Array(memory.buffer).fill(1); kept.push(memory); } },
};
export default {
  async fetch(request) {
    const bomb = bombs[new URL(request.url).pathname];
    if (bomb) await bomb();
    return new Response('survived');
  },
};`;

before(async () => {
  platform = await startPlatform();
  await platform.createNamespace('limits');
  await platform.uploadUserWorker('limits', 'hungry', { 'worker.js': hungry, 'spin.wasm': spin });
  await platform.uploadWorker('neighbour', 'export default { fetch: () => new Response("here") }');
  await platform.uploadWorker('front', `export default {
    async fetch(request, env) {
      const url = new URL(request.url);
      const limits = { cpuMs: ${cpuMs} };
      if (url.searchParams.has('subrequests')) limits.subRequests = Number(url.searchParams.get('subrequests'));
      if (url.searchParams.has('cpu')) limits.cpuMs = Number(url.searchParams.get('cpu'));
      try {
        return await env.NS.get(url.searchParams.get('worker') ?? 'hungry', {}, { limits }).fetch(request);
      } catch (error) {
        return new Response(error.message, { status: 429 });
      }
    },
  };`, { bindings: [{ type: 'dispatch_namespace', name: 'NS', namespace: 'limits' }] });
});
after(() => platform?.stop());

// Runs `attack` while the neighbour is asked again and again; its longest wait in milliseconds.
async function besideNeighbour(attack) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  await platform.request({ worker: 'neighbour', agent });
  let running = true;
  let longest = 0;
  let count = 0;
  const neighbour = (async () => {
    while (running) {
      const { status, body, ms } = await platform.request({ worker: 'neighbour', agent });
      assert.deepEqual([status, body], [200, 'here']);
      longest = Math.max(longest, ms);
      count += 1;
      await sleep(1);
    }
  })();
  const result = await attack();
  await sleep(20);
  running = false;
  await neighbour;
  agent.destroy();
  assert.ok(count > 0);
  return { result, longest };
}

for (const [path, message] of [
  ['/loop', /CPU time limit/], ['/microtasks', /CPU time limit/], ['/wasm-loop', /CPU time limit/], ['/regexp', /CPU time limit/],
]) {
  test(`CPU: ${path.slice(1)} is stopped at its limit`, async () => {
    await platform.request({ worker: 'front' });
    // Compared with the attack's own duration, because CPU time takes longer by the clock on a busy machine.
    const excess = await leastOf(3, 20, async () => {
      const { result, longest } = await besideNeighbour(() => platform.request({ worker: 'front', path }));
      assert.equal(result.status, 429);
      assert.match(result.body, message);
      return longest - Math.max(cpuMs, result.ms);
    });
    assert.ok(excess <= 20, `the neighbour waited ${excess.toFixed(1)} ms longer than the attack took`);
    const used = await cpuOfStoppedInvocations(platform, 'hungry');
    assert.ok(used <= cpuMs + 20, `it got ${used} ms of CPU`);
  });
}

test('deep recursion is a RangeError of the Worker, nothing more', async () => {
  const { result } = await besideNeighbour(() => platform.request({ worker: 'front', path: '/recursion' }));
  assert.equal(result.status, 429);
  assert.match(result.body, /call stack/);
});

for (const path of ['/array', '/string', '/map', '/buffers', '/wasm-memory']) {
  test(`memory: ${path.slice(1)} is stopped, the host lives`, async () => {
    const [host] = platform.hosts();
    const { result } = await besideNeighbour(() => platform.request({ worker: 'front', path: `${path}?cpu=5000` }));
    assert.equal(result.status, 429, result.body.slice(0, 200));
    assert.match(result.body, /memory|allocation/i);
    assert.deepEqual(platform.hosts(), [host]);
    assert.equal((await platform.request({ worker: 'front' })).body, 'survived');
  });
}

test('subrequests: the call beyond the limit throws in the user Worker', async () => {
  const kv = await platform.createKv('limits');
  await platform.uploadUserWorker('limits', 'asking', `export default {
    async fetch(request, env) {
      let made = 0;
      try {
        for (;;) { await env.KV.get('key'); made += 1; }
      } catch (error) {
        return new Response(made + ': ' + error.message);
      }
    },
  };`, { bindings: [{ type: 'kv_namespace', name: 'KV', namespace_id: kv }] });
  const answer = await platform.request({ worker: 'front', path: '/?worker=asking&subrequests=3' });
  assert.equal(answer.body, '3: Too many subrequests.');
});

test('the lowest of script and dispatch limit counts', async () => {
  const loop = 'export default { fetch: () => { for (;;); } }';
  await platform.uploadUserWorker('limits', 'strict', loop, { limits: { cpu_ms: 30 } });
  const script = await platform.request({ worker: 'front', path: '/?worker=strict&cpu=5000' });
  assert.equal(script.status, 429);
  assert.ok(script.ms < 1000, `took ${script.ms} ms`);
  await platform.uploadUserWorker('limits', 'lenient', loop, { limits: { cpu_ms: 5000 } });
  const dispatch = await platform.request({ worker: 'front', path: '/?worker=lenient&cpu=30' });
  assert.equal(dispatch.status, 429);
  assert.ok(dispatch.ms < 1000, `took ${dispatch.ms} ms`);
});

test('work after the response counts too: an endless waitUntil is stopped', async () => {
  await platform.uploadUserWorker('limits', 'later', `export default {
    fetch(request, env, ctx) {
      ctx.waitUntil((async () => { await scheduler.wait(1); for (;;); })());
      return new Response('answered');
    },
  };`);
  const { result } = await besideNeighbour(async () => {
    const answer = await platform.request({ worker: 'front', path: '/?worker=later' });
    await sleep(300);
    return answer;
  });
  assert.equal(result.body, 'answered');
  const used = await cpuOfStoppedInvocations(platform, 'later');
  assert.ok(used <= cpuMs + 20, `it got ${used} ms of CPU`);
});

test('a loop in global scope is refused at upload', async () => {
  await assert.rejects(platform.uploadWorker('starting', 'for (;;); export default { fetch() {} };'), (error) => {
    assert.deepEqual([error.status, error.code], [400, 10021]);
    return true;
  });
});
