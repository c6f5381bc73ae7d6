// What other built-ins need of streams beside the classes.
import { ArrayBufferIsView } from '../internal/primordials.js';
import { kInternal } from '../internal/webidl.js';
import { ByteController } from './byte_controller.js';
import { readableFrom as readableStateFrom } from './readable_from.js';
import { readableStateOf, wrapReadable } from './readable_shell.js';
import { kReadable } from './readable_state.js';
import { tee } from './readable_tee.js';
import { TransformState } from './transform_state.js';
import { TransformStream } from './transform_stream.js';
import { cloneBytes } from './views.js';
import { writableStateOf } from './writable_shell.js';

export {
  createNativeByteStream, createReadableFromBytes, detachSource, isBytesSource, untouchedSource,
} from './native_stream.js';
export {
  closeWritable, createNativeWritable, flushWritable, isClosedOrClosing, isWritableLocked,
} from './native_writable.js';
export { pumpToNative, readAllBytes, startPump } from './consume.js';
export { takePassed } from './pass_through.js';

// Cancels a stream, be it locked or not. Returns a promise.
export const cancelReadable = (stream, reason) => readableStateOf(stream).cancel(reason);

// Errors a native stream that is still readable; reads that wait hear of it.
export function errorReadable(stream, reason) {
  const state = readableStateOf(stream);
  if (state.status === kReadable && state.controller.source !== undefined) {
    state.controller.error(reason);
  }
}

export const isReadableStream = (value) => readableStateOf(value) !== undefined;
export const isWritableStream = (value) => writableStateOf(value) !== undefined;
export const isLocked = (stream) => readableStateOf(stream).isLocked;
export const isDisturbed = (stream) => readableStateOf(stream).disturbed;

// How many bytes the readable side of a FixedLengthStream will yield; undefined for other streams.
export const fixedLengthOf = (stream) => readableStateOf(stream).expectedLength;

const kReadableStates = ['readable', 'closed', 'errored'];
const kWritableStates = ['writable', 'erroring', 'errored', 'closed'];

// For inspection.
export const describeReadable = (stream) => {
  const { status, controller } = readableStateOf(stream);
  const isTaken = status === kReadable && controller.source === undefined;  // what was in it went another way
  return { __proto__: null, state: isTaken ? 'closed' : kReadableStates[status], supportsBYOB: controller instanceof ByteController };
};

export const describeWritable = (stream) => {
  const { status, captureChunk } = writableStateOf(stream);
  return { __proto__: null, state: kWritableStates[status], expectsBytes: captureChunk !== undefined };
};

// ReadableStream.from(), out of the reach of patches.
export const readableFrom = (iterable) => wrapReadable(readableStateFrom(iterable));

// Bodies are bytes whatever the view; what is none will fail where it is read.
const cloneChunk = (chunk) => ArrayBufferIsView(chunk) ? cloneBytes(chunk) : chunk;

// Tees a stream that is not locked, for the clone of a body. Returns two streams in an array. What
// the one reader does to the bytes it gets does not show to the other.
export function teeForClone(stream) {
  const state = readableStateOf(stream);
  const { first, second } = tee(state, cloneChunk);
  first.expectedLength = state.expectedLength;
  second.expectedLength = state.expectedLength;
  return [wrapReadable(first), wrapReadable(second)];
}

// The base for streams like CompressionStream: a TransformState around `transformer`, an object of
// a class of ours with
//   transform(chunk, state)  calls state.enqueue(chunk) for what it has
//   flush(state)             likewise, at the end
//   cancel(reason)           the stream has been given up
// each of which returns undefined or a promise, or throws, which errors both sides.
// state.error(reason) and state.terminate() are there too. With `isBytes` the readable side
// supports BYOB readers, and enqueue() takes Uint8Arrays, whose memory it takes over. High-water
// marks are one chunk to write and none to read. Hand the state to `super(kInternal, state)` in a
// class that extends TransformStream.
export function createTransform(transformer, isBytes = false) {
  const state = new TransformState(
      { highWaterMark: 1, size: undefined }, { highWaterMark: 0, size: undefined }, isBytes);
  state.transformer = transformer;
  state.start(undefined);
  return state;
}

export { kInternal, TransformStream };
