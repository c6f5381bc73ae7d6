// https://streams.spec.whatwg.org/#default-reader-class and #byob-reader-class
import {
  ArrayBufferPrototypeGetByteLength, PromiseReject, RangeError, TypeError,
} from '../internal/primordials.js';
import {
  defineInterface, illegalInvocation, isObject, kInternal, requireArguments, toDictionary,
  toUnsignedLongLong,
} from '../internal/webidl.js';
import { ReadPromise } from './promises.js';
import { readableStateOf } from './readable_shell.js';
import { kByobReader, kDefaultReader, ReaderState, releasedReader } from './readable_state.js';
import {
  bufferOf, byteLengthOf, constructorOf, elementSizeOf, isDetached, requireView,
} from './views.js';

// A read that, where the stream ends before the minimum has come, gets what there is and hears of
// the end by the next read.
class ReadAtLeast extends ReadPromise {
  close(view) {
    if (view !== undefined && byteLengthOf(view) > 0) this.chunk(view);
    else super.close(view);
  }
}

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
      requireView(view);
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
      requireView(view);
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
    reader.readInto(view, minimumElements, request);
    return request.get();
  }
}
defineInterface(ReadableStreamBYOBReader, 'ReadableStreamBYOBReader');
