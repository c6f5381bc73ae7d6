// Writable streams of bytes that leave JavaScript, such as what a socket sends.
import { ArrayBufferIsView, PromiseReject, PromiseResolve, PromiseWithResolvers, TypeError } from '../internal/primordials.js';
import { isolate } from './isolate.js';
import { byteSizeOf, capture } from './rendezvous.js';
import { byteLengthOf } from './views.js';
import { kClosed, kErrored, kErroring, WritableState } from './writable_state.js';
import { writableStateOf, wrapWritable } from './writable_shell.js';

// In the place of a chunk: nothing to be written, but whoever wrote it learns that all before it is.
const kMark = {__proto__: null};

// Between a WritableState and a native sink.
class NativeSink {
  static {
    isolate(this);
  }

  constructor(sink) {
    this.sink = sink;
  }

  write(chunk) {
    if (chunk === kMark || chunk === undefined) return undefined;
    if (!ArrayBufferIsView(chunk)) {
      throw new TypeError(
          'This WritableStream is being used as a byte stream, but received an object of ' +
          'non-ArrayBuffer/ArrayBufferView type.');
    }
    return byteLengthOf(chunk) === 0 ? undefined : this.sink.write(chunk);
  }

  close() {
    return this.sink.close();
  }

  abort(reason) {
    return this.sink.abort(reason);
  }

  interrupt() {}
}

// A writable stream into `sink`: {write(bytes), close(), abort(reason)}, each of which returns
// undefined or a promise; it is asked one thing at a time, and nothing before `started` fulfils. A
// rejection of `started` errors the stream. `highWaterMark` undefined hides back-pressure from the
// writer, otherwise it is in bytes.
export function createNativeWritable(sink, started, highWaterMark) {
  const state = highWaterMark === undefined ?
      new WritableState(new NativeSink(sink), 1, undefined) :
      new WritableState(new NativeSink(sink), highWaterMark, byteSizeOf);
  state.showsBackpressure = highWaterMark !== undefined;
  state.captureChunk = capture;
  state.start(started);
  return wrapWritable(state);
}

// A promise that fulfils when all that has been written so far has left.
export function flushWritable(stream) {
  const state = writableStateOf(stream);
  if (state.status === kErroring || state.status === kErrored) {
    return PromiseReject(state.storedError);
  }
  if (state.status === kClosed || state.isClosing) return closeWritable(stream);
  const flushed = PromiseWithResolvers();
  state.write(kMark, 0, flushed);
  return flushed.promise;
}

// Closes a stream after what has been written, be it locked or not. Returns a promise.
export function closeWritable(stream) {
  const state = writableStateOf(stream);
  if (state.isClosing) return (state.closeRequest ?? state.inFlightCloseRequest).promise;
  return state.status === kClosed ? PromiseResolve(undefined) : state.close();
}

export const isWritableLocked = (stream) => writableStateOf(stream).isLocked;
export const isClosedOrClosing = (stream) => {
  const state = writableStateOf(stream);
  return state.isClosing || state.status === kClosed || state.status === kErrored;
};
