// https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamtee
import { PromiseWithResolvers } from '../internal/primordials.js';
import { viewOfRequest } from './byob_request.js';
import { ByteController } from './byte_controller.js';
import { isolate } from './isolate.js';
import { enqueueStep, upon } from './promises.js';
import { kByobReader, kDefaultReader, ReadableState, ReaderState } from './readable_state.js';
import { cloneBytes } from './views.js';

// Reads one byte stream for two: with a default reader, or, while a branch has a waiting buffer,
// with a BYOB reader straight into that.
class ByteTee {
  static {
    isolate(this);
  }

  constructor(stream) {
    this.stream = stream;
    this.reader = undefined;
    this.isReading = false;
    this.cancelled = PromiseWithResolvers();
    this.#acquire(kDefaultReader);
    this.first = new ByteBranch(this);
    this.second = new ByteBranch(this);
  }

  pull(branch) {
    if (this.isReading) {
      branch.readAgain = true;
      return;
    }
    this.isReading = true;
    const request = branch.controller.getByobRequest();
    if (request === null) {
      this.#acquire(kDefaultReader);
      this.reader.read(new DefaultRead(this));
    } else {
      this.#acquire(kByobReader);
      this.reader.readInto(viewOfRequest(request), 1, new ByobRead(this, branch));
    }
  }

  cancel() {
    this.cancelled.resolve(this.stream.cancel([this.first.reason, this.second.reason]));
  }

  // Makes a copy for the other branch; if that fails both streams are errored, and undefined is
  // returned.
  copy(chunk) {
    try {
      return cloneBytes(chunk);
    } catch (error) {
      this.first.controller.error(error);
      this.second.controller.error(error);
      this.cancelled.resolve(this.stream.cancel(error));
      return undefined;
    }
  }

  beginDistribution() {
    this.first.readAgain = false;
    this.second.readAgain = false;
  }

  endDistribution() {
    this.isReading = false;
    if (this.first.readAgain) this.pull(this.first);
    else if (this.second.readAgain) this.pull(this.second);
  }

  endCancellation() {
    if (!this.first.isCancelled || !this.second.isCancelled) this.cancelled.resolve(undefined);
  }

  // Changes to a reader of this kind where the one in use is another.
  #acquire(mode) {
    if (this.reader !== undefined) {
      if (this.reader.mode === mode) return;
      this.reader.release();
    }
    const reader = new ReaderState(this.stream, mode);
    this.reader = reader;
    upon(reader.closed.get(), undefined, (reason) => {
      if (reader !== this.reader) return;
      this.first.controller.error(reason);
      this.second.controller.error(reason);
      this.endCancellation();
    });
  }
}

// The source of one of the two streams.
class ByteBranch {
  static {
    isolate(this);
  }

  constructor(tee) {
    this.tee = tee;
    this.isCancelled = false;
    this.readAgain = false;
    this.reason = undefined;
    this.controller = new ByteController(new ReadableState(), this, 0, undefined);
    this.controller.start(undefined);
  }

  pull() {
    this.tee.pull(this);
  }

  // See readable_tee.js.
  cancel(reason) {
    this.isCancelled = true;
    this.reason = reason;
    const {tee} = this;
    if (!tee.first.isCancelled || !tee.second.isCancelled) return undefined;
    tee.cancel();
    return tee.cancelled.promise;
  }

  close() {
    if (!this.isCancelled) this.controller.close();
  }

  // Hands a filled view to the read that waits. There may be none any more: the stream can have
  // been errored after the view was filled, but before it was seen here.
  respond(view) {
    if (!this.isCancelled && this.controller.pullIntos.head !== undefined) {
      this.controller.respondWithNewView(view);
    }
  }

  // After close(): gives a waiting buffer back.
  respondNothing() {
    if (this.controller.pullIntos.head !== undefined) this.controller.respond(0);
  }
}

// Chunks are handed on in a microtask: an error of the stream takes one to be seen, and no chunk
// must overtake it.
class DefaultRead {
  static {
    isolate(this);
  }

  constructor(tee) {
    this.next = undefined;
    this.tee = tee;
  }

  chunk(value) {
    enqueueStep(() => this.#distribute(value));
  }

  #distribute(value) {
    const { tee } = this;
    const { first, second } = tee;
    tee.beginDistribution();
    let copy = value;
    if (!first.isCancelled && !second.isCancelled) {
      copy = tee.copy(value);
      if (copy === undefined) return;
    }
    if (!first.isCancelled) first.controller.enqueue(value);
    if (!second.isCancelled) second.controller.enqueue(copy);
    tee.endDistribution();
  }

  close() {
    const { tee } = this;
    tee.isReading = false;
    tee.first.close();
    tee.second.close();
    tee.first.respondNothing();
    tee.second.respondNothing();
    tee.endCancellation();
  }

  error() {
    this.tee.isReading = false;
  }
}

class ByobRead {
  static {
    isolate(this);
  }

  constructor(tee, branch) {
    this.next = undefined;
    this.tee = tee;
    this.branch = branch;
    this.other = branch === tee.first ? tee.second : tee.first;
  }

  chunk(value) {
    enqueueStep(() => this.#distribute(value));
  }

  #distribute(value) {
    const { tee, branch, other } = this;
    tee.beginDistribution();
    let copy;
    if (!other.isCancelled) {
      copy = tee.copy(value);
      if (copy === undefined) return;
    }
    branch.respond(value);
    if (!other.isCancelled) other.controller.enqueue(copy);
    tee.endDistribution();
  }

  // `view` is undefined if the stream was cancelled.
  close(view) {
    const { tee, branch, other } = this;
    tee.isReading = false;
    branch.close();
    other.close();
    if (view !== undefined) {
      branch.respond(view);
      if (!other.isCancelled) other.respondNothing();
    }
    tee.endCancellation();
  }

  error() {
    this.tee.isReading = false;
  }
}

// Locks `stream` and returns two states {first, second} of byte streams that both get its bytes.
export function teeBytes(stream) {
  const work = new ByteTee(stream);
  return { first: work.first.controller.stream, second: work.second.controller.stream };
}
