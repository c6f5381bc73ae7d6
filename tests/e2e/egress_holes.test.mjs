// Every way out of a Worker × every disguise of an address that it must not reach: all refused, all in the audit, and nothing
// ever arrives at the traps.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import { after, before, test } from 'node:test';
import { compatibilityDate, eventually, startPlatform } from './platform.mjs';
import { startNameServer } from './name_server.mjs';

let platform;
let names;
let origin;
const traps = [];
let caught = 0;
let port;
let turn = 0;

// What reaches this machine or what is near it, as hosts of URLs.
const own = Object.values(networkInterfaces()).flat().filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
const disguises = [
  '127.0.0.1', '2130706433', '0x7f000001', '0x7F.0.0.1', '0177.0.0.1', '00000177.0.0.1', '127.1', '127.0.1', '127.0.0.1.', '0x7f.1', '017700000001',
  '0', '0.0.0.0', '0x0', '[::]', '[::1]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]', '[::ffff:0:127.0.0.1]',
  '[64:ff9b::7f00:1]', '[64:ff9b::127.0.0.1]', '[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[2001:0:7f00:1::]', '[fe80::5efe:7f00:1]',
  'localhost', 'LocalHost', 'localhost.', 'a.localhost', '127.255.255.254',
  'user:secret@127.0.0.1', 'good.test@127.0.0.1', 'good.test%00@127.0.0.1', '127。0。0。1', '①②⑦.⓪.⓪.①', '１２７.0.0.1', '%31%32%37.0.0.1',
  '10.0.0.1', '192.168.0.1', '172.16.0.1', '100.64.0.1', '169.254.169.254', '2852039166', '0xa9fea9fe', '[fd00:ec2::254]', '[fe80::1]', '[fc00::1]',
  '224.0.0.1', '255.255.255.255', '240.0.0.1', '198.18.0.1', ...own,
  'inside.test', 'INSIDE.test', 'inside.test.', 'private.test', 'metadata.test', 'mapped.test', 'nat64.test', 'sixtofour.test', 'several.test', 'unspecified.test',
];

// One script for each way, because the audit tells more than 600 rows a minute of one script in sums.
const ways = {
  fetch: 'fetch(url)',
  post: 'fetch(url, { method: "POST", body: "x" })',
  tls: 'fetch(url.replace("http:", "https:"))',
  redirect: 'fetch(env.GOOD + "/redirect?to=" + encodeURIComponent(url))',
  redirect_307: 'fetch(env.GOOD + "/redirect?status=307&to=" + encodeURIComponent(url), { method: "POST", body: "x" })',
  upgrade: 'fetch(url, { headers: { upgrade: "websocket" } })',
  websocket: `new Promise((done, fail) => { const socket = new WebSocket(url.replace("http:", "ws:")); socket.addEventListener("open", done); socket.addEventListener("error", () => fail(new Error("error"))); })`,
  eventsource: `new Promise((done, fail) => { const source = new EventSource(url); source.onopen = done; source.onerror = () => { source.close(); fail(new Error("error")); }; })`,
  socket: 'connect({ hostname: host, port: env.PORT }).opened',
  socket_tls: 'connect({ hostname: host, port: env.PORT }, { secureTransport: "on" }).opened',
  rpc: 'ctx.exports.Inner.reach(url)',
  loaded: `env.LOADER.load({ compatibilityDate: '${compatibilityDate}', mainModule: 'a.js', modules: { 'a.js': 'export default { fetch: (request) => fetch(request.headers.get("to")) };' } }).getEntrypoint().fetch('http://loaded/', { headers: { to: url } })`,
};

function program(expression, isSocket) {
  return `
import { connect } from 'cloudflare:sockets';
import { WorkerEntrypoint } from 'cloudflare:workers';
export class Inner extends WorkerEntrypoint { async reach(url) { return (await fetch(url)).text(); } }
async function attempt(disguise, env, ctx) {
  let url;
  let host = disguise.slice(disguise.lastIndexOf('@') + 1).replace(/^\\[|\\]$/g, '');
  try { url = new URL('http://' + disguise + ':' + env.PORT + '/').href; } catch (error) { if (!${isSocket}) return 'no URL'; }
  try {
    await ${expression};
    return 'REACHED';
  } catch (error) {
    return error.message;
  }
}
export default { async fetch(request, env, ctx) {
  const disguises = await request.json();
  const outcomes = [];
  for (let i = 0; i < disguises.length; i += 8) outcomes.push(...await Promise.all(disguises.slice(i, i + 8).map((one) => attempt(one, env, ctx))));
  return Response.json(outcomes);
} };`;
}

before(async () => {
  const trap = () => net.createServer((socket) => { caught += 1; socket.destroy(); });
  traps.push(trap());
  await new Promise((done) => { traps[0].listen(0, '127.0.0.1', done); });
  port = traps[0].address().port;
  // The same port wherever else it is free.
  for (const address of ['::1', ...own]) {
    const other = trap();
    await new Promise((done) => { other.once('error', done).listen(port, address, done); });
    traps.push(other);
  }
  origin = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://origin');
    const to = url.searchParams.get('to');
    if (to) return void response.writeHead(Number(url.searchParams.get('status') ?? 302), { location: to, connection: 'close' }).end();
    response.writeHead(200, { connection: 'close' }).end('good');
  });
  await new Promise((done) => { origin.listen(port, '127.0.0.2', done); });
  names = await startNameServer({
    'good.test': ['127.0.0.2'],
    'inside.test': ['127.0.0.1'], 'private.test': ['10.0.0.1'], 'metadata.test': ['169.254.169.254'], 'unspecified.test': ['0.0.0.0'],
    'mapped.test': ['::ffff:7f00:1'], 'nat64.test': ['64:ff9b::7f00:1'], 'sixtofour.test': ['2002:7f00:1::'],
    'several.test': ['10.0.0.1', '127.0.0.1', '169.254.169.254', '::1'],
    'mixed.test': ['127.0.0.1', '127.0.0.2', '::1'],
    // Another answer to every question: first one that may be reached, then one that may not.
    'rebind.test': (family) => (family === 6 ? [] : [turn++ % 2 === 0 ? '127.0.0.2' : '127.0.0.1']),
    'silent.test': null, ...Object.fromEntries(Array.from({ length: 45 }, (_, i) => [`silent${i}.test`, null])),
  });
  platform = await startPlatform({ args: ['--egress-allow', '127.0.0.2', '--set', `egress.name_servers=${names.address}`] });
  const bindings = [
    { type: 'plain_text', name: 'PORT', text: String(port) }, { type: 'plain_text', name: 'GOOD', text: `http://good.test:${port}` },
    { type: 'worker_loader', name: 'LOADER' },
  ];
  for (const [way, expression] of Object.entries(ways)) {
    await platform.uploadWorker(way.replace('_', '-'), program(expression, way.startsWith('socket')), { bindings });
  }
  await platform.uploadWorker('names', `export default { async fetch(request, env) {
    const url = new URL(request.url);
    try { return new Response(await (await fetch('http://' + url.searchParams.get('host') + ':' + env.PORT + '/')).text()); } catch (error) { return new Response(error.message); }
  } };`, { bindings });
});
after(async () => {
  await platform?.stop();
  names?.close();
  for (const trap of traps) trap.close();
  origin?.closeAllConnections();
  origin?.close();
});

async function auditOf(script, verdict) {
  const rows = [];
  let cursor = '';
  do {
    const query = new URLSearchParams({ script, verdict, event: 'decision', limit: 1000, cursor });
    const { body } = await platform.api('GET', `/accounts/${platform.ready.account_id}/atoll/egress/audit?${query}`);
    rows.push(...body.result);
    cursor = body.result_info.cursor;
  } while (cursor);
  return rows;
}

for (const way of Object.keys(ways)) {
  test(`${way}: no disguise gets through, and each attempt is in the audit`, async () => {
    const worker = way.replace('_', '-');
    const answer = await platform.request({ worker, method: 'POST', body: JSON.stringify(disguises) });
    assert.equal(answer.status, 200, answer.body);
    const outcomes = JSON.parse(answer.body);
    const through = disguises.filter((_, i) => outcomes[i] === 'REACHED');
    assert.deepEqual(through, []);
    assert.equal(caught, 0);
    const asked = disguises.filter((_, i) => outcomes[i] !== 'no URL');
    assert.ok(asked.length > 50, `${asked.length} of ${disguises.length} are URLs`);
    const refused = await auditOf(worker, 'refused');
    // What is no host name, a socket's host may be, never gets as far as an address.
    const unknown = await auditOf(worker, 'failed');
    const odd = outcomes.filter((text) => /^Invalid|not a valid|^Specified address is/.test(text)).length;
    const count = refused.reduce((sum, row) => sum + (row.count ?? 1), 0) + unknown.length;
    assert.ok(count + odd >= asked.length, `${count} of ${asked.length} attempts are in the audit: ${[...new Set(outcomes)].join(' | ')}`);
    for (const row of refused) assert.ok(row.rule && row.host !== undefined && row.time, JSON.stringify(row));
  });
}

test('of several addresses only those that may be reached are', async () => {
  for (let i = 0; i < 4; i += 1) assert.equal((await platform.request({ worker: 'names', path: '/?host=mixed.test' })).body, 'good');
  const [row] = await auditOf('names', 'allowed');
  assert.equal(row.address, '127.0.0.2');
  assert.deepEqual(row.judged.filter(({ allowed }) => !allowed).map(({ address }) => address).sort(), ['127.0.0.1', '::1']);
  assert.equal(caught, 0);
});

test('a name that changes its answer is judged by the answer that is used', async () => {
  const outcomes = new Set();
  for (let i = 0; i < 20; i += 1) outcomes.add((await platform.request({ worker: 'names', path: '/?host=rebind.test' })).body);
  assert.ok(outcomes.has('good'));
  assert.ok([...outcomes].some((text) => /"loopback"/.test(text)), [...outcomes].join());
  assert.equal(outcomes.size, 2, [...outcomes].join());
  assert.equal(caught, 0);
});

test('names that are never answered hold nobody else up, and end', async () => {
  await platform.uploadWorker('hanging', `export default { async fetch(request, env) {
    const failed = await Promise.all(Array.from({ length: 45 }, (_, i) => fetch('http://silent' + i + '.test/').then(() => 'answered', (error) => error.message)));
    return new Response(failed.at(-1));
  } };`);
  let ended = false;
  const hanging = platform.request({ worker: 'hanging' }).then((answer) => { ended = true; return answer; });
  await eventually('the lookups', () => names.asked.some((name) => name.startsWith('silent')));
  assert.equal((await platform.request({ worker: 'names', path: '/?host=good.test' })).body, 'good');
  assert.equal(ended, false, 'the hanging ones hang on');
  assert.match((await hanging).body, /looked up|looking up/);
});

test('the platform\'s own addresses are out of reach, whatever is allowed', async () => {
  const open = await startPlatform({ args: ['--egress-allow', '0.0.0.0/0', '--egress-allow', '::/0'] });
  try {
    const [, apiPort] = open.apiAddress.split(':');
    await open.uploadWorker('api', `export default { async fetch(request) {
      const outcomes = [];
      for (const host of await request.json()) {
        try { outcomes.push((await fetch('http://' + host + ':${apiPort}/client/v4/user')).status); } catch (error) { outcomes.push(error.message); }
      }
      return Response.json(outcomes);
    } };`);
    const hosts = ['127.0.0.1', '127.0.0.2', '0', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '[64:ff9b::127.0.0.1]', ...own];
    const outcomes = JSON.parse((await open.request({ worker: 'api', method: 'POST', body: JSON.stringify(hosts) })).body);
    for (const [i, outcome] of outcomes.entries()) assert.match(String(outcome), /"management"|cannot be reached|timed out/, hosts[i]);
  } finally {
    await open.stop();
  }
});
