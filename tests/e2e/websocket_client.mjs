// A WebSocket client that can break every rule: tests send frames of their own making and look at what comes back.
import { createHash, randomBytes } from 'node:crypto';
import net from 'node:net';
import zlib from 'node:zlib';

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };
const accept = (key) => createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

// options of a frame: fin, rsv (bits 4, 2, 1), masked, length (to lie about it)
export function frame(opcode, payload = '', { fin = true, rsv = 0, masked = true, length } = {}) {
  const bytes = Buffer.from(payload);
  const size = length ?? bytes.length;
  const head = Buffer.alloc(size < 126 ? 2 : size < 65536 ? 4 : 10);
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = (masked ? 0x80 : 0) | (size < 126 ? size : size < 65536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(size, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(size), 2);
  if (!masked) return Buffer.concat([head, bytes]);
  const key = randomBytes(4);
  const hidden = Buffer.from(bytes);
  for (let i = 0; i < hidden.length; i++) hidden[i] ^= key[i & 3];
  return Buffer.concat([head, key, hidden]);
}

export function closePayload(code, reason = '') {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return Buffer.concat([payload, Buffer.from(reason)]);
}

// One message compressed, as permessage-deflate has it.
export function deflated(payload, windowBits = 15) {
  const out = zlib.deflateRawSync(Buffer.from(payload), { windowBits, finishFlush: zlib.constants.Z_SYNC_FLUSH });
  return out.subarray(0, -4);
}
export const inflated = (payload) =>
  zlib.inflateRawSync(Buffer.concat([payload, Buffer.from([0, 0, 255, 255])]), { finishFlush: zlib.constants.Z_SYNC_FLUSH });

class Client {
  #socket;
  #input = Buffer.alloc(0);
  #frames = [];
  #waiting = [];
  closed = false;

  constructor(socket, rest, headers) {
    this.#socket = socket;
    this.headers = headers;
    socket.on('data', (data) => this.#take(data));
    socket.on('close', () => this.#end());
    socket.on('error', () => this.#end());
    this.#take(rest);
  }

  #end() {
    this.closed = true;
    for (const done of this.#waiting.splice(0)) done(null);
  }

  #take(data) {
    this.#input = this.#input.length ? Buffer.concat([this.#input, data]) : data;
    for (;;) {
      const input = this.#input;
      if (input.length < 2) return;
      let length = input[1] & 0x7f;
      let start = 2;
      if (length === 126) {
        if (input.length < 4) return;
        length = input.readUInt16BE(2);
        start = 4;
      } else if (length === 127) {
        if (input.length < 10) return;
        length = Number(input.readBigUInt64BE(2));
        start = 10;
      }
      if (input.length < start + length) return;
      const payload = Buffer.from(input.subarray(start, start + length));
      this.#input = input.subarray(start + length);
      const one = {
        fin: (input[0] & 0x80) !== 0, rsv: (input[0] >> 4) & 7, opcode: input[0] & 15, masked: (input[1] & 0x80) !== 0, payload,
        get text() { return this.payload.toString(); },
        get code() { return this.payload.length >= 2 ? this.payload.readUInt16BE(0) : 1005; },
        get reason() { return this.payload.subarray(2).toString(); },
      };
      if (this.#waiting.length) this.#waiting.shift()(one);
      else this.#frames.push(one);
    }
  }

  write(...buffers) { this.#socket.write(Buffer.concat(buffers)); }
  send(opcode, payload, options) { this.write(frame(opcode, payload, options)); }
  text(payload, options) { this.send(opcodes.text, payload, options); }
  pause() { this.#socket.pause(); }
  resume() { this.#socket.resume(); }

  // The next frame, or null when the connection has ended.
  next(timeoutMs = 10_000) {
    if (this.#frames.length) return Promise.resolve(this.#frames.shift());
    if (this.closed) return Promise.resolve(null);
    return new Promise((done, fail) => {
      const late = setTimeout(() => fail(new Error(`no frame within ${timeoutMs} ms`)), timeoutMs);
      this.#waiting.push((one) => { clearTimeout(late); done(one); });
    });
  }

  destroy() { this.#socket.destroy(); }
  end() { this.#socket.end(); }
}

// Sends the handshake and resolves with a Client, or with { status, headers } when the answer is another.
export function connect(address, { host, path = '/', headers = {}, protocol, extensions, timeoutMs = 15_000 } = {}) {
  const [hostname, port] = address.split(':');
  const key = randomBytes(16).toString('base64');
  const all = {
    Host: host, Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Key': key, 'Sec-WebSocket-Version': '13',
    ...(protocol ? { 'Sec-WebSocket-Protocol': protocol } : {}),
    ...(extensions ? { 'Sec-WebSocket-Extensions': extensions } : {}), ...headers,
  };
  return new Promise((done, fail) => {
    const socket = net.connect({ host: hostname, port, noDelay: true });
    const late = setTimeout(() => { socket.destroy(); fail(new Error('no answer to the handshake')); }, timeoutMs);
    let seen = Buffer.alloc(0);
    const onData = (data) => {
      seen = Buffer.concat([seen, data]);
      const end = seen.indexOf('\r\n\r\n');
      if (end < 0) return;
      clearTimeout(late);
      socket.off('data', onData);
      const [first, ...lines] = seen.subarray(0, end).toString('latin1').split('\r\n');
      const status = Number(first.split(' ')[1]);
      const received = Object.fromEntries(lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }));
      if (status !== 101) {
        socket.destroy();
        return done({ status, headers: received });
      }
      if (received['sec-websocket-accept'] !== accept(key)) return fail(new Error('Sec-WebSocket-Accept is wrong'));
      const client = new Client(socket, seen.subarray(end + 4), received);
      client.status = status;
      done(client);
    };
    socket.on('data', onData);
    socket.once('error', (error) => { clearTimeout(late); fail(error); });
    socket.once('close', () => { clearTimeout(late); fail(new Error('closed during the handshake')); });
    const names = Object.keys(all).filter((name) => all[name] !== null);
    socket.write(`GET ${path} HTTP/1.1\r\n${names.map((name) => `${name}: ${all[name]}\r\n`).join('')}\r\n`);
  });
}
