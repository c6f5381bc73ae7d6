// Both ends of an IdentityTransformStream: bytes pass from a write to the reads that ask for them,
// with nothing stored between. A write ends when its last byte has been read.
import { ArrayBufferIsView, Error, PromiseWithResolvers, TypeError } from '../internal/primordials.js';
import { ByteController } from './byte_controller.js';
import { isolate } from './isolate.js';
import { enqueueStep } from './promises.js';
import { ReadableState } from './readable_state.js';
import { kDoneAtOnce, kFinishLater } from './source.js';
import {
  asBytes, bufferOf, byteLengthOf, byteOffsetOf, bytesBetween, cloneBytes,
} from './views.js';
import { WritableState } from './writable_state.js';

// The bytes of a chunk as they are now; what is none is left for write() to refuse in its turn.
// Tenants may change or detach their memory before the bytes are read, so they are copied.
export function capture(chunk, isOwned) {
  if (typeof chunk === 'string') return natives.utf8Encode(chunk);
  const bytes = chunk === undefined || chunk === null ? undefined : asBytes(chunk);
  if (bytes === undefined) return chunk;
  return isOwned ? bytes : cloneBytes(bytes);
}

// For a string the most its UTF-8 can take: the size is asked for before the bytes are known.
export function byteSizeOf(chunk) {
  if (typeof chunk === 'string') return chunk.length * 3;
  const bytes = chunk === undefined || chunk === null ? undefined : asBytes(chunk);
  return bytes === undefined ? 0 : byteLengthOf(bytes);
}

// Writers always hear of an Error, as they do on the reference runtime.
function toError(reason) {
  if (reason === undefined) return new Error('Stream was cancelled.');
  return reason instanceof Error || typeof reason !== 'string' ? reason : new Error(reason);
}

// The sink of the one side and the source of the other.
export class Rendezvous {
  static {
    isolate(this);
  }

  // `expectedLength` undefined lets any number of bytes pass. `highWaterMark` undefined hides
  // back-pressure from the writer; otherwise it is in bytes.
  constructor(expectedLength, highWaterMark) {
    this.remaining = expectedLength;
    this.bytes = undefined;    // what is left of the write under way
    this.written = undefined;  // its resolvers
    this.isWanted = false;     // whether a pull waits for a write
    this.onWanted = undefined;
    this.writable = highWaterMark === undefined
        ? new WritableState(this, 1, undefined)
        : new WritableState(this, highWaterMark, byteSizeOf);
    this.writable.showsBackpressure = highWaterMark !== undefined;
    this.writable.captureChunk = capture;
    this.readable = new ReadableState();
    this.readable.expectedLength = expectedLength;
    this.readable.oneReadAtATime = true;
    this.controller = new ByteController(this.readable, this, 0, undefined);
    this.controller.started = true;
    this.writable.start(undefined);
  }

  // As a sink: what is written comes out there as it is.
  get passesTo() {
    return this.readable;
  }

  // All of it has, another way.
  passed() {
    if (this.remaining !== undefined) this.remaining = 0;
  }

  write(chunk) {
    const bytes = this.#take(chunk);
    if (bytes === undefined) return undefined;
    this.bytes = bytes;
    this.written = PromiseWithResolvers();
    const { promise } = this.written;
    if (this.isWanted) {
      this.isWanted = false;
      // Not at once: the end of the write must be seen before the bytes are, see #deliver().
      enqueueStep(this.onWanted ??= () => {
        if (this.bytes !== undefined) this.#deliver();
        this.controller.finishPull();
      });
    }
    return promise;
  }

  close() {
    if (this.remaining > 0) {
      this.#fail(new TypeError('FixedLengthStream did not see all expected bytes before close().'));
    }
    this.controller.end();
  }

  abort(reason) {
    this.controller.error(reason);
  }

  interrupt(reason) {
    this.#endWrite(reason);
  }

  // As a source.
  pull() {
    if (this.bytes === undefined) {
      this.isWanted = true;
      return kFinishLater;
    }
    this.#deliver();
    return kDoneAtOnce;
  }

  cancel(reason) {
    const error = toError(reason);
    this.writable.errorIfNeeded(error);
    this.#endWrite(error);
  }

  // Checks what capture() returned. Returns the bytes, or undefined if there are none.
  #take(chunk) {
    if (chunk === undefined) return undefined;
    if (!ArrayBufferIsView(chunk)) {
      return this.#fail(new TypeError(
          'This TransformStream is being used as a byte stream, but received an object of ' +
          'non-ArrayBuffer/ArrayBufferView type on its writable side.'));
    }
    const length = byteLengthOf(chunk);
    if (length === 0) return undefined;
    if (this.remaining !== undefined) {
      if (length > this.remaining) {
        return this.#fail(
            new TypeError('Attempt to write too many bytes through a FixedLengthStream.'));
      }
      this.remaining -= length;
    }
    return chunk;
  }

  #fail(error) {
    this.controller.error(error);
    throw error;
  }

  #endWrite(reason) {
    if (this.written === undefined) return;
    this.bytes = undefined;
    this.written.reject(reason);
    this.written = undefined;
  }

  // Hands to the reads that wait what they can take. The write is ended first, so that whoever sees
  // the bytes also sees that there is room again.
  #deliver() {
    const { bytes, controller } = this;
    if (!this.readable.hasRequests) return;
    const length = byteLengthOf(bytes);
    const space = controller.waitingSpace;
    if (space > 0 && space < length) {
      this.bytes = bytesBetween(bytes, space, length);
      controller.fillWaitingBuffer(bytesBetween(bytes, 0, space));
      return;
    }
    this.bytes = undefined;
    this.written.resolve(undefined);
    this.written = undefined;
    if (space > 0) controller.fillWaitingBuffer(bytes);
    else controller.enqueueOwned(bufferOf(bytes), byteOffsetOf(bytes), length);
  }
}
