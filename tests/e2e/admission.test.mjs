// What one script may take of a host, and what a host does that has too much to do: a refusal that names the limit, never a collapse.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import http from 'node:http';
import { eventually, startPlatform } from './platform.mjs';

const held = `export default {
  async fetch(request) {
    const path = new URL(request.url).pathname;
    if (path === '/hold') await scheduler.wait(60_000);
    return new Response('done');
  },
};`;

// Answers with what the dispatch threw, or lets it go through to the client.
const dispatcher = `export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const worker = env.NS.get(url.searchParams.get('worker'));
    if (url.searchParams.has('uncaught')) return worker.fetch(request);
    try {
      return await worker.fetch(request);
    } catch (error) {
      return new Response(error.name + ': ' + error.message, { status: 418 });
    }
  },
};`;

async function withDispatcher(args) {
  const platform = await startPlatform({ args });
  await platform.createNamespace('tenants');
  await platform.uploadWorker('front', dispatcher, { bindings: [{ type: 'dispatch_namespace', name: 'NS', namespace: 'tenants' }] });
  return platform;
}

// Begins `count` requests that do not end; returns what ends them.
function hold(platform, worker, path, count) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: count });
  const [hostname, port] = platform.http.split(':');
  const requests = Array.from({ length: count }, () => {
    const request = http.request({ hostname, port, path, agent, headers: { host: `${worker}.${platform.domain}` } });
    request.on('error', () => {}).on('response', (response) => response.resume()).end();
    return request;
  });
  return () => { for (const request of requests) request.destroy(); agent.destroy(); };
}

const limitLines = (platform) => platform.logEntries().filter((entry) => entry.event === 'limit_reached');

describe('limits of a script', () => {
  let platform;
  before(async () => {
    platform = await withDispatcher(['--set', 'limits.concurrency=3', '--set', 'limits.rate=200']);
    for (const name of ['busy', 'other', 'fast']) await platform.uploadUserWorker('tenants', name, held);
  });
  after(() => platform?.stop());

  test('concurrency: the dispatcher gets an error that names it, others are served, and it ends with the requests', async () => {
    const release = hold(platform, 'front', '/hold?worker=busy', 3);
    const refused = await eventually('a refusal', async () => {
      const answer = await platform.request({ worker: 'front', path: '/?worker=busy' });
      return answer.status === 418 && answer;
    });
    assert.equal(refused.body, 'Error: Worker exceeded limits.concurrency: 3 requests at once.');
    assert.equal((await platform.request({ worker: 'front', path: '/?worker=other' })).body, 'done');

    const page = await platform.request({ worker: 'front', path: '/?worker=busy&uncaught' });
    assert.equal(page.status, 429);
    assert.equal(page.headers['retry-after'], '1');
    assert.ok(page.body.includes('1015'), page.body);

    const line = await eventually('a line in the log', () => limitLines(platform).find((entry) => entry.script === 'busy'));
    assert.equal(line.limit, 'limits.concurrency');
    assert.equal(line.value, 3);
    assert.equal(line.namespace, 'tenants');
    assert.ok(line.refused >= 1);

    release();
    await eventually('room again', async () => (await platform.request({ worker: 'front', path: '/?worker=busy' })).body === 'done');
  });

  test('rate: what comes beyond it is refused, what is within is not', async () => {
    const ask = () => platform.request({ worker: 'front', path: '/?worker=fast' });
    const started = performance.now();
    const agent = new http.Agent({ keepAlive: true, maxSockets: 3 });
    const ask3 = () => platform.request({ worker: 'front', path: '/?worker=fast', agent });
    const answers = await Promise.all(Array.from({ length: 600 }, ask3));
    agent.destroy();
    const seconds = (performance.now() - started) / 1000;
    const served = answers.filter(({ body }) => body === 'done').length;
    const refused = answers.filter(({ body }) => body === 'Error: Worker exceeded limits.rate: 200 requests a second.').length;
    assert.equal(served + refused, 600);
    assert.ok(served >= 200, `${served} served`);
    assert.ok(served <= 201 + 200 * seconds, `${served} served in ${seconds} s`);
    await eventually('served again', async () => (await ask()).body === 'done');
  });
});

describe('limits of a Worker of the account', () => {
  let platform;
  before(async () => {
    platform = await startPlatform({ args: ['--set', 'limits.account_concurrency=20'] });
    await platform.uploadWorker('single', held);
  });
  after(() => platform?.stop());

  test('concurrency of a Worker of the account: 429 with Retry-After', async () => {
    const release = hold(platform, 'single', '/hold', 20);
    const refused = await eventually('a refusal', async () => {
      const answer = await platform.request({ worker: 'single' });
      return answer.status === 429 && answer;
    });
    assert.equal(refused.headers['retry-after'], '1');
    assert.ok(refused.body.includes('1015'), refused.body);
    assert.ok(refused.headers['x-request-id']);
    await eventually('a line in the log', () => limitLines(platform).some((entry) => entry.limit === 'limits.account_concurrency'));
    release();
    await eventually('room again', async () => (await platform.request({ worker: 'single' })).status === 200);
  });
});

describe('the queue of a script', () => {
  let platform;
  before(async () => {
    platform = await withDispatcher(['--set', 'limits.queue=10']);
    await platform.uploadUserWorker('tenants', 'called', 'export default { fetch: () => new Response("done") };');
    await platform.uploadWorker('caller', `export default {
      async fetch(request, env) {
        const calls = Array.from({ length: 100 }, () => env.NS.get('called').fetch('http://called/').then((answer) => answer.text(), (error) => error.message));
        return Response.json(await Promise.all(calls));
      },
    };`, { bindings: [{ type: 'dispatch_namespace', name: 'NS', namespace: 'tenants' }] });
  });
  after(() => platform?.stop());

  test('calls that wait for it to be loaded count, and the others are told so', async () => {
    const answers = JSON.parse((await platform.request({ worker: 'caller' })).body);
    assert.equal(answers.filter((text) => text === 'done').length, 10);
    assert.equal(answers.filter((text) => text === 'Worker exceeded limits.queue: 10 turns waiting.').length, 90);
  });

  test('a script that is loaded takes its calls as fast as they come', async () => {
    const answers = JSON.parse((await platform.request({ worker: 'caller' })).body);
    assert.equal(answers.filter((text) => text === 'done').length, 100);
  });
});

describe('a host with too much to do', () => {
  let platform;
  before(async () => {
    platform = await startPlatform({ args: ['--set', 'ingress.queue_delay_ms=100', '--set', 'ingress.requests=300'] });
    await platform.uploadWorker('slow', `export default {
      fetch() {
        let sum = 0;
        for (let i = 0; i < 10_000_000; i += 1) sum += Math.sqrt(i);
        return new Response(String(sum > 0));
      },
    };`);
    await platform.uploadWorker('held', held);
    await platform.uploadWorker('light', 'export default { fetch: () => new Response("light") };');
  });
  after(() => platform?.stop());

  test('turns the script away that uses it, with 503 and Retry-After, and nobody else', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 150 });
    let running = true;
    let served = 0;
    let refused;
    const clients = Array.from({ length: 150 }, async () => {
      while (running) {
        const answer = await platform.request({ worker: 'slow', agent, timeoutMs: 60_000 });
        if (answer.status === 200) served += 1;
        else refused = answer;
      }
    });
    const light = [];
    const end = Date.now() + 60_000;
    while (Date.now() < end && !(refused && served > 20 && light.length > 5)) {
      light.push((await platform.request({ worker: 'light', timeoutMs: 60_000 })).status);
    }
    running = false;
    await Promise.all(clients);
    agent.destroy();
    assert.ok(refused, `none of ${served} was refused`);
    assert.equal(refused.status, 503);
    assert.equal(refused.headers['retry-after'], '1');
    assert.ok(refused.body.includes('1105'));
    assert.ok(served > 20, `${served} served`);
    assert.ok(light.every((status) => status === 200), `light: ${light}`);
    await eventually('a line in the log', () => platform.logEntries().some((entry) => entry.event === 'overloaded'));
    await eventually('calm again', async () => (await platform.request({ worker: 'slow' })).status === 200);
  });

  test('answers only so many requests at once', async () => {
    const release = hold(platform, 'held', '/hold', 300);
    const refused = await eventually('a refusal', async () => {
      const answer = await platform.request({ worker: 'light' });
      return answer.status === 503 && answer;
    });
    assert.equal(refused.headers['retry-after'], '1');
    release();
    await eventually('room again', async () => (await platform.request({ worker: 'light' })).body === 'light');
  });
});
