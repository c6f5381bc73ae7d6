// Both ends of an IdentityTransformStream: bytes pass from a write to the reads that ask for them,
// with nothing stored between. A write ends when its last byte has been read.
import { PromiseWithResolvers, TypeError } from '../internal/primordials.js';
import { ByteController } from './byte_controller.js';
import { isolate } from './isolate.js';
import { ReadableState } from './readable_state.js';
import { kDoneAtOnce, kFinishLater } from './source.js';
import { asBytes, bufferOf, byteLengthOf, bytesBetween, cloneBytes } from './views.js';
import { WritableState } from './writable_state.js';

// Undefined stands for no bytes, a string for its UTF-8. The result may lie in the tenant's memory.
function toBytes(chunk) {
  if (typeof chunk === 'string') return natives.utf8Encode(chunk);
  const bytes = chunk === undefined ? undefined : asBytes(chunk);
  if (bytes === undefined && chunk !== undefined) {
    throw new TypeError('This TransformStream is being used as a byte stream, but received an object of ' +
        'non-ArrayBuffer/ArrayBufferView type on its writable side.');
  }
  return bytes;
}

function byteSizeOf(chunk) {
  if (typeof chunk === 'string') return chunk.length;
  const bytes = chunk === undefined || chunk === null ? undefined : asBytes(chunk);
  return bytes === undefined ? 0 : byteLengthOf(bytes);
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
    this.writable = highWaterMark === undefined ? new WritableState(this, 1, undefined)
                                                : new WritableState(this, highWaterMark, byteSizeOf);
    this.writable.showsBackpressure = highWaterMark !== undefined;
    this.readable = new ReadableState();
    this.readable.expectedLength = expectedLength;
    this.controller = new ByteController(this.readable, this, 0, undefined);
    this.controller.started = true;
    this.writable.start(undefined);
  }

  // As a sink.
  write(chunk) {
    const bytes = this.#take(chunk);
    if (bytes === undefined) return undefined;
    this.bytes = bytes;
    this.written = PromiseWithResolvers();
    const { promise } = this.written;
    if (this.isWanted) {
      this.isWanted = false;
      this.#deliver();
      this.controller.finishPull();
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
    this.writable.errorIfNeeded(reason);
    this.#endWrite(reason);
  }

  // The bytes of a chunk, or undefined if there are none.
  #take(chunk) {
    try {
      const bytes = toBytes(chunk);
      const length = bytes === undefined ? 0 : byteLengthOf(bytes);
      if (length === 0) return undefined;
      if (this.remaining !== undefined) {
        if (length > this.remaining) {
          throw new TypeError('Attempt to write too many bytes through a FixedLengthStream.');
        }
        this.remaining -= length;
      }
      return bytes;
    } catch (error) {
      return this.#fail(error);
    }
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

  // Hands to the reads that wait what they can take.
  #deliver() {
    const { bytes, controller } = this;
    if (!this.readable.hasRequests) return;
    const length = byteLengthOf(bytes);
    let taken = controller.fillWaitingBuffer(bytes);
    if (taken === 0) {
      taken = length;
      controller.enqueueOwned(bufferOf(cloneBytes(bytes)), 0, length);
    }
    if (taken < length) {
      this.bytes = bytesBetween(bytes, taken, length);
      return;
    }
    this.bytes = undefined;
    this.written.resolve(undefined);
    this.written = undefined;
  }
}
