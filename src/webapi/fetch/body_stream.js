// Where bodies meet streams.
import {
  ArrayBufferIsView, Error, PromisePrototypeThen, TypeError, TypedArrayPrototypeGetByteLength, Uint8Array,
} from '../internal/primordials.js';
import {describeException} from '../internal/report.js';
import {
  createNativeByteStream, createReadableFromBytes, detachSource, fixedLengthOf, isBytesSource,
  pumpToNative, readAllBytes, takePassed, teeForClone, untouchedSource,
} from '../streams/internal.js';
import {readableStateOf} from '../streams/readable_shell.js';

export {errorReadable as errorStream, isDisturbed, isLocked, isReadableStream, readableFrom} from '../streams/internal.js';

// The body of a received message.
class MessageSource {
  constructor(message) { this.message = message; }

  read() { return natives.bodyRead(this.message); }

  cancel() { natives.bodyCancel(this.message); }

  // For a pipe that gives the message away instead of reading it.
  get canPass() { return true; }

  length() { return natives.bodyLength(this.message); }

  watch(length) { return natives.bodyWatch(this.message, length); }
}

// The same of a stream that another Worker sends.
class RemoteSource extends MessageSource {
  get canPass() { return false; }

  read() {
    const chunk = natives.bodyRead(this.message);
    if (chunk === null || ArrayBufferIsView(chunk)) return chunk;
    return PromisePrototypeThen(chunk, undefined, disconnected);
  }
}

function disconnected() {
  throw new Error('ReadableStream received over RPC disconnected prematurely.');
}

export function streamOfRemote(message) {
  return createNativeByteStream(new RemoteSource(message));
}

export function streamOfMessage(message) {
  return createNativeByteStream(new MessageSource(message));
}

// What the body of a message becomes once the message has been read without a stream: a stream that
// somebody else has read.
export function spentStream() {
  const stream = createReadableFromBytes(new Uint8Array(0));
  detachSource(stream);
  return stream;
}

export function cancelStream(stream, reason) {
  PromisePrototypeThen(readableStateOf(stream).cancel(reason), undefined, ignore);
}

// The message behind a stream that nobody has touched, whichever Worker sent it; undefined if there
// is none. Then the stream counts as used.
export function takeUntouchedMessage(stream) {
  const passed = takePassed(stream);
  if (passed !== undefined) return passed.message;
  const source = untouchedSource(stream);
  if (!(source instanceof MessageSource)) return undefined;
  detachSource(stream);
  return source.message;
}

// If nobody has touched a stream that was made here, takes back what it was made of: a message
// number or bytes. Then the stream counts as used.
export function takeUntouched(stream) {
  const passed = takePassed(stream);
  if (passed !== undefined) return passed.message;
  const source = untouchedSource(stream);
  if (source instanceof MessageSource && !(source instanceof RemoteSource)) {
    detachSource(stream);
    return source.message;
  }
  if (isBytesSource(source)) {
    detachSource(stream);
    return source.bytes;
  }
  return undefined;
}

// -1 if nobody knows.
export function knownLength(stream) { return fixedLengthOf(stream) ?? -1; }

// How many bytes there are to read in a stream that nobody has touched, or will be in all; -1 if nobody knows.
export function lengthOfReadable(stream) {
  const source = untouchedSource(stream);
  if (source instanceof MessageSource) return natives.bodyLength(source.message);
  return isBytesSource(source) ? TypedArrayPrototypeGetByteLength(source.bytes) : knownLength(stream);
}

// `length` is what the stream is expected to yield, -1 if nobody knows. Streams of scripts need not keep their promise.
class Sink {
  constructor(number, length) {
    this.number = number;
    this.remaining = length;
  }

  write(bytes) {
    if (this.remaining >= 0) {
      const length = TypedArrayPrototypeGetByteLength(bytes);
      if (length > this.remaining) throw new TypeError('The stream yields more bytes than its expected length.');
      this.remaining -= length;
    }
    return natives.sinkWrite(this.number, bytes);
  }

  close() {
    if (this.remaining > 0) {
      this.abort(new TypeError('The stream ended before its expected length.'));
    } else {
      natives.sinkClose(this.number);
    }
  }

  abort(reason) { natives.sinkAbort(this.number, describeException(reason).message); }
}

function ignore() {}

// Sends a stream into an open sink; C++ hears how it went from the sink.
export function pumpStream(stream, sink) {
  PromisePrototypeThen(pumpToNative(stream, new Sink(sink, knownLength(stream))), undefined, ignore);
}

export {
  createReadableFromBytes as streamOfBytes, readAllBytes as readStream, teeForClone as cloneStream,
};
