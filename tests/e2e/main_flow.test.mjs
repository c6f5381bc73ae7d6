// What the platform is for: a hostname leads through the owner's dispatcher into a customer's Worker, and one
// customer's endless loop costs the others nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import http from 'node:http';
import { account, cpuOfStoppedInvocations, leastOf, sleep, startPlatform } from './platform.mjs';

const loopLimitMs = 60;

const dispatcher = `
const plans = { free: { cpuMs: ${loopLimitMs}, subRequests: 5 }, paid: { cpuMs: 1000, subRequests: 50 } };

export default {
  async fetch(request, env) {
    const hostname = new URL(request.url).hostname;
    const customer = await env.CUSTOMERS.get(hostname, 'json');
    if (!customer) return new Response('no customer at ' + hostname, { status: 404 });
    try {
      const worker = env.DISPATCHER.get(customer.script, {}, { limits: plans[customer.plan] });
      return await worker.fetch(request);
    } catch (error) {
      if (error.message.startsWith('Worker not found')) return new Response('no Worker yet', { status: 404 });
      if (error.message.includes('CPU time limit')) return new Response('over limit', { status: 429 });
      return new Response('failed: ' + error.message, { status: 502 });
    }
  },
};`;

const customer = (greeting) => `
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/loop') for (;;);
    if (pathname === '/throw') throw new RangeError('a mistake of ${greeting}');
    if (pathname === '/echo') return new Response(request.body, { headers: { 'x-method': request.method } });
    return new Response('${greeting} ' + pathname);
  },
};`;

let platform;

before(async () => {
  platform = await startPlatform();
  const kv = await platform.createKv('customers');
  await platform.createNamespace('production');
  await platform.uploadUserWorker('production', 'ann', customer('ann'));
  await platform.uploadUserWorker('production', 'bob', customer('bob'));
  await platform.putKv(kv, 'ann.example', JSON.stringify({ script: 'ann', plan: 'paid' }));
  await platform.putKv(kv, 'shop.bob.example', JSON.stringify({ script: 'bob', plan: 'free' }));
  await platform.putKv(kv, 'gone.example', JSON.stringify({ script: 'gone', plan: 'free' }));
  await platform.uploadWorker('dispatcher', dispatcher, {
    bindings: [
      { type: 'kv_namespace', name: 'CUSTOMERS', namespace_id: kv },
      { type: 'dispatch_namespace', name: 'DISPATCHER', namespace: 'production' },
    ],
  });
  for (const name of ['ann.example', 'bob.example', 'gone.example', 'nobody.example']) {
    const zone = await platform.api('POST', '/zones', { name, account: { id: account } });
    assert.equal(zone.body.success, true, JSON.stringify(zone.body));
    const route = await platform.api('POST', `/zones/${zone.body.result.id}/workers/routes`, {
      pattern: `*${name}/*`, script: 'dispatcher',
    });
    assert.equal(route.body.success, true, JSON.stringify(route.body));
  }
});
after(() => platform?.stop());

test('two customers answer differently on their own hostnames', async () => {
  const ann = await platform.request({ host: 'ann.example', path: '/hello' });
  assert.deepEqual([ann.status, ann.body], [200, 'ann /hello']);
  const bob = await platform.request({ host: 'shop.bob.example', path: '/' });
  assert.deepEqual([bob.status, bob.body], [200, 'bob /']);
});

test('a body travels through the dispatcher both ways', async () => {
  const answer = await platform.request({ host: 'ann.example', path: '/echo', method: 'POST', body: 'x'.repeat(200_000) });
  assert.deepEqual([answer.status, answer.headers['x-method'], answer.body.length], [200, 'POST', 200_000]);
});

test('an unknown hostname gets the dispatcher’s own 404', async () => {
  const answer = await platform.request({ host: 'nobody.example' });
  assert.deepEqual([answer.status, answer.body], [404, 'no customer at nobody.example']);
});

test('a customer without a Worker is told apart', async () => {
  const answer = await platform.request({ host: 'gone.example' });
  assert.deepEqual([answer.status, answer.body], [404, 'no Worker yet']);
});

test('an exception reaches the dispatcher with its message', async () => {
  const answer = await platform.request({ host: 'ann.example', path: '/throw' });
  assert.deepEqual([answer.status, answer.body], [502, 'failed: a mistake of ann']);
});

// How much longer than a loop the neighbour had to wait, in the worst case of ten loops.
async function worstExcess() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const waits = [];
  let looping = true;
  const neighbour = async () => {
    while (looping) {
      const { status, ms } = await platform.request({ host: 'ann.example', agent });
      assert.equal(status, 200);
      waits.push(ms);
      await sleep(1);
    }
  };
  const neighbours = Promise.all([neighbour(), neighbour()]);
  let longestLoop = loopLimitMs;
  for (let i = 0; i < 10; i += 1) {
    const answer = await platform.request({ host: 'shop.bob.example', path: '/loop' });
    assert.deepEqual([answer.status, answer.body], [429, 'over limit']);
    longestLoop = Math.max(longestLoop, answer.ms);
    await sleep(30);
  }
  looping = false;
  await neighbours;
  agent.destroy();
  assert.ok(waits.length > 20, `only ${waits.length} requests of the neighbour`);
  return Math.max(...waits) - longestLoop;
}

// On a busy machine 60 ms of CPU take longer by the clock, for the loop as for whoever waits for it. So the wait is
// compared with the loop's own duration, and the loop's CPU time with its limit.
test('an endless loop ends in the dispatcher’s page and delays nobody beyond its CPU limit', async () => {
  await platform.request({ host: 'ann.example' });
  await platform.request({ host: 'shop.bob.example' });
  const excess = await leastOf(3, 20, worstExcess);
  assert.ok(excess <= 20, `the neighbour waited ${excess.toFixed(1)} ms longer than the loop took`);
  const used = await cpuOfStoppedInvocations(platform, 'bob');
  assert.ok(used <= loopLimitMs + 20, `the loop got ${used} ms of CPU`);
});
