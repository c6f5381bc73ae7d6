// https://streams.spec.whatwg.org/#readable-stream-tee
import { PromiseWithResolvers } from '../internal/primordials.js';
import { teeBytes } from './byte_tee.js';
import { isolate } from './isolate.js';
import { enqueueStep, upon } from './promises.js';
import { DefaultController } from './readable_default_controller.js';
import { kDefaultReader, ReadableState, ReaderState } from './readable_state.js';

// Reads one stream for two. It is its own read request: there is one read at a time.
class Tee {
  static {
    isolate(this);
  }

  constructor(stream, clone) {
    this.next = undefined;
    this.stream = stream;
    this.clone = clone;
    this.reader = new ReaderState(stream, kDefaultReader);
    this.isReading = false;
    this.readAgain = false;
    this.cancelled = PromiseWithResolvers();
    this.first = new Branch(this);
    this.second = new Branch(this);
    upon(this.reader.closed.get(), undefined, (reason) => {
      this.fail(reason);
      if (!this.first.isCancelled || !this.second.isCancelled) this.cancelled.resolve(undefined);
    });
  }

  fail(reason) {
    this.first.controller.error(reason);
    this.second.controller.error(reason);
  }

  pull() {
    if (this.isReading) {
      this.readAgain = true;
      return;
    }
    this.isReading = true;
    this.reader.read(this);
  }

  cancel() {
    this.cancelled.resolve(this.stream.cancel([this.first.reason, this.second.reason]));
  }

  // As a read request. An error of the stream takes a microtask to be seen; a chunk must not
  // overtake it.
  chunk(value) {
    enqueueStep(() => this.#distribute(value));
  }

  #distribute(value) {
    this.readAgain = false;
    let copy = value;
    if (this.clone !== undefined && !this.second.isCancelled) {
      try {
        copy = this.clone(value);
      } catch (error) {
        this.fail(error);
        this.cancelled.resolve(this.stream.cancel(error));
        return;
      }
    }
    if (!this.first.isCancelled) this.first.controller.enqueue(value);
    if (!this.second.isCancelled) this.second.controller.enqueue(copy);
    this.isReading = false;
    if (this.readAgain) this.pull();
  }

  close() {
    this.isReading = false;
    if (!this.first.isCancelled) this.first.controller.close();
    if (!this.second.isCancelled) this.second.controller.close();
    if (!this.first.isCancelled || !this.second.isCancelled) this.cancelled.resolve(undefined);
  }

  error() {
    this.isReading = false;
  }
}

// The source of one of the two streams.
class Branch {
  static {
    isolate(this);
  }

  constructor(tee) {
    this.tee = tee;
    this.isCancelled = false;
    this.reason = undefined;
    this.controller = new DefaultController(new ReadableState(), this, 1, undefined);
    this.controller.start(undefined);
  }

  pull() {
    this.tee.pull();
  }

  // Only the second to be cancelled waits for the stream: a script that waits for the first before
  // it reads the other would wait for ever.
  cancel(reason) {
    this.isCancelled = true;
    this.reason = reason;
    const {tee} = this;
    if (!tee.first.isCancelled || !tee.second.isCancelled) return undefined;
    tee.cancel();
    return tee.cancelled.promise;
  }
}

// Locks `stream` and returns two states {first, second} that both get its chunks. Throws a
// TypeError if it is locked. `clone`, if given, makes the copy of a chunk which the second stream
// gets; byte streams always copy.
export function tee(stream, clone) {
  if (stream.controller.isByteController) return teeBytes(stream);
  const work = new Tee(stream, clone);
  return { first: work.first.controller.stream, second: work.second.controller.stream };
}
