// Bodies and messages of the mini platform, as C++ holds them for the real one.
const kHighWater = 64 * 1024;

// Bytes on their way from a sink to a reader. One reader, one writer.
export class Pipe {
  #chunks = [];
  #buffered = 0;
  #ended = false;
  #error = undefined;
  #reader = undefined;  // {resolve, reject} of a read that waits
  #writer = undefined;  // likewise of a write
  cancelled = false;

  constructor(length = -1) { this.length = length; }

  static of(bytes) {
    const pipe = new Pipe(bytes.length);
    if (bytes.length > 0) pipe.write(bytes);
    pipe.close();
    return pipe;
  }

  write(bytes) {
    if (this.cancelled) throw new Error('The receiver of the body has gone.');
    const copy = Uint8Array.from(bytes);
    if (this.#reader) {
      this.#reader.resolve(copy);
      this.#reader = undefined;
      return undefined;
    }
    this.#chunks.push(copy);
    this.#buffered += copy.length;
    if (this.#buffered < kHighWater || this.#ended) return undefined;
    this.#writer = Promise.withResolvers();
    return this.#writer.promise;
  }

  close() {
    this.#ended = true;
    this.#reader?.resolve(null);
    this.#reader = undefined;
  }

  abort(message) {
    this.#error = new Error(message);
    this.#reader?.reject(this.#error);
    this.#reader = undefined;
  }

  read() {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#buffered -= chunk.length;
      this.#writer?.resolve();
      this.#writer = undefined;
      return chunk;
    }
    if (this.#error) return Promise.reject(this.#error);
    if (this.#ended) return null;
    this.#reader = Promise.withResolvers();
    return this.#reader.promise;
  }

  cancel() {
    this.cancelled = true;
    this.#writer?.reject(new Error('The receiver of the body has gone.'));
    this.#writer = undefined;
  }

  readAll() { return readWhole(this); }
}

// At once, if all is there.
function readWhole(pipe) {
  const parts = [];
  const rest = async (first) => {
    for (let chunk = await first; chunk !== null; chunk = await pipe.read()) parts.push(chunk);
    return Buffer.concat(parts);
  };
  for (;;) {
    const chunk = pipe.read();
    if (chunk instanceof Promise) return rest(chunk);
    if (chunk === null) return Buffer.concat(parts);
    parts.push(chunk);
  }
}

// A pipe whose end somebody waits for: true, or false when its reader gives up.
export class WatchedPipe {
  over = Promise.withResolvers();
  #pipe;

  constructor(pipe, length) {
    this.#pipe = pipe;
    this.length = length;
  }

  get cancelled() { return this.#pipe.cancelled; }

  read() {
    const told = (chunk) => {
      if (chunk === null) this.over.resolve(true);
      return chunk;
    };
    const chunk = this.#pipe.read();
    if (!(chunk instanceof Promise)) return told(chunk);
    chunk.catch(this.over.reject);
    return chunk.then(told);
  }

  readAll() { return readWhole(this); }

  cancel() {
    this.#pipe.cancel();
    this.over.resolve(false);
  }
}

// Everything received, by number. Numbers are never used twice.
const messages = [];
const sinks = [];

// `headers` is a flat list with lower-case names, `body` a Pipe or null.
export function receive(headers, body) { return messages.push({ headers, body }) - 1; }

export const messageOf = (number) => messages[number];

export const openSink = (length) => sinks.push(new Pipe(length)) - 1;
export const sinkOf = (number) => sinks[number];

// The flat list and the Pipe that respond() and subfetch() speak of.
export function headersFromWire(headers, contentType) {
  const given = typeof headers === 'number' ? messages[headers].headers : headers;
  const list = [];
  for (let i = 0; i < (given?.length ?? 0); i++) {
    list[i] = given[i];  // the array belongs to a realm that may be patched
  }
  const hasType = list.some((name, i) => i % 2 === 0 && name === 'content-type');
  if (contentType !== undefined && !hasType) list.push('content-type', contentType);
  return list;
}

export function bodyFromWire(kind, body) {
  switch (kind) {
    case 0: return null;
    case 1: return Pipe.of(Buffer.from(body.toWellFormed()));
    case 2:
      return Pipe.of(new Uint8Array(body.buffer ?? body, body.byteOffset ?? 0, body.byteLength));
    case 3: return messages[body].body;
    case 4: return sinks[body];
  }
  throw new Error(`There is no body kind ${kind}.`);
}
