// WebSockets that Workers open to servers outside: new WebSocket(url), fetch() with Upgrade, and hono's helper on both sides.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { startPlatform } from './platform.mjs';
import { closePayload, connect, deflated, frame, inflated, opcodes } from './websocket_client.mjs';
import { Wrangler } from './wrangler.mjs';

const { text, binary, close, ping, pong } = opcodes;
let platform;
let server;
let port;
const opened = [];
const requests = [];

// What a client has sent, unmasked: [{opcode, rsv, payload}].
function readFrames(buffer) {
  const frames = [];
  let at = 0;
  while (buffer.length - at >= 6) {
    let length = buffer[at + 1] & 0x7f;
    let start = at + 2;
    if (length === 126) {
      length = buffer.readUInt16BE(start);
      start += 2;
    } else if (length === 127) {
      length = Number(buffer.readBigUInt64BE(start));
      start += 8;
    }
    assert.ok(buffer[at + 1] & 0x80, 'clients mask');
    if (buffer.length < start + 4 + length) break;
    const key = buffer.subarray(start, start + 4);
    const payload = Buffer.from(buffer.subarray(start + 4, start + 4 + length));
    for (let i = 0; i < payload.length; i++) payload[i] ^= key[i & 3];
    frames.push({ opcode: buffer[at] & 15, rsv: (buffer[at] >> 4) & 7, payload });
    at = start + 4 + length;
  }
  return { frames, rest: buffer.subarray(at) };
}

// Paths choose how the server behaves.
function serve(request, socket) {
  requests.push(request);
  const { pathname } = new URL(request.url, 'http://x');
  const key = request.headers['sec-websocket-key'];
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const send = (opcode, payload, options) => socket.write(frame(opcode, payload, { masked: false, ...options }));
  socket.on('error', () => {});
  if (pathname === '/wrong-accept') {
    return socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: xxx\r\n\r\n');
  }
  const protocol = request.headers['sec-websocket-protocol']?.split(',')[0];
  const compresses = pathname === '/deflate';
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
    + `Sec-WebSocket-Accept: ${accept}\r\n${protocol ? `Sec-WebSocket-Protocol: ${protocol}\r\n` : ''}`
    + `${compresses ? 'Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n' : ''}\r\n`);
  if (pathname === '/early') send(text, 'before you ask');
  if (pathname === '/cut') return socket.destroy();
  if (pathname === '/huge') socket.write(frame(binary, Buffer.alloc(10), { masked: false, length: 33 << 20 }));
  if (pathname === '/masked') send(text, 'x', { masked: true });
  let input = Buffer.alloc(0);
  socket.on('data', (data) => {
    const { frames, rest } = readFrames(Buffer.concat([input, data]));
    input = rest;
    for (const { opcode, rsv, payload } of frames) {
      if (opcode === close) {
        send(close, payload);
        socket.end();
      } else if (opcode === text && payload.toString() === 'close me') {
        send(close, closePayload(4321, 'bye'));
      } else if (opcode === text && payload.toString() === 'ping me') {
        send(ping, 'are you there?');
      } else if (opcode === pong) {
        send(text, `pong: ${payload}`);
      } else {
        const plain = rsv ? inflated(payload) : payload;
        if (compresses) send(opcode, deflated(plain), { rsv: 4 });
        else send(opcode, plain);
      }
    }
  });
}

before(async () => {
  server = http.createServer((request, response) => response.writeHead(200).end('plain'));
  server.on('upgrade', serve);
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  port = server.address().port;
  platform = await startPlatform({ args: ['--egress-allow', '127.0.0.0/8'] });
  await platform.uploadWorker('client', `
    const next = (socket, type) => new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));
    const show = async ({ type, data, code, reason, wasClean, message }) => type === 'message' ?
        ['message', data instanceof ArrayBuffer ? [...new Uint8Array(data)] : data] :
        type === 'close' ? ['close', code, reason, wasClean] : type === 'error' ? ['error', message] : [type];
    const tests = {
      async echo(url) {
        const socket = new WebSocket(url, ['chat', 'other']);
        socket.binaryType = 'arraybuffer';
        const first = socket.readyState;
        await next(socket, 'open');
        const seen = [first, socket.readyState, socket.protocol, socket.extensions, socket.url === url];
        for (const message of ['hello', 'é'.repeat(40_000), new Uint8Array([1, 2])]) {
          const arrived = next(socket, 'message');
          socket.send(message);
          const { data } = await arrived;
          seen.push(typeof data === 'string' ? data.length : [...new Uint8Array(data)]);
        }
        const pinged = next(socket, 'message');
        socket.send('ping me');
        seen.push((await pinged).data);
        const closed = next(socket, 'close');
        socket.close(1000, 'done');
        seen.push(await show(await closed), socket.readyState);
        return seen;
      },
      async events(url) {
        const socket = new WebSocket(url);
        const seen = [];
        for (const type of ['open', 'message', 'error', 'close']) {
          socket.addEventListener(type, async (event) => { seen.push(await show(event)); });
        }
        socket.addEventListener('open', () => { if (url.endsWith('/closing')) socket.send('close me'); });
        await next(socket, 'close');
        await scheduler.wait(1);
        return [...seen, socket.readyState];
      },
      async fetched(url) {
        const response = await fetch(url.replace('ws:', 'http:'), { headers: { Upgrade: 'websocket', 'x-own': 'header' } });
        if (response.webSocket === null) return [response.status, await response.text()];
        const socket = response.webSocket;
        socket.accept();
        const arrived = next(socket, 'message');
        socket.send('over fetch');
        const { data } = await arrived;
        socket.close(1000);
        return [response.status, data];
      },
      async abandoned(url) {
        const socket = new WebSocket(url);
        const closed = next(socket, 'close');
        socket.close();
        return [await show(await closed), socket.readyState];
      },
    };
    export default {
      async fetch(request, env) {
        const { searchParams } = new URL(request.url);
        const url = searchParams.get('url');
        if (request.headers.get('upgrade') === 'websocket') return fetch(url.replace('ws:', 'http:'), request);
        try {
          return Response.json(await tests[searchParams.get('test')](url));
        } catch (error) {
          return Response.json([error.name, error.message]);
        }
      },
    };`);
});
after(async () => {
  for (const one of opened) one.remove();
  await platform?.stop();
  server?.closeAllConnections();
  server?.close();
});

async function run(name, path, ownPort = port) {
  const url = `ws://127.0.0.1:${ownPort}${path}`;
  const { body } = await platform.request({ worker: 'client', path: `/?test=${name}&url=${encodeURIComponent(url)}` });
  return JSON.parse(body);
}

test('new WebSocket() connects, talks and closes', async () => {
  assert.deepEqual(await run('echo', '/echo'), [0, 1, 'chat', null, true, 5, 40_000, [1, 2], 'pong: are you there?', ['close', 1000, 'done', true], 3]);
  assert.match(requests.at(-1).headers['sec-websocket-extensions'], /^permessage-deflate/);
});

test('messages are compressed when the server agrees', async () => {
  const seen = await run('echo', '/deflate');
  assert.deepEqual(seen.slice(3, 8), ['permessage-deflate; server_no_context_takeover', true, 5, 40_000, [1, 2]]);
});

test('what comes with the handshake is not lost', async () => {
  const seen = await Promise.race([run('fetched', '/early'), new Promise((done) => { setTimeout(done, 5000); })]);
  assert.deepEqual(seen, [101, 'before you ask']);
});

test('the server closes', async () => {
  assert.deepEqual(await run('events', '/closing'), [['open'], ['close', 4321, 'bye', true], 3]);
});

test('failures are an error and a close event', async () => {
  const failed = ['close', 1006, 'Failed to establish websocket connection', false];
  for (const [path, message] of [['/wrong-accept', /Sec-WebSocket-Accept/]]) {
    const [error, closed, state] = await run('events', path);
    assert.match(error[1], message);
    assert.deepEqual([closed, state], [failed, 3]);
  }
  const [error, closed] = await run('events', '/', 1);
  assert.equal(error[0], 'error');
  assert.deepEqual(closed, failed);
  assert.deepEqual((await run('events', '/cut')).slice(0, 2), [['open'], ['close', 1006, 'WebSocket disconnected without sending Close frame.', false]]);
  assert.deepEqual((await run('events', '/huge'))[1], ['error', 'Uncaught Error: WebSocket protocol error; protocolError.statusCode = 1009; '
    + 'protocolError.description = Message is too large: 34603008 > 33554432']);
  assert.match(JSON.stringify(await run('events', '/masked')), /protocolError.statusCode = 1002/);
});

test('close() before the connection is there', async () => {
  assert.deepEqual(await run('abandoned', '/echo'), [['close', 1006, 'Failed to establish websocket connection', false], 3]);
});

test('fetch() with Upgrade gives a response with its WebSocket, or an ordinary one', async () => {
  assert.deepEqual(await run('fetched', '/echo'), [101, 'over fetch']);
  assert.equal(requests.at(-1).headers['x-own'], 'header');
});

test('a Worker proxies a WebSocket from its client to an origin', async () => {
  const url = encodeURIComponent(`ws://127.0.0.1:${port}/echo`);
  const client = await connect(platform.http, { host: `client.${platform.domain}`, path: `/?url=${url}`, protocol: 'chat' });
  assert.equal(client.headers['sec-websocket-protocol'], 'chat');
  client.text('there and back');
  assert.equal((await client.next()).text, 'there and back');
  client.send(binary, Buffer.alloc(100_000, 7));
  assert.equal((await client.next()).payload.length, 100_000);
  client.send(close, closePayload(3333, 'enough'));
  assert.deepEqual(await client.next().then((got) => [got.code, got.reason]), [3333, 'enough']);
  assert.equal(await client.next(), null);
});

test("hono's WebSocket helper", async () => {
  const wrangler = new Wrangler(platform);
  opened.push(wrangler);
  wrangler.configure({ name: 'hono-socket', main: 'index.js' });
  wrangler.write({ 'index.js': `
    import { Hono } from 'hono';
    import { upgradeWebSocket } from 'hono/cloudflare-workers';
    const app = new Hono();
    app.get('/ws', upgradeWebSocket((c) => ({
      onMessage(event, ws) {
        if (event.data === 'close') ws.close(4242, 'hono');
        else ws.send('hono: ' + event.data + ' ' + c.req.query('q'));
      },
      onClose() { console.log('hono closed'); },
    })));
    app.get('/', (c) => c.text('page'));
    export default app;` });
  await wrangler.run(['deploy']);
  const host = `hono-socket.${platform.domain}`;
  assert.equal((await platform.request({ host })).body, 'page');
  const client = await connect(platform.http, { host, path: '/ws?q=1' });
  client.text('hi');
  assert.equal((await client.next()).text, 'hono: hi 1');
  client.text('close');
  assert.deepEqual(await client.next().then((got) => [got.code, got.reason]), [4242, 'hono']);
  client.destroy();
});
