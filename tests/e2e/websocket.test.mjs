// WebSockets at the ingress, as an Autobahn-like matrix: framing, fragments, control frames, text, closing, compression, limits.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, sleep, startPlatform } from './platform.mjs';
import { closePayload, connect, deflated, frame, inflated, opcodes } from './websocket_client.mjs';

const { continuation, text, binary, close, ping, pong } = opcodes;
let platform;

const echo = `export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const [client, server] = Object.values(new WebSocketPair());
    if (pathname === '/plain') return new Response('no socket here');
    if (pathname === '/log') return new Response(JSON.stringify(events));
    if (pathname === '/proxy' && env.INNER) return env.INNER.fetch(request);
    if (pathname === '/dispatch' && env.DISPATCH) return env.DISPATCH.get('inner').fetch(request);
    if (pathname === '/unasked') return new Response(null, { status: 101, webSocket: client });
    server.binaryType = 'arraybuffer';
    server.accept({ allowHalfOpen: pathname === '/half' });
    const note = (what) => { events.push([pathname + (searchParams.get('id') ?? ''), ...what]); };
    server.addEventListener('message', ({ data }) => {
      if (data === 'close me') server.close(4000, 'as you wish');
      else if (data === 'throw') throw new Error('on purpose');
      else if (data === 'flood') for (let i = 0; i < 200; i++) server.send('x'.repeat(50_000));
      else if (data === 'spin') { const end = 1e9; let n = 0; for (let i = 0; i < end; i++) n += i % 3; server.send(String(n)); }
      else if (data === 'slow') setTimeout(() => server.send('later'), 50);
      else server.send(data);
    });
    server.addEventListener('close', ({ code, reason, wasClean }) => {
      note(['close', code, reason, wasClean, server.readyState]);
      if (pathname === '/half') { server.send('last words'); server.close(code, reason); }
    });
    server.addEventListener('error', ({ message }) => note(['error', message]));
    const headers = {};
    if (searchParams.has('extensions')) headers['sec-websocket-extensions'] = searchParams.get('extensions');
    const protocol = request.headers.get('sec-websocket-protocol');
    if (protocol) headers['sec-websocket-protocol'] = protocol.split(',')[0];
    return new Response(null, { status: 101, webSocket: client, headers });
  },
};
const events = [];`;

const host = 'echo.atoll.localhost';
const open = (options = {}) => connect(platform.http, { host, ...options });
const deflate = { extensions: 'permessage-deflate' };

before(async () => {
  platform = await startPlatform();
  await platform.createNamespace('inner-space');
  await platform.uploadUserWorker('inner-space', 'inner', echo);
  await platform.uploadWorker('inner', echo);
  await platform.uploadWorker('echo', echo, {
    bindings: [{ type: 'service', name: 'INNER', service: 'inner' },
      { type: 'dispatch_namespace', name: 'DISPATCH', namespace: 'inner-space' }],
  });
});
after(() => platform?.stop());

// What the Worker noted under `id`.
async function noted(path, id) {
  return eventually(`events of ${id}`, async () => {
    const { body } = await platform.request({ worker: 'echo', path: '/log' });
    const found = JSON.parse(body).filter(([name]) => name === path + id).map(([, ...rest]) => rest);
    return found.length && found;
  });
}

async function echoes(client, payload, opcode = text) {
  client.send(opcode, payload);
  const got = await client.next();
  assert.deepEqual([got.opcode, got.fin, got.rsv, got.masked], [opcode, true, 0, false]);
  assert.ok(got.payload.equals(Buffer.from(payload)));
}

async function closesWith(client, code, write) {
  write(client);
  const got = await client.next();
  assert.ok(got, 'a Close frame was expected');
  assert.deepEqual([got.opcode, got.code], [close, code]);
  assert.equal(await client.next(), null);
}

test('the handshake answers key, protocol and nothing that was not asked for', async () => {
  const client = await open({ protocol: 'chat, other' });
  assert.deepEqual([client.headers.upgrade, client.headers.connection, client.headers['sec-websocket-protocol'],
    client.headers['sec-websocket-extensions'], client.headers['content-length']], ['websocket', 'Upgrade', 'chat', undefined, undefined]);
  await echoes(client, 'hello');
  client.destroy();
});

test('wrong handshakes are refused, and an ordinary answer is still possible', async () => {
  const status = async (options) => (await open(options)).status;
  assert.equal(await status({ headers: { 'Sec-WebSocket-Version': '8' } }), 426);
  assert.equal((await open({ headers: { 'Sec-WebSocket-Version': null } })).headers['sec-websocket-version'], '13');
  assert.equal(await status({ headers: { 'Sec-WebSocket-Key': 'short' } }), 400);
  assert.equal(await status({ headers: { 'Sec-WebSocket-Key': null } }), 400);
  assert.equal(await status({ headers: { Connection: 'keep-alive' } }), 400);
  assert.equal(await status({ path: '/plain' }), 200);
  assert.equal((await platform.request({ worker: 'echo', path: '/unasked' })).status, 500);
});

test('payloads of every length form are echoed', async () => {
  const client = await open();
  for (const size of [0, 1, 125, 126, 127, 128, 65535, 65536, 65537, 1_000_000]) {
    await echoes(client, 'x'.repeat(size));
    await echoes(client, Buffer.alloc(size, 0xfe), binary);
  }
  client.destroy();
});

test('frames may arrive byte by byte, or many at once', async () => {
  const client = await open();
  for (const byte of frame(text, 'in small steps')) {
    client.write(Buffer.from([byte]));
    await sleep(1);
  }
  assert.equal((await client.next()).text, 'in small steps');
  client.write(...Array.from({ length: 300 }, (_, i) => frame(text, `m${i}`)));
  for (let i = 0; i < 300; i++) assert.equal((await client.next()).text, `m${i}`);
  client.destroy();
});

test('fragments are joined, with control frames between them answered at once', async () => {
  const client = await open();
  client.text('one ', { fin: false });
  client.send(ping, 'between');
  assert.deepEqual(await client.next().then((got) => [got.opcode, got.text]), [pong, 'between']);
  client.send(continuation, '', { fin: false });
  client.send(pong, 'unasked');
  client.send(continuation, 'two ', { fin: false });
  client.send(continuation, 'three');
  assert.equal((await client.next()).text, 'one two three');
  client.send(binary, Buffer.alloc(70_000, 1), { fin: false });
  client.send(continuation, Buffer.alloc(70_000, 2));
  assert.equal((await client.next()).payload.length, 140_000);
  client.destroy();
});

test('pings are answered with their payload', async () => {
  const client = await open();
  for (const payload of ['', 'x', Buffer.alloc(125, 0xfe)]) {
    client.send(ping, payload);
    const got = await client.next();
    assert.deepEqual([got.opcode, got.payload.equals(Buffer.from(payload))], [pong, true]);
  }
  client.destroy();
});

test('what the protocol forbids closes with 1002', async () => {
  const cases = {
    'reserved bit 1 without compression': [frame(text, 'x', { rsv: 4 })],
    'reserved bit 2': [frame(text, 'x', { rsv: 2 })],
    'reserved bit 3 of a ping': [frame(ping, '', { rsv: 1 })],
    'a reserved data opcode': [frame(3, 'x')],
    'a reserved control opcode': [frame(11, 'x')],
    'a frame that is not masked': [frame(text, 'x', { masked: false })],
    'a fragmented ping': [frame(ping, 'x', { fin: false })],
    'a ping of 126 bytes': [frame(ping, Buffer.alloc(126))],
    'a continuation of nothing': [frame(continuation, 'x')],
    'a message within a message': [frame(text, 'x', { fin: false }), frame(text, 'y')],
    'a length that is not in its shortest form': [Buffer.from([0x81, 0xfe, 0, 5, 0, 0, 0, 0, 1, 2, 3, 4, 5])],
    'a length with its highest bit set': [Buffer.from([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])],
    'half a close code': [frame(close, 'x')],
    ...Object.fromEntries([0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535].map((code) =>
      [`close code ${code}`, [frame(close, closePayload(code))]])),
  };
  for (const [name, frames] of Object.entries(cases)) {
    const client = await open();
    await closesWith(client, 1002, () => client.write(...frames)).catch((error) => { throw new Error(`${name}: ${error.message}`); });
  }
});

test('text must be UTF-8, however it is cut', async () => {
  const valid = ['κόσμε', '\u0000', '\u{10ffff}', '\ufffe\ud7ff\ue000', '𝒳'.repeat(3)];
  const client = await open();
  for (const one of valid) {
    await echoes(client, one);
    const bytes = Buffer.from(one);
    for (let cut = 0; cut <= bytes.length; cut++) {
      client.text(bytes.subarray(0, cut), { fin: false });
      client.send(continuation, bytes.subarray(cut));
      assert.equal((await client.next()).text, one);
    }
  }
  client.destroy();
  const invalid = ['ff', 'c080', 'c1bf', 'e08080', 'eda080', 'edbfbf', 'f08080 80', 'f4908080', 'f5808080', '80', 'cebae1bdb9cf83cebceda080656469746564',
    'ce', 'e1bd', 'f09f98'].map((hex) => Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  for (const bytes of invalid) {
    await closesWith(await open(), 1007, (one) => one.text(bytes));
    await closesWith(await open(), 1007, (one) => one.write(frame(text, bytes.subarray(0, 1), { fin: false }), frame(continuation, bytes.subarray(1))));
  }
  // Found before the message is whole.
  await closesWith(await open(), 1007, (one) => one.text(Buffer.from('fc', 'hex'), { fin: false }));
  await closesWith(await open(), 1007, (one) => one.send(close, closePayload(1000, Buffer.from('ff', 'hex'))));
});

test('valid close codes are answered with the same code and told to the Worker', async () => {
  for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]) {
    const client = await open({ path: `/?id=${code}` });
    await closesWith(client, code, () => client.send(close, closePayload(code, 'because')));
    assert.deepEqual(await noted('/', code), [['close', code, 'because', true, 3]]);
  }
  const client = await open({ path: '/?id=none' });
  await closesWith(client, 1005, () => client.send(close));
  assert.deepEqual(await noted('/', 'none'), [['close', 1005, '', true, 3]]);
});

test('nothing after a Close frame counts', async () => {
  const client = await open();
  client.write(frame(text, 'first'), frame(close, closePayload(1000)), frame(text, 'second'), frame(3, 'rubbish'));
  assert.equal((await client.next()).text, 'first');
  assert.equal((await client.next()).code, 1000);
  assert.equal(await client.next(), null);
});

test('the Worker closes, and the connection ends when the client has answered', async () => {
  const client = await open({ path: '/?id=own' });
  client.text('close me');
  const got = await client.next();
  assert.deepEqual([got.opcode, got.code, got.reason], [close, 4000, 'as you wish']);
  client.send(ping, 'still there?');
  client.send(close, closePayload(4000, 'as you wish'));
  assert.equal(await client.next(), null);
  assert.deepEqual(await noted('/', 'own'), [['close', 4000, 'as you wish', true, 3]]);
});

test('a half-open Worker has the last words', async () => {
  const client = await open({ path: '/half?id=1' });
  client.send(close, closePayload(3001, 'mine'));
  assert.equal((await client.next()).text, 'last words');
  const got = await client.next();
  assert.deepEqual([got.opcode, got.code, got.reason], [close, 3001, 'mine']);
  assert.equal(await client.next(), null);
  assert.deepEqual(await noted('/half', 1), [['close', 3001, 'mine', true, 2]]);
});

test('a connection that breaks is a close event with 1006', async () => {
  const client = await open({ path: '/?id=broken' });
  await echoes(client, 'x');
  client.destroy();
  assert.deepEqual(await noted('/', 'broken'), [['close', 1006, 'WebSocket disconnected without sending Close frame.', false, 3]]);
});

test('a peer that breaks the protocol is an error event', async () => {
  const client = await open({ path: '/?id=rude' });
  client.text('x', { masked: false });
  await client.next();
  const found = await noted('/', 'rude');
  assert.match(found[0][1], /^Uncaught Error: WebSocket protocol error; protocolError.statusCode = 1002; /);
});

test('a listener that throws does not end the WebSocket', async () => {
  const client = await open();
  client.text('throw');
  await echoes(client, 'still here');
  client.destroy();
});

test('messages of 32 MiB pass, larger ones are refused with 1009', async () => {
  const size = 32 << 20;
  const client = await open({ path: '/?id=big' });
  client.send(binary, Buffer.alloc(size, 5));
  const got = await client.next(60_000);
  assert.deepEqual([got.opcode, got.payload.length, got.payload[size - 1]], [binary, size, 5]);
  await closesWith(client, 1009, () => client.send(binary, Buffer.alloc(10), { length: size + 1 }));
  assert.match((await noted('/', 'big'))[0][1], /statusCode = 1009; .*Message is too large: 33554433 > 33554432/);
  await closesWith(await open(), 1009, (one) => one.write(frame(binary, Buffer.alloc(size), { fin: false }), frame(continuation, 'x')));
});

test('a client that does not read holds the Worker back, and gets all in the end', async () => {
  const client = await open();
  client.pause();
  client.text('flood');
  await sleep(300);
  client.resume();
  for (let i = 0; i < 200; i++) assert.equal((await client.next()).payload.length, 50_000);
  client.destroy();
});

test('timers of an invocation run on while its WebSocket is open', async () => {
  const client = await open();
  client.text('slow');
  assert.equal((await client.next()).text, 'later');
  await sleep(300);
  await echoes(client, 'and on');
  client.destroy();
});

test('sockets pass through a service binding and a dispatch namespace', async () => {
  for (const path of ['/proxy', '/dispatch']) {
    const client = await open({ path, ...deflate });
    const long = 'through and through '.repeat(50);
    client.text(long);
    assert.equal(inflated((await client.next()).payload).toString(), long);
    client.text('close me');
    assert.deepEqual(await client.next().then((got) => [got.code, got.reason]), [4000, 'as you wish']);
    client.destroy();
  }
});

const compressed = { rsv: 4 };

test('permessage-deflate is agreed without contexts, unless the Worker asks for them', async () => {
  const answer = async (extensions, path = '/') => {
    const client = await open({ path, extensions });
    client.destroy();
    return client.headers['sec-websocket-extensions'];
  };
  const none = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
  assert.equal(await answer('permessage-deflate'), none);
  assert.equal(await answer('permessage-deflate; client_max_window_bits'), none);
  assert.equal(await answer('permessage-deflate; server_max_window_bits=10'), `${none}; server_max_window_bits=10`);
  assert.equal(await answer('permessage-deflate; unheard_of, permessage-deflate'), none);
  assert.equal(await answer('permessage-deflate; server_max_window_bits=16'), undefined);
  assert.equal(await answer('permessage-deflate; server_no_context_takeover; server_no_context_takeover'), undefined);
  assert.equal(await answer('permessage-deflate; server_no_context_takeover=1'), undefined);
  assert.equal(await answer('x-webkit-deflate-frame'), undefined);
  assert.equal(await answer('permessage-deflate', '/?extensions='), undefined);
  assert.equal(await answer('permessage-deflate', '/?extensions=permessage-deflate'), 'permessage-deflate');
  assert.equal(await answer(undefined, '/?extensions=permessage-deflate'), undefined);
});

test('compressed messages are read and written, in one piece and in fragments', async () => {
  for (const bits of [9, 12, 15]) {
    const client = await open({ extensions: `permessage-deflate; server_max_window_bits=${bits}` });
    for (const size of [0, 1, 63, 64, 1000, 70_000, 1_000_000]) {
      const message = Array.from({ length: size }, (_, i) => String.fromCharCode(97 + (i * i) % 26)).join('');
      const bytes = deflated(message);
      const cut = bytes.length >> 1;
      for (const frames of [[frame(text, bytes, compressed)],
        [frame(text, bytes.subarray(0, cut), { fin: false, ...compressed }), frame(ping, 'p'), frame(continuation, bytes.subarray(cut))]]) {
        client.write(...frames);
        let got = await client.next();
        if (got.opcode === pong) got = await client.next();
        assert.equal(got.rsv, size >= 64 ? 4 : 0);
        assert.equal((got.rsv ? inflated(got.payload) : got.payload).toString(), message);
      }
    }
    client.text('not compressed is fine too');
    assert.equal((await client.next()).text, 'not compressed is fine too');
    client.destroy();
  }
});

test('with context takeover, later messages refer to earlier ones', async () => {
  const client = await open({ path: '/?extensions=permessage-deflate', ...deflate });
  const message = Array.from({ length: 2000 }, () => Math.random().toString(36)).join('');
  const sizes = [];
  const zlib = await import('node:zlib');
  const stream = zlib.createDeflateRaw({ flush: zlib.constants.Z_SYNC_FLUSH });
  const inflate = zlib.createInflateRaw({ flush: zlib.constants.Z_SYNC_FLUSH });
  const pass = (coder, bytes) => new Promise((done) => {
    const chunks = [];
    const onData = (chunk) => chunks.push(chunk);
    coder.on('data', onData);
    coder.write(bytes, () => coder.flush(() => { coder.off('data', onData); done(Buffer.concat(chunks)); }));
  });
  for (let i = 0; i < 3; i++) {
    const bytes = await pass(stream, Buffer.from(message.slice(0, 20_000)));
    client.text(bytes.subarray(0, bytes.lastIndexOf(Buffer.from([0, 0, 255, 255]))), compressed);
    const got = await client.next();
    sizes.push(got.payload.length);
    const out = await pass(inflate, Buffer.concat([got.payload, Buffer.from([0, 0, 255, 255])]));
    assert.equal(out.toString(), message.slice(0, 20_000));
  }
  assert.ok(sizes[1] < sizes[0] / 4, `${sizes}`);
  client.destroy();
});

test('compressed rubbish, bombs and wrong flags are refused', async () => {
  const using = (options) => open({ ...deflate, ...options });
  await closesWith(await using(), 1007, (one) => one.text(Buffer.from('ffffffffff', 'hex'), compressed));
  await closesWith(await using(), 1007, (one) => one.text(deflated(Buffer.from('ff', 'hex')), compressed));
  await closesWith(await using(), 1009, (one) => one.send(binary, deflated(Buffer.alloc((32 << 20) + 1)), compressed));
  await closesWith(await using(), 1002, (one) => one.send(ping, 'x', compressed));
  await closesWith(await using(), 1002, (one) => one.write(frame(text, 'x', { fin: false }), frame(continuation, 'x', compressed)));
  const client = await using();
  client.send(binary, deflated(Buffer.alloc(32 << 20)), compressed);
  const got = await client.next(60_000);
  assert.equal(inflated(got.payload).length, 32 << 20);
  client.destroy();
});

test('each message may use the CPU limit again', async () => {
  await platform.uploadWorker('limited', echo, { limits: { cpu_ms: 3000 } });
  const client = await open({ host: 'limited.atoll.localhost' });
  for (let i = 0; i < 3; i++) {
    client.text('spin');
    assert.equal((await client.next(30_000)).opcode, text);
  }
  client.destroy();
});

test('a WebSocket outlives the wall limit of its invocation, and a closing one is logged with its time', async () => {
  const client = await open({ path: '/?id=logged' });
  await sleep(200);
  client.send(close, closePayload(1000));
  await client.next();
  const entry = await eventually('the invocation in the log', () =>
    platform.logEntries().find((one) => one.event === 'invocation' && one.url.endsWith('id=logged')));
  assert.ok(entry.duration_ms >= 200 && entry.outcome === 'ok' && entry.status === 101, JSON.stringify(entry));
});

test('draining closes with 1001', async () => {
  const own = await startPlatform();
  try {
    await own.uploadWorker('echo', echo);
    const client = await connect(own.http, { host });
    const stopped = own.kill('SIGTERM');
    const got = await client.next();
    assert.deepEqual([got.opcode, got.code], [close, 1001]);
    client.send(close, closePayload(1001));
    assert.equal(await client.next(), null);
    await stopped;
  } finally {
    await own.stop();
  }
});
