// Both ends of a compression stream: what is written is transcoded at once, up to a limit, and waits for the reads as one run
// of bytes. A write ends when its bytes have been taken in; beyond the limit writers wait for readers.
import {
  PromiseWithResolvers, TypeError, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeSet, Uint32Array,
  Uint8Array,
} from '../internal/primordials.js';
import { isBufferSource } from '../internal/webidl.js';
import { ByteController } from '../streams/byte_controller.js';
import { Fifo } from '../streams/fifo.js';
import { isolate } from '../streams/isolate.js';
import { enqueueStep } from '../streams/promises.js';
import { ReadableState } from '../streams/readable_state.js';
import { kDoneAtOnce, kFinishLater } from '../streams/source.js';
import { asBytes, bufferOf, byteOffsetOf, cloneBytes } from '../streams/views.js';
import { WritableState } from '../streams/writable_state.js';

const kMostWaiting = 1 << 20;

const kOutputFull = 1;
const kEnded = 2;

class Output {
  static {
    isolate(this);
  }

  constructor(bytes) {
    this.next = undefined;
    this.bytes = bytes;
  }
}

const kNoBytes = new Uint8Array(0);

// The bytes of a chunk as they are now; null for what write() is to refuse in its turn. Shared memory is refused, too.
function capture(chunk, isOwned) {
  if (typeof chunk === 'string') return natives.utf8Encode(chunk);
  if (!isBufferSource(chunk)) return null;
  const bytes = asBytes(chunk);
  if (natives.isSharedArrayBuffer(bufferOf(bytes))) return null;
  return isOwned ? bytes : cloneBytes(bytes);
}

// The sink of the one side and the source of the other.
export class Transcoding {
  static {
    isolate(this);
  }

  // `format` is 0 for gzip, 1 for deflate, 2 for deflate-raw.
  constructor(format, decompresses) {
    this.handle = natives.transcoderOpen(format, decompresses);
    this.decompresses = decompresses;
    this.hasEnded = false;     // whether the compressed data that is read has come to its end
    this.isClosed = false;     // whether all has been transcoded
    this.failure = undefined;  // the error that follows what waits
    this.output = new Fifo();
    this.waiting = 0;          // bytes in it
    this.input = undefined;    // what is left of the write, or of the end, under way
    this.offset = 0;
    this.isLast = false;
    this.taken = undefined;    // its resolvers, if it waits for readers
    this.isWanted = false;     // whether a pull waits for bytes
    this.onWanted = undefined;
    this.writable = new WritableState(this, 1, undefined);
    this.writable.captureChunk = capture;
    this.readable = new ReadableState();
    this.controller = new ByteController(this.readable, this, 0, undefined);
    this.controller.started = true;
    this.writable.start(undefined);
  }

  // As a sink.
  write(chunk) {
    if (chunk === null) {
      const error = new TypeError('A compression stream takes bytes only: an ArrayBuffer, a view of one, or a string.');
      this.#fail(error);
      throw error;
    }
    return this.#take(chunk, false);
  }

  close() {
    return this.#take(kNoBytes, true);
  }

  abort(reason) {
    this.#dropAll();
    this.controller.error(reason);
  }

  interrupt(reason) {
    this.#dropAll();
    this.controller.error(reason);
    this.#endWrite(reason);
  }

  // As a source.
  pull() {
    if (this.waiting === 0) {
      this.isWanted = true;
      return kFinishLater;
    }
    this.#deliver();
    return kDoneAtOnce;
  }

  cancel(reason) {
    this.#dropAll();
    this.writable.errorIfNeeded(reason);
    this.#endWrite(reason);
  }

  #take(bytes, isLast) {
    if (this.failure !== undefined) throw this.failure;
    this.input = bytes;
    this.offset = 0;
    this.isLast = isLast;
    this.#transcode();
    this.#announce();
    if (this.input === undefined) return undefined;
    this.taken = PromiseWithResolvers();
    return this.taken.promise;
  }

  // Transcodes until the input is used up or enough waits. Throws after having failed.
  #transcode() {
    const status = new Uint32Array(2);
    try {
      while (this.input !== undefined && this.waiting < kMostWaiting) this.#step(status);
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #step(status) {
    const length = TypedArrayPrototypeGetByteLength(this.input);
    if (this.hasEnded) {
      if (length > this.offset) throw new TypeError('Trailing bytes after end of compressed data');
    } else {
      const bytes = natives.transcoderStep(this.handle, this.input, this.offset, this.isLast, status);
      if (bytes !== undefined) {
        this.output.push(new Output(bytes));
        this.waiting += TypedArrayPrototypeGetByteLength(bytes);
      }
      this.offset += status[0];
      this.hasEnded = (status[1] & kEnded) !== 0;
      if (this.hasEnded ? this.offset < length : (status[1] & kOutputFull) !== 0 || this.offset < length) return;
      if (this.isLast && this.decompresses && !this.hasEnded) {
        throw new TypeError('Called close() on a decompression stream with incomplete data');
      }
    }
    this.input = undefined;
    if (this.isLast) {
      this.isClosed = true;
      this.#free();
    }
  }

  // Readers have made room.
  #resume() {
    const { taken } = this;
    try {
      this.#transcode();
    } catch (error) {
      this.taken = undefined;
      taken.reject(error);
      return;
    }
    if (this.waiting === 0) this.#endIfDrained();
    if (this.input !== undefined) return;
    this.taken = undefined;
    taken.resolve(undefined);
  }

  // Tells a pull that waits. Not at once: we are inside of a write, see Rendezvous.
  #announce() {
    if (this.waiting === 0) {
      this.#endIfDrained();
      return;
    }
    if (!this.isWanted) return;
    this.isWanted = false;
    enqueueStep(this.onWanted ??= () => {
      if (this.waiting > 0) this.#deliver();
      this.controller.finishPull();
    });
  }

  // Hands all that waits to the reader, as one chunk.
  #deliver() {
    let bytes = this.output.shift().bytes;
    if (this.output.head !== undefined) {
      const all = new Uint8Array(this.waiting);
      let offset = 0;
      for (;;) {
        TypedArrayPrototypeSet(all, bytes, offset);
        offset += TypedArrayPrototypeGetByteLength(bytes);
        if (this.output.head === undefined) break;
        bytes = this.output.shift().bytes;
      }
      bytes = all;
    }
    this.waiting = 0;
    this.controller.enqueueOwned(bufferOf(bytes), byteOffsetOf(bytes), TypedArrayPrototypeGetByteLength(bytes));
    if (this.taken !== undefined) this.#resume();
    else if (this.waiting === 0) this.#endIfDrained();
  }

  #endIfDrained() {
    if (this.failure !== undefined) this.controller.error(this.failure);
    else if (this.isClosed) this.controller.end();
  }

  // What has been decompressed before the error may still be read.
  #fail(error) {
    this.input = undefined;
    this.failure = error;
    this.#free();
    if (this.waiting === 0) this.controller.error(error);
    else this.#announce();
  }

  #endWrite(reason) {
    if (this.taken === undefined) return;
    this.taken.reject(reason);
    this.taken = undefined;
  }

  #dropAll() {
    this.input = undefined;
    this.output.takeAll();
    this.waiting = 0;
    this.#free();
  }

  #free() {
    if (this.handle === undefined) return;
    natives.transcoderClose(this.handle);
    this.handle = undefined;
  }
}
