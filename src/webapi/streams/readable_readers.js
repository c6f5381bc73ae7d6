// https://streams.spec.whatwg.org/#default-reader-class and #byob-reader-class
import {
  ArrayBuffer, ArrayBufferPrototypeGetByteLength, MathMin, PromiseReject, RangeError, TypeError,
} from '../internal/primordials.js';
import {
  defineInterface, illegalInvocation, isObject, kInternal, requireArguments, toDictionary,
  toUnsignedLongLong,
} from '../internal/webidl.js';
import { behaviours } from '../internal/behaviours.js';
import { ReadPromise } from './promises.js';
import { isolate } from './isolate.js';
import { readableStateOf } from './readable_shell.js';
import { kByobReader, kDefaultReader, ReaderState, releasedReader } from './readable_state.js';
import {
  bufferOf, byteLengthOf, byteOffsetOf, constructorOf, copyBytes, elementSizeOf, isDetached,
  requireView, requireViewOfAnySize,
} from './views.js';

// A read that, where the stream ends before the minimum has come, gets what there is and hears of
// the end by the next read.
class ReadAtLeast extends ReadPromise {
  close(view) {
    if (view !== undefined && byteLengthOf(view) > 0) this.chunk(view);
    else super.close(view);
  }
}

// A read for Workers whose buffers are not taken away: the bytes come by way of a buffer of ours, as
// many as the reader's still has room for by then.
class ReadIntoKept {
  static {
    isolate(this);
  }

  constructor(request, view) {
    this.next = undefined;
    this.request = request;
    this.view = view;
    this.buffer = bufferOf(view);
    this.byteOffset = byteOffsetOf(view);
    this.viewConstructor = constructorOf(view);
    const length = byteLengthOf(view) / elementSizeOf(this.viewConstructor);
    this.substitute = new this.viewConstructor(new ArrayBuffer(byteLengthOf(view)), 0, length);
  }

  chunk(filled) {
    this.request.chunk(this.#copy(filled));
  }

  close(filled) {
    this.request.close(filled === undefined ? undefined : this.#copy(filled));
  }

  error(reason) {
    this.request.error(reason);
  }

  #copy(filled) {
    const { viewConstructor } = this;
    const room = ArrayBufferPrototypeGetByteLength(this.buffer) - this.byteOffset;
    if (isDetached(this.buffer) || room <= 0) return new viewConstructor(new ArrayBuffer(0));
    const elementSize = elementSizeOf(viewConstructor);
    const length = (MathMin(byteLengthOf(filled), room) / elementSize) >>> 0;
    copyBytes(this.buffer, this.byteOffset, bufferOf(filled), byteOffsetOf(filled),
              length * elementSize);
    return new viewConstructor(this.buffer, this.byteOffset, length);
  }
}

const pendingRead = () =>
  new TypeError('This ReadableStream only supports a single pending read request at a time.');

// The stream a tenant names as a constructor's argument.
function requireStream(value, count, name) {
  requireArguments(count, 1, name);
  const state = readableStateOf(value);
  if (state === undefined) throw new TypeError(`${name}: the argument is not a ReadableStream.`);
  return state;
}

function cancelBy(reader, reason) {
  if (reader.stream === undefined) return PromiseReject(releasedReader());
  return reader.stream.cancel(reason);
}

export class ReadableStreamDefaultReader {
  #reader;

  // Built-ins may also pass (kInternal, ReaderState).
  constructor(stream) {
    this.#reader = stream === kInternal ? arguments[1] : new ReaderState(
        requireStream(stream, arguments.length, 'ReadableStreamDefaultReader'), kDefaultReader);
  }

  static #has(value) {
    return isObject(value) && #reader in value;
  }

  get closed() {
    if (!ReadableStreamDefaultReader.#has(this)) {
      return PromiseReject(new TypeError('Illegal invocation'));
    }
    return this.#reader.closed.get();
  }

  cancel(reason = undefined) {
    if (!ReadableStreamDefaultReader.#has(this)) {
      return PromiseReject(new TypeError('Illegal invocation'));
    }
    return cancelBy(this.#reader, reason);
  }

  read() {
    if (!ReadableStreamDefaultReader.#has(this)) {
      return PromiseReject(new TypeError('Illegal invocation'));
    }
    const reader = this.#reader;
    if (reader.stream === undefined) return PromiseReject(releasedReader());
    const request = new ReadPromise();
    if (reader.stream.oneReadAtATime && reader.requests.head !== undefined) {
      return PromiseReject(pendingRead());
    }
    reader.read(request);
    return request.get();
  }

  releaseLock() {
    if (!ReadableStreamDefaultReader.#has(this)) illegalInvocation();
    if (this.#reader.stream !== undefined) this.#reader.release();
  }
}
defineInterface(ReadableStreamDefaultReader, 'ReadableStreamDefaultReader');

export class ReadableStreamBYOBReader {
  #reader;

  // Built-ins may also pass (kInternal, ReaderState).
  constructor(stream) {
    this.#reader = stream === kInternal ? arguments[1] : new ReaderState(
        requireStream(stream, arguments.length, 'ReadableStreamBYOBReader'), kByobReader);
  }

  static #has(value) {
    return isObject(value) && #reader in value;
  }

  get closed() {
    if (!ReadableStreamBYOBReader.#has(this)) {
      return PromiseReject(new TypeError('Illegal invocation'));
    }
    return this.#reader.closed.get();
  }

  cancel(reason = undefined) {
    if (!ReadableStreamBYOBReader.#has(this)) {
      return PromiseReject(new TypeError('Illegal invocation'));
    }
    return cancelBy(this.#reader, reason);
  }

  read(view, options = undefined) {
    try {
      if (!ReadableStreamBYOBReader.#has(this)) illegalInvocation();
      requireArguments(arguments.length, 1, 'ReadableStreamBYOBReader.read');
      requireViewOfAnySize(view);
      const { min } = toDictionary(options, 'ReadableStreamBYOBReaderReadOptions');
      const minimum = min === undefined ? 1 : toUnsignedLongLong(min, 1);
      return this.#readInto(view, minimum, new ReadPromise(), RangeError);
    } catch (error) {
      return PromiseReject(error);
    }
  }

  // Not in the standard: waits for at least so many elements, or the end.
  readAtLeast(minimum, view) {
    try {
      if (!ReadableStreamBYOBReader.#has(this)) illegalInvocation();
      requireArguments(arguments.length, 2, 'ReadableStreamBYOBReader.readAtLeast');
      const elements = toUnsignedLongLong(minimum, 1);
      requireViewOfAnySize(view);
      return this.#readInto(view, elements, new ReadAtLeast(), TypeError);
    } catch (error) {
      return PromiseReject(error);
    }
  }

  releaseLock() {
    if (!ReadableStreamBYOBReader.#has(this)) illegalInvocation();
    if (this.#reader.stream !== undefined) this.#reader.release();
  }

  #readInto(view, minimumElements, request, TooLargeError) {
    const byteLength = byteLengthOf(view);
    const buffer = bufferOf(view);
    if (isDetached(buffer)) throw new TypeError('The buffer of the view has been detached.');
    if (byteLength === 0 || ArrayBufferPrototypeGetByteLength(buffer) === 0) {
      throw new TypeError('A read into an empty view is not possible.');
    }
    if (minimumElements === 0) throw new TypeError('The minimum to read must be greater than 0.');
    if (minimumElements > byteLength / elementSizeOf(constructorOf(view))) {
      throw new TooLargeError('The minimum to read is greater than the length of the view.');
    }
    const reader = this.#reader;
    if (reader.stream === undefined) throw releasedReader();
    // A source of a tenant's would see the buffer, at a size that may change.
    if (reader.stream.isTenants) requireView(view);
    if (reader.stream.oneReadAtATime) {
      if (reader.requests.head !== undefined) throw pendingRead();
      if (!behaviours.byobReadsDetach) {
        const kept = new ReadIntoKept(request, view);
        reader.readInto(kept.substitute, minimumElements, kept);
        return request.get();
      }
    }
    reader.readInto(view, minimumElements, request);
    return request.get();
  }
}
defineInterface(ReadableStreamBYOBReader, 'ReadableStreamBYOBReader');
