// Nothing acknowledged is lost: the supervisor is killed at random moments during deploys and KV writes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, sleep, startPlatform } from './platform.mjs';

let platform;
before(async () => { platform = await startPlatform(); });
after(() => platform?.stop());

test('SIGKILL of the supervisor at random moments loses no acknowledged deploy or KV write', async () => {
  const kv = await platform.createKv('durable');
  await platform.createNamespace('durable');
  const script = (revision) => `export default { fetch: () => new Response("revision ${revision}") }`;
  await platform.uploadWorker('front', `export default {
    fetch: (request, env) => env.NS.get('user').fetch(request),
  };`, { bindings: [{ type: 'dispatch_namespace', name: 'NS', namespace: 'durable' }] });

  let revision = 0;
  let key = 0;
  const acknowledged = { account: -1, user: -1, keys: new Map() };
  for (let round = 0; round < 8; round += 1) {
    let alive = true;
    const deploys = (async () => {
      while (alive) {
        const mine = (revision += 1);
        try {
          await platform.uploadWorker('account-worker', script(mine));
          acknowledged.account = mine;
          await platform.uploadUserWorker('durable', 'user', script(mine));
          acknowledged.user = mine;
        } catch (error) {
          if (alive) throw error;
        }
      }
    })();
    const writes = (async () => {
      while (alive) {
        const mine = `key-${key += 1}`;
        try {
          await platform.putKv(kv, mine, `value of ${mine} ${'x'.repeat(mine.endsWith('7') ? 200_000 : 10)}`);
          acknowledged.keys.set(mine, true);
        } catch (error) {
          if (alive) throw error;
        }
      }
    })();
    await eventually('a first deploy of each', () => acknowledged.user >= 0, 30_000);  // a slow machine takes its time
    await sleep(150 + Math.random() * 350);
    alive = false;
    await platform.kill('SIGKILL');
    await Promise.all([deploys, writes]);
    await platform.start();

    await eventually('the dispatcher answers after the restart', async () =>
      (await platform.request({ worker: 'front', agent: false })).status === 200);
    for (const [worker, last] of [['account-worker', acknowledged.account], ['front', acknowledged.user]]) {
      const { status, body } = await platform.request({ worker, agent: false });
      assert.equal(status, 200, body);
      const answered = Number(body.split(' ')[1]);
      assert.ok(answered >= last, `round ${round}: ${worker} answers revision ${answered}, ${last} was acknowledged`);
    }
  }
  assert.ok(acknowledged.keys.size > 20 && acknowledged.user > 3, `${acknowledged.keys.size} keys, revision ${acknowledged.user}`);
  for (const name of acknowledged.keys.keys()) {
    const { status, body } = await platform.api('GET', `/accounts/${platform.ready.account_id}/storage/kv/namespaces/${kv}/values/${name}`);
    assert.equal(status, 200, `${name} is gone`);
    assert.ok(body.startsWith(`value of ${name} `), `${name} holds ${body.slice(0, 60)}`);
  }
});

test('the hosts of a killed supervisor end too, so that the ports are free', async () => {
  const hosts = platform.hosts();
  assert.ok(hosts.length > 0);
  await platform.kill('SIGKILL');
  await eventually('the hosts are gone', () => hosts.every((pid) => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  }), 5000);
  await platform.start();
  assert.equal((await platform.request({ worker: 'front', agent: false })).status, 200);
});

test('a write from a Worker is there after a kill as soon as put() has resolved', async () => {
  const kv = await platform.createKv('from a Worker');
  await platform.uploadWorker('writer', `export default {
    async fetch(request, env) {
      const key = new URL(request.url).pathname.slice(1);
      if (request.method === 'PUT') { await env.KV.put(key, 'kept'); return new Response('stored'); }
      return new Response(await env.KV.get(key));
    },
  };`, { bindings: [{ type: 'kv_namespace', name: 'KV', namespace_id: kv }] });
  for (let i = 0; i < 3; i += 1) {
    assert.equal((await platform.request({ worker: 'writer', path: `/k${i}`, method: 'PUT', agent: false })).body, 'stored');
    await platform.kill('SIGKILL');
    await platform.start();
    assert.equal((await platform.request({ worker: 'writer', path: `/k${i}`, agent: false })).body, 'kept');
  }
});
