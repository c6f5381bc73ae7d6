// Byte streams whose bytes come from outside of JavaScript, such as the body of a request.
import { ArrayBufferIsView, TypeError } from '../internal/primordials.js';
import { ByteController } from './byte_controller.js';
import { isolate } from './isolate.js';
import { upon } from './promises.js';
import { readableStateOf, wrapReadable } from './readable_shell.js';
import { kDefaultReader, kReadable, ReadableState, ReaderState } from './readable_state.js';
import { kDoneAtOnce, kFinishLater } from './source.js';
import { bufferOf, byteLengthOf, byteOffsetOf } from './views.js';

// Between a ByteController and a native source.
class NativeSource {
  static {
    isolate(this);
  }

  constructor(source) {
    this.source = source;
    this.onChunk = undefined;
    this.onFailure = undefined;
  }

  pull(controller) {
    const chunk = this.source.read();
    if (chunk === null || ArrayBufferIsView(chunk)) {
      take(controller, chunk);
      return kDoneAtOnce;
    }
    upon(chunk, this.onChunk ??= (later) => {
      take(controller, later);
      controller.finishPull();
    }, this.onFailure ??= (reason) => controller.error(reason));
    return kFinishLater;
  }

  cancel(reason) {
    return this.source.cancel(reason);
  }
}

function take(controller, chunk) {
  if (chunk === null) controller.end();
  else if (byteLengthOf(chunk) === 0) controller.pullAgain = true;  // no answer to whoever waits
  else controller.enqueueOwned(bufferOf(chunk), byteOffsetOf(chunk), byteLengthOf(chunk));
}

// A readable byte stream over `source`: {read(), cancel(reason)}. read() returns the next bytes as
// a Uint8Array on memory that becomes the stream's, or null at the end, or a promise for one of
// these; it is called only when somebody wants bytes and never while an earlier one is pending.
// cancel() ends the use of the source before that.
export function createNativeByteStream(source) {
  const state = new ReadableState();
  const controller = new ByteController(state, new NativeSource(source), 0, undefined);
  controller.started = true;
  return wrapReadable(state);
}

class BytesSource {
  static {
    isolate(this);
  }

  constructor(bytes) {
    this.bytes = bytes;
  }

  read() {
    const { bytes } = this;
    this.bytes = null;
    return bytes !== null && byteLengthOf(bytes) === 0 ? null : bytes;
  }

  cancel() {
    this.bytes = null;
  }
}

// Whether it is the source of a stream that was made of bytes, which are its `bytes`.
export function isBytesSource(source) {
  return source instanceof BytesSource;
}

// A readable byte stream of `bytes`, whose memory it takes over.
export function createReadableFromBytes(bytes) {
  return createNativeByteStream(new BytesSource(bytes));
}

// The source of a stream made by createNativeByteStream() that nobody has read from, cancelled, or
// ever locked; undefined for every other stream.
export function untouchedSource(stream) {
  const state = readableStateOf(stream);
  return state === undefined ? undefined : untouchedSourceOf(state);
}

export function untouchedSourceOf(state) {
  if (state.everLocked || state.disturbed || state.status !== kReadable) return undefined;
  const { source } = state.controller;
  return source instanceof NativeSource ? source.source : undefined;
}

// Takes the source out of a stream for which untouchedSource() has one. The stream stays locked and
// disturbed for good.
export function detachSource(stream) {
  return detachSourceOf(readableStateOf(stream));
}

export function detachSourceOf(state) {
  const source = untouchedSourceOf(state);
  if (source === undefined) throw new TypeError('The stream has been used.');
  new ReaderState(state, kDefaultReader);
  state.disturbed = true;
  state.controller.source = undefined;
  return source;
}
