// What clients see when a Worker gives no answer: a page with a code, and a request id that the log knows too.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, startPlatform } from './platform.mjs';

let platform;

before(async () => {
  platform = await startPlatform();
  await platform.uploadWorker('faulty', `export default {
    async fetch(request) {
      switch (new URL(request.url).pathname) {
        case '/throw': throw new TypeError('broken inside');
        case '/nothing': return undefined;
        case '/number': return 42;
        case '/hang': return new Promise(() => {});
        case '/loop': for (;;);
        case '/reject': return Promise.reject(new Error('refused inside'));
      }
      return new Response('fine');
    },
  };`, { limits: { cpu_ms: 50 } });
  await platform.uploadWorker('hop', 'export default { fetch: () => new Response("first") }');
  await platform.uploadWorker('hop', `export default {
    fetch: (request, env) => env.SELF.fetch(request),
  };`, { bindings: [{ type: 'service', name: 'SELF', service: 'hop' }] });
});
after(() => platform?.stop());

const cases = [
  ['an uncaught exception', 'faulty', '/throw', 500, '1101'],
  ['a rejected promise', 'faulty', '/reject', 500, '1101'],
  ['no response', 'faulty', '/nothing', 500, '1101'],
  ['something that is no response', 'faulty', '/number', 500, '1101'],
  ['a handler that waits for nothing', 'faulty', '/hang', 500, '1101'],
  ['the CPU limit', 'faulty', '/loop', 503, '1102'],
  ['a chain of more than 16 Workers', 'hop', '/', [500, 508], '1019'],
];
for (const [what, worker, path, status, code] of cases) {
  test(`${what}: page ${code}, with the request id that is in the log`, async () => {
    const answer = await platform.request({ worker, path, timeoutMs: 10_000 });
    assert.ok([status].flat().includes(answer.status), `status ${answer.status}: ${answer.body.slice(0, 200)}`);
    assert.ok(answer.body.includes(code), answer.body.slice(0, 500));
    assert.ok(!answer.body.includes('inside'), 'the page tells what the Worker threw');
    const id = /\b[0-9a-f]{16,32}\b|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/.exec(answer.body)?.[0];
    assert.ok(id, `no request id in ${answer.body.slice(0, 500)}`);
    await eventually('the request id is in the log', () => platform.log().includes(id));
  });
}

test('a hostname that nobody serves: 404, code 1022', async () => {
  for (const host of ['absent.atoll.localhost', 'nobody.example', 'atoll.localhost', '127.0.0.1']) {
    const answer = await platform.request({ host });
    assert.equal(answer.status, 404, host);
    assert.ok(answer.body.includes('1022'), `${host}: ${answer.body.slice(0, 300)}`);
  }
});

test('the Worker goes on answering after each of these', async () => {
  assert.equal((await platform.request({ worker: 'faulty' })).body, 'fine');
});
