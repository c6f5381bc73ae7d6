// From the first day the owner sees what the code did: console, exceptions and outcomes, one JSON object a line.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { account, eventually, startPlatform } from './platform.mjs';

let platform;

before(async () => {
  platform = await startPlatform();
  await platform.createNamespace('logs');
  await platform.uploadUserWorker('logs', 'talker', `export default {
    fetch(request) {
      console.log('a line', { n: 1 }, [1, 2]);
      console.error('an error line');
      if (new URL(request.url).pathname === '/throw') throw new Error('thrown on purpose');
      return new Response('said');
    },
  };`);
  await platform.uploadWorker('front', 'export default { fetch: (request, env) => env.NS.get("talker").fetch(request) }', {
    bindings: [{ type: 'dispatch_namespace', name: 'NS', namespace: 'logs' }],
  });
});
after(() => platform?.stop());

const holds = (entry, text) => JSON.stringify(entry).includes(text);
const find = (what, test) => eventually(what, () => platform.logEntries().find(test));

test('console lines carry account, namespace, script, version and request id', async () => {
  assert.equal((await platform.request({ worker: 'front' })).body, 'said');
  const line = await find('the console line', (entry) => holds(entry, 'a line'));
  const text = JSON.stringify(line);
  for (const part of [account, 'logs', 'talker']) assert.ok(text.includes(part), `${part} is not in ${text}`);
  assert.match(text, /"version[^"]*":"[0-9a-f-]{32,36}"/);
  assert.match(text, /"request_id":"[^"]+"/);
  assert.match(line.message ?? line.text ?? text, /n: ?1|\\?"n\\?":1/);
  await find('the error line', (entry) => holds(entry, 'an error line') && /error/i.test(entry.level));
});

test('each invocation leaves its outcome and duration; dispatcher and user Worker share the request id', async () => {
  await platform.request({ worker: 'front' });
  const outcome = (script) => find(`the outcome of ${script}`, (entry) => entry.outcome === 'ok' && entry.script === script);
  const [front, talker] = [await outcome('front'), await outcome('talker')];
  for (const entry of [front, talker]) {
    assert.ok(Object.keys(entry).some((key) => /wall|duration/.test(key)), JSON.stringify(entry));
    assert.ok(Object.keys(entry).some((key) => key.includes('cpu')), JSON.stringify(entry));
  }
  assert.ok(platform.logEntries().some((entry) => entry.script === 'front' && entry.request_id === talker.request_id));
});

test('an uncaught exception is logged with its message and the outcome "exception"', async () => {
  const answer = await platform.request({ worker: 'front', path: '/throw' });
  assert.equal(answer.status, 500);
  await find('the exception', (entry) => holds(entry, 'thrown on purpose') && entry.script === 'talker');
  await find('the outcome', (entry) => entry.outcome === 'exception' && entry.script === 'talker');
});

test('no secret and no token reaches the log', async () => {
  await platform.call('PUT', '/workers/dispatch/namespaces/logs/scripts/talker/secrets', { name: 'S', text: 'never-to-be-seen', type: 'secret_text' });
  await platform.request({ worker: 'front', headers: { authorization: 'Bearer client-credential' } });
  assert.doesNotMatch(platform.log(), /never-to-be-seen|token-for-tests|client-credential/);
});
