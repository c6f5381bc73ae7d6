// A host in a long turn leaves its clients to the other hosts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import http from 'node:http';
import { sleep, startPlatform } from './platform.mjs';

const turnMs = 3000;
let platform;

before(async () => {
  platform = await startPlatform({ hosts: 2 });
  await platform.uploadWorker('neighbour', 'export default { fetch: () => new Response("here") };');
  await platform.uploadWorker('burner', 'export default { fetch() { for (;;); } };', { limits: { cpu_ms: turnMs } });
});
after(() => platform?.stop());

test('connections that a host holds are answered by another one while it computes', async () => {
  const agents = Array.from({ length: 16 }, () => new http.Agent({ keepAlive: true, maxSockets: 1 }));
  const askAll = () => Promise.all(agents.map((agent) => platform.request({ worker: 'neighbour', agent })));
  for (const { body } of await askAll()) assert.equal(body, 'here');

  let burning = true;
  const burner = platform.request({ worker: 'burner' }).finally(() => { burning = false; });
  await sleep(300);
  for (let round = 0; round < 3; round += 1) {
    const answers = await askAll();
    assert.ok(burning, 'somebody waited for the end of the turn');
    for (const { body, ms } of answers) {
      assert.equal(body, 'here');
      assert.ok(ms < turnMs / 2, `${ms} ms`);
    }
  }
  assert.equal((await burner).status, 503);
  for (const { body } of await askAll()) assert.equal(body, 'here');
  for (const agent of agents) agent.destroy();
});
