// The way out under the owner's control: rules and quotas per namespace and per script, and the audit.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { compatibilityDate, eventually, startPlatform } from './platform.mjs';

let platform;
let origin;
let port;

const user = `
import { connect } from 'cloudflare:sockets';
import { WorkerEntrypoint } from 'cloudflare:workers';
async function attempt(work) { try { return await work(); } catch (error) { return 'refused: ' + error.message; } }
async function reach(url) {
  const { host, port, method = 'GET', api = 'fetch', path = '/' } = Object.fromEntries(url.searchParams);
  if (api === 'connect') return attempt(async () => { const socket = connect(host + ':' + port); await socket.opened; await socket.close(); return 'connected'; });
  return attempt(async () => (await fetch('http://' + host + ':' + port + path, { method })).text());
}
export class Inner extends WorkerEntrypoint { reach(url) { return reach(new URL(url)); } }
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    return new Response(url.searchParams.has('rpc') ? await ctx.exports.Inner.reach(request.url) : await reach(url));
  },
};`;

const dispatcher = `export default { fetch(request, env) {
  const url = new URL(request.url);
  return env.CUSTOMERS.get(url.pathname.slice(1)).fetch(request);
} };`;

before(async () => {
  origin = http.createServer((request, response) => {
    const size = Number(new URL(request.url, 'http://o').searchParams.get('bytes') ?? 0);
    response.end(size ? Buffer.alloc(size, 'x') : `${request.method} answered`);
  });
  await new Promise((done) => { origin.listen(0, '127.0.0.1', done); });
  port = origin.address().port;
  platform = await startPlatform({ args: ['--egress-allow', '127.0.0.1'] });
  await platform.createNamespace('customers');
  for (const name of ['ada', 'bob', 'eve']) {
    await platform.uploadUserWorker('customers', name, user, { compatibility_date: compatibilityDate });
  }
  await platform.uploadWorker('dispatcher', dispatcher, { bindings: [{ type: 'dispatch_namespace', name: 'CUSTOMERS', namespace: 'customers' }] });
});
after(async () => {
  await platform?.stop();
  origin?.closeAllConnections();
  origin?.close();
});

const policies = '/atoll/egress/policies/namespaces/customers';
const setPolicy = (policy, script) => platform.call('PUT', policies + (script ? `/scripts/${script}` : ''), policy);
const dropPolicy = (script) => platform.call('DELETE', policies + (script ? `/scripts/${script}` : ''));

async function reach(script, parameters = {}) {
  const query = new URLSearchParams({ host: '127.0.0.1', port, ...parameters });
  const answer = await platform.request({ worker: 'dispatcher', path: `/${script}?${query}` });
  assert.equal(answer.status, 200, answer.body);
  return answer.body;
}

async function audit(query) {
  return platform.call('GET', `/atoll/egress/audit?${new URLSearchParams(query)}`);
}

test('rules: the script\'s own come first, then those of its namespace; the others keep the defaults', async () => {
  assert.equal(await reach('ada'), 'GET answered');
  await setPolicy({ rules: [{ action: 'deny', host: '127.0.0.1', name: 'not-here' }] });
  assert.match(await reach('ada'), /refused by the rule "namespace:not-here"/);
  assert.match(await reach('ada', { rpc: 1 }), /namespace:not-here/);
  assert.match(await reach('ada', { api: 'connect' }), /^refused/);
  assert.equal((await audit({ script: 'ada', limit: 1 }))[0].rule, 'namespace:not-here');
  await setPolicy({ rules: [{ action: 'allow', cidr: '127.0.0.0/8', internal: true, ports: [port] }] }, 'bob');
  assert.equal(await reach('bob'), 'GET answered');
  assert.match(await reach('bob', { port: port + 1 }), /namespace:not-here/);
  await dropPolicy();
  await dropPolicy('bob');
  assert.equal(await reach('ada'), 'GET answered');
});

test('methods: a kept connection is no way around a rule, and neither are bytes', async () => {
  assert.equal(await reach('ada', { method: 'POST' }), 'POST answered');
  await setPolicy({ rules: [{ action: 'deny', methods: ['POST'] }] }, 'ada');
  assert.equal(await reach('ada'), 'GET answered');
  assert.match(await reach('ada', { method: 'POST' }), /script:rule-1/);
  assert.equal(await reach('ada'), 'GET answered');
  assert.equal(await reach('ada', { method: 'PUT' }), 'PUT answered');
  assert.match(await reach('ada', { api: 'connect' }), /^refused/);
  assert.equal((await audit({ script: 'ada', limit: 1 }))[0].rule, 'script:rule-1');
  await dropPolicy('ada');
});

test('what only the owner\'s range opens stays closed to names, and the management API to everybody', async () => {
  await setPolicy({ rules: [{ action: 'allow', host: '*' }] }, 'ada');
  assert.match(await reach('ada', { host: '10.0.0.1' }), /"private"/);
  await setPolicy({ rules: [{ action: 'allow', cidr: '0.0.0.0/0', internal: true }] }, 'ada');
  assert.match(await reach('ada', { port: platform.apiAddress.split(':')[1] }), /"management"/);
  await dropPolicy('ada');
});

test('quotas: connections a minute, and bytes', async () => {
  await setPolicy({ quotas: { new_connections_per_minute: 2 } }, 'eve');
  assert.equal(await reach('eve', { api: 'connect' }), 'connected');
  assert.equal(await reach('eve', { api: 'connect' }), 'connected');
  assert.match(await reach('eve', { api: 'connect' }), /^refused/);
  assert.equal((await audit({ script: 'eve', limit: 1 }))[0].rule, 'quota:new-connections');
  assert.equal(await reach('ada', { api: 'connect' }), 'connected');
  await setPolicy({ quotas: { bytes_per_window: 300_000, window_seconds: 2678400 } }, 'bob');
  assert.equal((await reach('bob', { path: '/?bytes=200000' })).length, 200_000);
  await reach('bob', { path: '/?bytes=200000' });
  await eventually('the quota of bytes', async () => /bytes_per_window/.test(await reach('bob', { path: '/?bytes=200000' })));
  const cut = await audit({ script: 'bob', event: 'end', limit: 1 });
  assert.equal(cut[0].cut_by, 'quota:bytes');
  await dropPolicy('eve');
  await dropPolicy('bob');
});

test('the audit tells who, from which handler, where to, by which rule, how much and how long', async () => {
  await reach('eve', { rpc: 1, path: '/?bytes=5000', api: 'fetch' });
  await reach('eve', { host: '169.254.169.254', port: 80 });
  const [refused] = await audit({ script: 'eve', verdict: 'refused', limit: 1 });
  assert.equal(refused.rule, 'metadata');
  assert.equal(refused.host, '169.254.169.254');
  assert.equal(refused.handler, 'fetch');
  assert.equal(refused.dispatch_namespace, 'customers');
  const [decided] = await audit({ script: 'eve', verdict: 'allowed', event: 'decision', limit: 1 });
  assert.equal(decided.handler, 'rpc');
  assert.equal(decided.rule, 'allowed-range');
  assert.equal(decided.address, '127.0.0.1');
  // Taking the permission away ends the kept connection.
  await setPolicy({ rules: [{ action: 'deny' }] }, 'eve');
  const [ended] = await audit({ script: 'eve', event: 'end', limit: 1 });
  assert.equal(ended.connection, decided.connection);
  assert.equal(ended.cut_by, 'policy');
  assert.ok(ended.bytes_received > 5000 && ended.bytes_sent > 20, JSON.stringify(ended));
  assert.ok(ended.duration_ms >= 0);
  await dropPolicy('eve');
});

test('the audit is read in pages and survives the supervisor, as policies do', async () => {
  await setPolicy({ rules: [{ action: 'deny', name: 'kept' }] }, 'ada');
  for (let i = 0; i < 5; i += 1) assert.match(await reach('ada', { port: 1000 + i }), /kept/);
  await platform.kill('SIGKILL');
  await platform.start();
  const query = { script: 'ada', namespace: 'customers', verdict: 'refused', limit: 3 };
  const first = await platform.api('GET', `/accounts/${platform.ready.account_id}/atoll/egress/audit?${new URLSearchParams(query)}`);
  assert.deepEqual(first.body.result.map((row) => row.port), [1004, 1003, 1002]);
  const rest = await audit({ ...query, cursor: first.body.result_info.cursor });
  assert.deepEqual(rest.slice(0, 2).map((row) => row.port), [1001, 1000]);
  assert.match(await reach('ada'), /script:kept/);
});

test('a connection that a script keeps open ends when its policy changes', async (t) => {
  const seen = [];
  const server = net.createServer((socket) => { socket.on('close', () => seen.push('closed')).on('error', () => {}); seen.push('open'); });
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  t.after(() => server.close());
  await platform.uploadUserWorker('customers', 'held', `
    import { connect } from 'cloudflare:sockets';
    export default { async fetch() {
      const socket = connect('127.0.0.1:${server.address().port}');
      const { done } = await socket.readable.getReader().read();
      return new Response('done ' + done);
    } };`);
  const answer = platform.request({ worker: 'dispatcher', path: '/held' });
  await eventually('the connection', () => seen.includes('open'));
  await setPolicy({ rules: [{ action: 'deny' }] }, 'held');
  await eventually('its end', () => seen.includes('closed'));
  assert.match((await answer).body, /done true/);
});
