// Pipes from a native stream into a transform stream that changes nothing, whose readable side goes
// to natives in the end: then the bytes need not pass through JavaScript at all. Such a pipe reads
// nothing until somebody locks the readable side. If instead that is given away untouched, so is
// what the pipe would have read.
import { TypeError } from '../internal/primordials.js';
import { isolate } from './isolate.js';
import { untouchedSourceOf } from './native_stream.js';
import { upon } from './promises.js';
import { kDefaultReader, kReadable, ReaderState } from './readable_state.js';
import { readableStateOf } from './readable_shell.js';
import { kWritable } from './writable_state.js';

// What a pipe from `source` to `destination` could give away; undefined if it has to do its work.
// To be asked before the pipe locks them.
export function passageOf(source, destination, options) {
  const { signal, preventAbort, preventCancel, preventClose } = options;
  if (signal !== undefined || preventAbort || preventCancel || preventClose) return undefined;
  const native = untouchedSourceOf(source);
  if (native === undefined || native.canPass !== true) return undefined;
  if (destination.status !== kWritable || destination.isClosing || destination.isWriting ||
      destination.queue.head !== undefined) {
    return undefined;
  }
  const readable = destination.sink.passesTo;
  if (readable === undefined || readable.status !== kReadable || readable.everLocked ||
      readable.disturbed || readable.passage !== undefined) {
    return undefined;
  }
  const { expectedLength } = readable;
  if (expectedLength !== undefined && expectedLength !== native.length()) return undefined;
  return new Passage(native, readable);
}

class Passage {
  static {
    isolate(this);
  }

  constructor(native, readable) {
    this.native = native;
    this.readable = readable;
    this.pipe = undefined;
  }

  // Nothing is read until then.
  hold(pipe) {
    this.pipe = pipe;
    this.readable.passage = this;
  }

  // The readable side is being locked, or the pipe is over.
  end() {
    this.readable.passage = undefined;
  }

  // The source, which the caller reads in the place of the readable side.
  give() {
    const { native, pipe, readable } = this;
    const { source, destination } = pipe;
    this.end();
    const over = native.watch(readable.expectedLength ?? -1);
    new ReaderState(readable, kDefaultReader);
    readable.disturbed = true;
    upon(over, (isWhole) => {
      if (isWhole) {
        destination.sink.passed();
        source.controller.end();
        return;
      }
      destination.errorIfNeeded(new TypeError('The response body was cancelled.'));
    }, (reason) => source.controller.error(reason));
    return native;
  }
}

// The native source that a stream's bytes come from, unchanged, if nobody has touched the stream:
// it is the caller's from now on, and the stream counts as used. Otherwise undefined.
export function takePassed(stream) {
  return readableStateOf(stream)?.passage?.give();
}
