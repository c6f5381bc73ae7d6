// connect() from a Worker to real servers: plain, TLS, startTls, refusals, and what happens at the end of an invocation.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { eventually, startPlatform } from './platform.mjs';

let platform;
let folder;
const servers = {};
const open = new Set();

const worker = `
import { connect } from 'cloudflare:sockets';
const decoder = new TextDecoder();

async function exchange(socket, text) {
  const writer = socket.writable.getWriter();
  await writer.write(new TextEncoder().encode(text));
  writer.releaseLock();
  const reader = socket.readable.getReader();
  let got = '';
  while (got.length < text.length) {
    const { value, done } = await reader.read();
    if (done) break;
    got += decoder.decode(value);
  }
  reader.releaseLock();
  return got;
}

const handlers = {
  async echo({ port }) {
    const socket = connect({ hostname: '127.0.0.1', port: +port });
    const { remoteAddress } = await socket.opened;
    const got = await exchange(socket, 'hello');
    await socket.close();
    await socket.closed;
    return { remoteAddress, got };
  },
  async large({ port, bytes }) {
    const socket = connect('127.0.0.1:' + port);
    const writer = socket.writable.getWriter();
    const sending = (async () => {
      for (let sent = 0; sent < +bytes; sent += 65536) await writer.write(new Uint8Array(65536).fill(sent >> 16));
      await writer.close();
    })();
    let received = 0;
    let sum = 0;
    for await (const chunk of socket.readable) { received += chunk.length; sum += chunk[0]; }
    await sending;
    await socket.closed;
    return { received };
  },
  async tls({ port, name }) {
    const socket = connect({ hostname: name ?? 'localhost', port: +port }, { secureTransport: 'on' });
    try {
      await socket.opened;
    } catch (error) {
      return { error: error.message, cause: error.cause?.message };
    }
    const got = await exchange(socket, 'over TLS');
    await socket.close();
    return { got, transport: socket.secureTransport };
  },
  async starttls({ port }) {
    const socket = connect({ hostname: 'localhost', port: +port }, { secureTransport: 'starttls' });
    const first = await exchange(socket, 'plain');
    const answer = await exchange(socket, 'STARTTLS');
    const secure = socket.startTls();
    await socket.closed;
    await secure.opened;
    const second = await exchange(secure, 'secret');
    await secure.close();
    return { first, answer, second, upgraded: socket.upgraded, transport: secure.secureTransport };
  },
  async refused({ port, host }) {
    const socket = connect({ hostname: host ?? '127.0.0.1', port: +port });
    try {
      await socket.opened;
      return { opened: true };
    } catch (error) {
      const closed = await socket.closed.catch((reason) => reason.message);
      const { done } = await socket.readable.getReader().read();
      return { error: error.message, cause: error.cause?.message, closed, done };
    }
  },
  async leave({ port }) {
    const socket = connect('127.0.0.1:' + port);
    await socket.opened;
    return { left: true };
  },
  async many({ port, count }) {
    const sockets = [];
    try {
      for (let i = 0; i < +count; i += 1) sockets.push(connect('127.0.0.1:' + port));
    } catch (error) {
      return { made: sockets.length, error: error.message };
    }
    await Promise.all(sockets.map((socket) => socket.opened));
    return { made: sockets.length };
  },
};

export default {
  async fetch(request) {
    const url = new URL(request.url);
    return Response.json(await handlers[url.pathname.slice(1)](Object.fromEntries(url.searchParams)));
  },
};`;

const listen = (server) => new Promise((done) => {
  server.listen(0, '127.0.0.1', () => done(server.address().port));
});

function echo(socket) {
  open.add(socket);
  socket.on('close', () => open.delete(socket));
  socket.on('error', () => {});
  socket.pipe(socket);
}

async function call(what, query = {}) {
  const answer = await platform.request({ host: 'sockets.atoll.localhost', path: `/${what}?${new URLSearchParams(query)}` });
  assert.equal(answer.status, 200, answer.body);
  return JSON.parse(answer.body);
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atoll-sockets-'));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')],
  { stdio: 'ignore' });
  const identity = { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) };
  const echoServer = net.createServer({ allowHalfOpen: false }, echo);
  const tlsServer = tls.createServer(identity, echo);
  const startTlsServer = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', function plain(bytes) {
      if (bytes.toString() !== 'STARTTLS') return void socket.write(bytes);
      socket.off('data', plain);
      socket.write('GO AHEAD');
      const secure = new tls.TLSSocket(socket, { ...identity, isServer: true });
      secure.on('error', () => {});
      secure.pipe(secure);
    });
  });
  servers.echo = await listen(echoServer);
  servers.tls = await listen(tlsServer);
  servers.starttls = await listen(startTlsServer);
  servers.all = [echoServer, tlsServer, startTlsServer];
  platform = await startPlatform({
    args: ['--egress-allow', '127.0.0.0/8', '--ca-file', join(folder, 'cert.pem'), '--log-level', 'debug'],
  });
  await platform.uploadWorker('sockets', worker);
});

after(async () => {
  await platform?.stop();
  servers.all?.forEach((server) => server.close());
  for (const socket of open) socket.destroy();
  rmSync(folder, { recursive: true, force: true });
});

test('bytes go there and come back, and the gate logs decision and end', async () => {
  assert.deepEqual(await call('echo', { port: servers.echo }), { remoteAddress: `127.0.0.1:${servers.echo}`, got: 'hello' });
  const decided = platform.logEntries().find((entry) => entry.event === 'egress_decided' && entry.port === servers.echo);
  assert.equal(decided.rule, 'allowed-range');
  assert.equal(decided.script, 'sockets');
  const ended = await eventually('the end in the log', () =>
    platform.logEntries().find((entry) => entry.event === 'egress_ended' && entry.port === servers.echo));
  assert.equal(ended.bytes_sent, 5);
  assert.ok(ended.bytes_received === 5 || ended.bytes_received === 6);  // the kernel may count the end
});

test('ten megabytes pass in both directions at once', async () => {
  assert.deepEqual(await call('large', { port: servers.echo, bytes: 10 << 20 }), { received: 10 << 20 });
});

test('TLS verifies the server against the CA file and the name', async () => {
  assert.deepEqual(await call('tls', { port: servers.tls }), { got: 'over TLS', transport: 'on' });
  const wrong = await call('tls', { port: servers.tls, name: '127.0.0.1' });
  assert.equal(wrong.error, 'proxy request failed, cannot connect to the specified address');
  assert.match(wrong.cause, /^TLS: the server's certificate is not accepted: IP address mismatch/);
});

test('a plain socket is upgraded by startTls()', async () => {
  assert.deepEqual(await call('starttls', { port: servers.starttls }),
    { first: 'plain', answer: 'GO AHEAD', second: 'secret', upgraded: true, transport: 'on' });
});

test('what a rule refuses, and a closed port, reject opened and closed', async () => {
  const failed = 'proxy request failed, cannot connect to the specified address';
  for (const [host, rule] of [['169.254.169.254', 'metadata'], ['10.0.0.1', 'private'], ['[::1]', 'loopback'], ['0.0.0.0', 'unspecified'],
    ['[::ffff:10.0.0.1]', 'private'], ['0x0a.1', 'private'], ['167772161', 'private']]) {
    const refused = await call('refused', { host, port: 81 });
    assert.equal(refused.error, failed, host);
    assert.equal(refused.cause, `connecting to ${host.replace(/[[\]]/g, '')} port 81: refused by the rule "${rule}"`);
    assert.equal(refused.closed, failed);
    assert.equal(refused.done, true);
  }
  const closed = await call('refused', { port: 1 });
  assert.equal(closed.cause, 'connecting to 127.0.0.1 port 1: the connection was refused');
  const port = platform.apiAddress.split(':').at(-1);
  assert.match((await call('refused', { port })).cause, /refused by the rule "management"/);
  const web = await call('refused', { host: '10.0.0.1', port: 443 });
  assert.equal(web.error,
    `${failed}. It looks like you might be trying to connect to a HTTP-based service — consider using fetch instead`);
});

test('a socket ends with its invocation', async () => {
  assert.deepEqual(await call('leave', { port: servers.echo }), { left: true });
  await eventually('the server sees the end', () => open.size === 0);
});

test('more than six open at a time wait for their turn, and there is a limit with a name', async () => {
  assert.deepEqual(await call('many', { port: servers.echo, count: 40 }), { made: 40 });
  assert.deepEqual(await call('many', { port: servers.echo, count: 1000 }), { made: 256, error: 'Too many open sockets.' });
  await eventually('all are closed', () => open.size === 0);
});
