// https://streams.spec.whatwg.org/#readable-stream-pipe-to
import {
  PromiseResolve, PromiseWithResolvers, Symbol, TypeError,
} from '../internal/primordials.js';
import {
  abortReason, addAbortAlgorithm, isAborted, removeAbortAlgorithm,
} from '../events/abort_signal.js';
import { isolate } from './isolate.js';
import { passageOf } from './pass_through.js';
import { enqueueStep, upon } from './promises.js';
import { kClosed, kDefaultReader, kErrored, kReadable, ReaderState } from './readable_state.js';
import {
  kClosed as kWritableClosed, kErrored as kWritableErrored, kWritable, WriterState,
} from './writable_state.js';

const kNoChunk = Symbol('no chunk');

// One pipe at work. It is its own read request (there is one read at a time) and the request of all
// its writes, of which only the number matters: nothing is allocated per chunk but by the streams.
class Pipe {
  static {
    isolate(this);
  }

  constructor(source, destination, options) {
    this.next = undefined;
    this.source = source;
    this.destination = destination;
    this.options = options;
    this.passage = passageOf(source, destination, options);
    this.reader = new ReaderState(source, kDefaultReader);
    this.writer = new WriterState(destination);
    this.resolvers = PromiseWithResolvers();
    this.isShuttingDown = false;
    this.isReading = false;
    // True while the loop runs, so that a chunk which comes at once is told from one that
    // arrives inside of the source's enqueue(), where nothing may be written yet.
    this.isLooping = false;
    this.heldChunk = kNoChunk;
    this.ownsChunks = source.controller.isByteController;
    this.pendingWrites = 0;
    this.onWritesSettled = undefined;
    this.onReady = () => this.#loop();
    this.abortAlgorithm = undefined;
    source.disturbed = true;
  }

  start() {
    const { signal } = this.options;
    if (signal !== undefined) {
      if (isAborted(signal)) {
        this.#abort(abortReason(signal));
        return;
      }
      this.abortAlgorithm = (reason) => this.#abort(reason);
      addAbortAlgorithm(signal, this.abortAlgorithm);
    }
    if (this.source.status === kErrored) this.#sourceErrored();
    else upon(this.reader.closed.get(), undefined, () => this.#sourceErrored());

    if (this.destination.status === kWritableErrored) this.#destinationErrored();
    else upon(this.writer.closed.get(), undefined, () => this.#destinationErrored());

    if (this.source.status === kClosed) this.#sourceClosed();
    else upon(this.reader.closed.get(), () => this.#sourceClosed(), ignore);

    if (this.destination.isClosing || this.destination.status === kWritableClosed) {
      this.#destinationClosed();
    }
    if (this.passage !== undefined && !this.isShuttingDown) this.passage.hold(this);
    else enqueueStep(this.onReady);
  }

  // Begins to read after all.
  proceed() {
    this.passage.end();
    this.passage = undefined;
    enqueueStep(this.onReady);
  }

  #loop() {
    this.#writeHeldChunk();
    this.isLooping = true;
    while (this.#mayRead()) {
      this.isReading = true;
      this.reader.read(this);
    }
    this.isLooping = false;
  }

  // Sees to it that #loop() is called again where the destination holds it up.
  #mayRead() {
    if (this.isShuttingDown || this.isReading) return false;
    // What has become of a stream is dealt with in the reactions of start().
    if (this.source.status !== kReadable || this.destination.status !== kWritable) return false;
    if (this.destination.isClosing) return false;
    if (this.destination.desiredSize > 0) return true;
    upon(this.writer.ready.get(), this.onReady, ignore);
    return false;
  }

  // As a read request.
  chunk(value) {
    this.isReading = false;
    if (this.isLooping) {
      this.writer.write(value, this.#counted());
    } else {
      this.heldChunk = value;
      enqueueStep(this.onReady);
    }
  }

  close() {
    this.isReading = false;
  }

  error() {
    this.isReading = false;
  }

  // As the request of a write.
  resolve() {
    if (--this.pendingWrites > 0 || this.onWritesSettled === undefined) return;
    enqueueStep(this.onWritesSettled);
    this.onWritesSettled = undefined;
  }

  reject() {
    this.resolve();
  }

  #counted() {
    this.pendingWrites++;
    return this;
  }

  #writeHeldChunk() {
    if (this.heldChunk === kNoChunk) return;
    const chunk = this.heldChunk;
    this.heldChunk = kNoChunk;
    if (this.writer.stream !== undefined) this.writer.write(chunk, this.#counted());
  }

  #abort(reason) {
    const { preventAbort, preventCancel } = this.options;
    this.#shutDown(() => {
      const aborted = !preventAbort && this.destination.status === kWritable
          ? this.destination.abort(reason) : PromiseResolve(undefined);
      const cancelled = !preventCancel && this.source.status === kReadable
          ? this.source.cancel(reason) : PromiseResolve(undefined);
      return both(aborted, cancelled);
    }, true, reason);
  }

  #sourceErrored() {
    const reason = this.source.storedError;
    const { preventAbort } = this.options;
    this.#shutDown(preventAbort ? undefined : () => this.destination.abort(reason), true, reason);
  }

  #destinationErrored() {
    const reason = this.destination.storedError;
    const { preventCancel } = this.options;
    this.#shutDown(preventCancel ? undefined : () => this.source.cancel(reason), true, reason);
  }

  #sourceClosed() {
    const { preventClose } = this.options;
    this.#shutDown(preventClose ? undefined : () => this.writer.closeWithErrorPropagation(), false);
  }

  #destinationClosed() {
    const reason = new TypeError('This destination writable stream is closed.');
    const { preventCancel } = this.options;
    this.#shutDown(preventCancel ? undefined : () => this.source.cancel(reason), true, reason);
  }

  // `action` is undefined or returns a promise that is to settle before the end.
  #shutDown(action, isError, reason) {
    if (this.isShuttingDown) return;
    this.isShuttingDown = true;
    if (this.passage !== undefined) this.passage.end();
    const proceed = () => this.#perform(action, isError, reason);
    if (this.destination.status !== kWritable || this.destination.isClosing) {
      proceed();
      return;
    }
    this.#writeHeldChunk();
    if (this.pendingWrites === 0) enqueueStep(proceed);
    else this.onWritesSettled = proceed;
  }

  #perform(action, isError, reason) {
    const finalize = () => this.#finalize(isError, reason);
    if (action === undefined) finalize();
    else upon(action(), finalize, (failure) => this.#finalize(true, failure));
  }

  #finalize(isError, reason) {
    this.writer.release();
    this.reader.release();
    if (this.abortAlgorithm !== undefined) {
      removeAbortAlgorithm(this.options.signal, this.abortAlgorithm);
    }
    if (isError) this.resolvers.reject(reason);
    else this.resolvers.resolve(undefined);
  }
}

const ignore = () => {};

// Fulfils when both have fulfilled; rejects with the first rejection.
function both(first, second) {
  const { promise, resolve, reject } = PromiseWithResolvers();
  let missing = 2;
  const settled = () => {
    if (--missing === 0) resolve(undefined);
  };
  upon(first, settled, reject);
  upon(second, settled, reject);
  return promise;
}

// Neither stream may be locked. `options` has preventAbort, preventCancel, preventClose and signal.
export function pipe(source, destination, options) {
  const work = new Pipe(source, destination, options);
  work.start();
  return work.resolvers.promise;
}
