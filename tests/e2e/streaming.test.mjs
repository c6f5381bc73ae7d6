// Bodies stream both ways with back-pressure: size costs time, not memory.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import http from 'node:http';
import { eventually, residentBytes, sleep, startPlatform } from './platform.mjs';

const MiB = 1024 * 1024;
let platform;

before(async () => {
  platform = await startPlatform();
  await platform.createNamespace('streams');
  const echo = 'export default { fetch: (request) => new Response(request.body) }';
  await platform.uploadWorker('echo', echo);
  await platform.uploadUserWorker('streams', 'echo', echo);
  await platform.uploadWorker('front', 'export default { fetch: (request, env) => env.NS.get("echo").fetch(request) }', {
    bindings: [{ type: 'dispatch_namespace', name: 'NS', namespace: 'streams' }],
  });
  await platform.uploadWorker('source', `export default {
    fetch(request) {
      const total = Number(new URL(request.url).searchParams.get('bytes'));
      const part = new Uint8Array(65536).fill(97);
      let sent = 0;
      return new Response(new ReadableStream({
        pull(controller) {
          if (sent >= total) return controller.close();
          controller.enqueue(part.slice());
          sent += part.length;
        },
      }));
    },
  };`);
  await platform.uploadWorker('ticks', `export default {
    fetch() {
      const { readable, writable } = new TransformStream();
      const writer = writable.getWriter();
      (async () => {
        for (let i = 0; i < 5; i += 1) {
          await writer.write(new TextEncoder().encode('tick ' + i + ';'));
          await new Promise((done) => setTimeout(done, 60));
        }
        await writer.close();
      })();
      return new Response(readable);
    },
  };`);
});
after(() => platform?.stop());

// Sends `total` bytes and counts what comes back, while `watch` is called now and then.
function echo(worker, total, { chunked, watch }) {
  const [hostname, port] = platform.http.split(':');
  return new Promise((done, fail) => {
    const headers = { host: `${worker}.${platform.domain}`, ...(chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': total }) };
    const request = http.request({ hostname, port, method: 'POST', path: '/', headers, agent: false });
    let received = 0;
    request.on('error', fail);
    request.on('response', (response) => {
      if (response.statusCode !== 200) fail(new Error(`status ${response.statusCode}`));
      response.on('data', (chunk) => { received += chunk.length; });
      response.on('error', fail);
      response.on('end', () => done(received));
    });
    const part = Buffer.alloc(MiB, 'x');
    let sent = 0;
    const pump = () => {
      while (sent < total) {
        sent += part.length;
        if (sent % (32 * MiB) === 0) watch?.();
        if (!request.write(part)) return request.once('drain', pump);
      }
      request.end();
    };
    pump();
  });
}

for (const [worker, chunked] of [['echo', false], ['front', true]]) {
  test(`1 GiB echoed by ${worker}, ${chunked ? 'chunked' : 'with its length'}, in under 100 MiB of host memory`, async () => {
    await platform.request({ worker });
    const [host] = platform.hosts();
    let peak = 0;
    const received = await echo(worker, 1024 * MiB, { chunked, watch: () => { peak = Math.max(peak, residentBytes(host)); } });
    assert.equal(received, 1024 * MiB);
    assert.ok(peak > 0 && peak < 100 * MiB, `the host grew to ${(peak / MiB).toFixed(0)} MiB`);
  });
}

test('a reader that stops makes the Worker wait, not the host grow', async () => {
  const [hostname, port] = platform.http.split(':');
  await platform.request({ worker: 'source', path: '/?bytes=65536' });
  const [host] = platform.hosts();
  const before = residentBytes(host);
  const response = await new Promise((done, fail) => {
    http.get({ hostname, port, path: `/?bytes=${512 * MiB}`, headers: { host: `source.${platform.domain}` }, agent: false }, done).on('error', fail);
  });
  response.pause();
  await sleep(1500);
  const grown = residentBytes(host) - before;
  response.destroy();
  assert.ok(grown < 32 * MiB, `grew by ${(grown / MiB).toFixed(0)} MiB`);
  assert.equal((await platform.request({ worker: 'source', path: '/?bytes=131072' })).bytes.length, 131072);
});

test('parts of a response arrive as they are written', async () => {
  const [hostname, port] = platform.http.split(':');
  const arrivals = await new Promise((done, fail) => {
    const seen = [];
    http.get({ hostname, port, headers: { host: `ticks.${platform.domain}` }, agent: false }, (response) => {
      response.on('data', (chunk) => seen.push({ at: performance.now(), text: chunk.toString() }));
      response.on('end', () => done(seen));
    }).on('error', fail);
  });
  assert.equal(arrivals.map(({ text }) => text).join(''), 'tick 0;tick 1;tick 2;tick 3;tick 4;');
  assert.ok(arrivals.length >= 4, `${arrivals.length} pieces`);
  assert.ok(arrivals.at(-1).at - arrivals[0].at > 150, 'all pieces came at once');
});

test('a client that leaves in the middle of an upload harms nobody', async () => {
  const [hostname, port] = platform.http.split(':');
  for (let i = 0; i < 20; i += 1) {
    const request = http.request({ hostname, port, method: 'POST', headers: { host: `echo.${platform.domain}`, 'content-length': 10 * MiB }, agent: false });
    request.on('error', () => {});
    request.write(Buffer.alloc(100_000));
    await sleep(5);
    request.destroy();
  }
  await eventually('an answer', async () => (await platform.request({ worker: 'echo', method: 'POST', body: 'still here' })).body === 'still here');
  assert.equal(platform.hosts().length, 1);
});
