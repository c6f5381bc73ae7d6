// Isolate hosts may die at any moment: the others go on, a new one is there at once, only what was in flight fails.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, sleep, startPlatform } from './platform.mjs';

let platform;

before(async () => {
  platform = await startPlatform({ hosts: 2 });
  await platform.uploadWorker('steady', `export default {
    async fetch(request) {
      if (new URL(request.url).pathname === '/slow') await new Promise((done) => setTimeout(done, 400));
      return new Response('steady');
    },
  };`);
});
after(() => platform?.stop());

test('there are as many hosts as asked for', () => {
  assert.equal(platform.hosts().length, 2);
});

test('SIGKILL of a host under load: clean failures only, service goes on, the host is back within 100 ms', async () => {
  await platform.request({ worker: 'steady' });
  let running = true;
  const seen = { ok: 0, failed: 0, strange: [] };
  const failuresAfterReturn = [];
  let returned = Infinity;
  const client = async () => {
    while (running) {
      const asked = performance.now();
      try {
        const { status, body } = await platform.request({ worker: 'steady', agent: false, timeoutMs: 5000 });
        if (status === 200 && body === 'steady') seen.ok += 1;
        else if (status >= 500) seen.failed += 1;
        else seen.strange.push(`${status} ${body}`);
      } catch (error) {
        if (['ECONNRESET', 'ECONNREFUSED', 'EPIPE'].includes(error.code)) seen.failed += 1;
        else seen.strange.push(error.message);
        if (asked > returned) failuresAfterReturn.push(error.message);
      }
    }
  };
  const clients = Promise.all(Array.from({ length: 8 }, client));
  await sleep(200);
  const [victim] = platform.hosts();
  const killed = performance.now();
  process.kill(victim, 'SIGKILL');
  await eventually('two hosts again', () => {
    const hosts = platform.hosts();
    return hosts.length === 2 && !hosts.includes(victim);
  }, 2000);
  returned = performance.now();
  await sleep(500);
  running = false;
  await clients;
  assert.deepEqual(seen.strange, []);
  assert.ok(seen.ok > 50, `only ${seen.ok} answers`);
  assert.ok(seen.failed <= 16, `${seen.failed} requests failed`);
  assert.deepEqual(failuresAfterReturn, []);
  assert.ok(returned - killed < 100, `back after ${(returned - killed).toFixed(0)} ms`);
});

test('every host dies at once: both come back and answer', async () => {
  const before = platform.hosts();
  for (const pid of before) process.kill(pid, 'SIGKILL');
  await eventually('new hosts', () => platform.hosts().filter((pid) => !before.includes(pid)).length === 2, 3000);
  await eventually('an answer', async () => (await platform.request({ worker: 'steady', agent: false })).body === 'steady');
});

test('a request in flight on the killed host ends cleanly', async () => {
  const slow = Array.from({ length: 6 }, () => platform.request({ worker: 'steady', path: '/slow', agent: false }).then(
    ({ status }) => status, (error) => error.code));
  await sleep(100);
  process.kill(platform.hosts()[0], 'SIGKILL');
  for (const end of await Promise.all(slow)) {
    assert.ok(end === 200 || end >= 500 || ['ECONNRESET', 'EPIPE', 'ECONNREFUSED'].includes(end), `ended with ${end}`);
  }
});

test('a host that is killed again and again does not take the platform down', async () => {
  for (let i = 0; i < 5; i += 1) {
    const [pid] = platform.hosts();
    if (pid) process.kill(pid, 'SIGKILL');
    await sleep(50);
  }
  await eventually('two hosts again', () => platform.hosts().length === 2, 5000);
  await eventually('an answer', async () => (await platform.request({ worker: 'steady', agent: false })).body === 'steady');
});
