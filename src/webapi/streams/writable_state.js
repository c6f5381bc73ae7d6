// What a WritableStream, its controller and its writer are underneath
// (https://streams.spec.whatwg.org/#ws-model); see readable_state.js for why.
import {
  PromiseReject, PromiseResolve, PromiseWithResolvers, ReflectApply, Symbol, TypeError,
} from '../internal/primordials.js';
import {createDOMException} from '../internal/dom_exception.js';
import { createAbortSignal, signalAbort } from '../events/abort_signal.js';
import { isolate } from './isolate.js';
import { LazyPromise, promiseResolvedWith, upon } from './promises.js';
import { QueueWithSizes, requireChunkSize } from './queue_with_sizes.js';

export const kWritable = 0;
export const kErroring = 1;
export const kErrored = 2;
export const kClosed = 3;

const kCloseSentinel = Symbol('close');

// A chunk to be written and who is told: an object with resolve(undefined) and reject(reason).
class WriteEntry {
  static {
    isolate(this);
  }

  constructor(value, size, request) {
    this.next = undefined;
    this.value = value;
    this.size = size;
    this.request = request;
  }
}

class AbortRequest {
  static {
    isolate(this);
  }

  constructor(reason, wasAlreadyErroring) {
    this.resolvers = PromiseWithResolvers();
    this.reason = reason;
    this.wasAlreadyErroring = wasAlreadyErroring;
  }
}

const kNotAborted = Symbol('not aborted');

// The sink has write(chunk), close() and abort(reason); each returns undefined or a promise, or
// throws. Its interrupt(reason) is called as soon as an abort is asked for, while a write may still
// be under way; abort() comes when that has ended. `sizeCallback` undefined counts each chunk as
// one.
//
// `showsBackpressure` false keeps the writer's `ready` fulfilled and its desiredSize at 1 in the
// eyes of tenants; pipes see the truth.
//
// `captureChunk`, if set, is called by each write() with the chunk and whether nobody else holds
// it, and returns what to write for it.
//
// The first entry of the queue stays there while it is being written; `isWriting` tells.
export class WritableState {
  static {
    isolate(this);
  }

  constructor(sink, highWaterMark, sizeCallback) {
    this.status = kWritable;
    this.storedError = undefined;
    this.writer = undefined;
    this.sink = sink;
    this.highWaterMark = highWaterMark;
    this.sizeCallback = sizeCallback;
    this.queue = new QueueWithSizes();
    this.started = false;
    this.backpressure = highWaterMark <= 0;
    this.showsBackpressure = true;
    this.captureChunk = undefined;
    this.isWriting = false;
    this.closeRequest = undefined;
    this.inFlightCloseRequest = undefined;
    this.abortRequest = undefined;
    this.abortSignal = undefined;
    this.abortReason = kNotAborted;
    this.onWritten = undefined;
    this.onWriteFailed = undefined;
  }

  get isLocked() {
    return this.writer !== undefined;
  }

  get isClosing() {
    return this.closeRequest !== undefined || this.inFlightCloseRequest !== undefined;
  }

  get desiredSize() {
    if (this.status === kErrored || this.status === kErroring) return null;
    return this.status === kClosed ? 0 : this.highWaterMark - this.queue.totalSize;
  }

  // The signal of the controller; made when first asked for.
  get signal() {
    if (this.abortSignal === undefined) {
      this.abortSignal = createAbortSignal();
      if (this.abortReason !== kNotAborted) {
        signalAbort(this.abortSignal, signalReasonOf(this.abortReason));
      }
    }
    return this.abortSignal;
  }

  // To be called once, with what the sink's start() returned.
  start(result) {
    upon(promiseResolvedWith(result), () => {
      this.started = true;
      this.#advance();
    }, (reason) => {
      this.started = true;
      this.#dealWithRejection(reason);
    });
  }

  // The same where the sink has no start(): as on the reference runtime, nothing is waited for.
  startAtOnce() {
    this.started = true;
  }

  // Returns a promise, which may be one that an earlier call returned.
  abort(reason) {
    if (this.status === kClosed || this.status === kErrored) return PromiseResolve(undefined);
    if (this.abortReason === kNotAborted) this.abortReason = reason;
    if (this.abortSignal !== undefined) signalAbort(this.abortSignal, signalReasonOf(reason));
    // The listeners of the signal may have changed the state.
    if (this.status === kClosed || this.status === kErrored) return PromiseResolve(undefined);
    if (this.abortRequest !== undefined) return this.abortRequest.resolvers.promise;
    const wasAlreadyErroring = this.status === kErroring;
    const request = new AbortRequest(wasAlreadyErroring ? undefined : reason, wasAlreadyErroring);
    this.abortRequest = request;
    const { sink } = this;
    if (!wasAlreadyErroring) this.#startErroring(reason);
    if (sink !== undefined) sink.interrupt(reason);
    return request.resolvers.promise;
  }

  // The stream must not be closing.
  close() {
    if (this.status === kClosed || this.status === kErrored) {
      return PromiseReject(new TypeError('This WritableStream has been closed or errored.'));
    }
    this.closeRequest = PromiseWithResolvers();
    const { promise } = this.closeRequest;
    if (this.writer !== undefined && this.backpressure && this.status === kWritable) {
      this.writer.ready.resolve();
    }
    this.queue.enqueue(new WriteEntry(kCloseSentinel, 0, undefined));
    this.#advance();
    return promise;
  }

  // The size of a chunk by the strategy; where that fails the stream is errored.
  measure(chunk) {
    if (this.sizeCallback === undefined) return 1;
    try {
      return +ReflectApply(this.sizeCallback, undefined, [chunk]);
    } catch (error) {
      this.errorIfNeeded(error);
      return 1;
    }
  }

  // The stream must be writable and not closing.
  write(chunk, size, request) {
    try {
      requireChunkSize(size);
    } catch (error) {
      this.queue.enqueue(new WriteEntry(chunk, 0, request));
      this.errorIfNeeded(error);
      return;
    }
    this.queue.enqueue(new WriteEntry(chunk, size, request));
    this.#updateBackpressure();
    this.#advance();
  }

  errorIfNeeded(reason) {
    if (this.status !== kWritable) return;
    this.#clearAlgorithms();
    this.#startErroring(reason);
  }

  #updateBackpressure() {
    const backpressure = this.highWaterMark - this.queue.totalSize <= 0;
    if (backpressure === this.backpressure) return;
    this.backpressure = backpressure;
    if (this.writer === undefined) return;
    if (backpressure) this.writer.ready.reset();
    else this.writer.ready.resolve();
  }

  #clearAlgorithms() {
    this.sink = undefined;
    this.sizeCallback = undefined;
  }

  #advance() {
    if (!this.started || this.isWriting) return;
    if (this.status === kErroring) {
      this.#finishErroring();
      return;
    }
    const { head } = this.queue;
    if (head === undefined) return;
    if (head.value === kCloseSentinel) this.#processClose();
    else this.#processWrite(head.value);
  }

  #processWrite(chunk) {
    this.isWriting = true;
    let result;
    try {
      result = this.sink.write(chunk);
    } catch (error) {
      result = PromiseReject(error);
    }
    upon(result, this.onWritten ??= () => this.#finishWrite(),
         this.onWriteFailed ??= (reason) => this.#failWrite(reason));
  }

  #finishWrite() {
    this.isWriting = false;
    this.queue.dequeue().request.resolve(undefined);
    if (!this.isClosing && this.status === kWritable) this.#updateBackpressure();
    this.#advance();
  }

  #failWrite(reason) {
    if (this.status === kWritable) this.#clearAlgorithms();
    this.isWriting = false;
    this.queue.dequeue().request.reject(reason);
    this.#dealWithRejection(reason);
  }

  #processClose() {
    this.inFlightCloseRequest = this.closeRequest;
    this.closeRequest = undefined;
    this.queue.dequeue();
    let result;
    try {
      result = this.sink.close();
    } catch (error) {
      result = PromiseReject(error);
    }
    this.#clearAlgorithms();
    upon(result, () => this.#finishClose(), (reason) => this.#failClose(reason));
  }

  #finishClose() {
    this.inFlightCloseRequest.resolve(undefined);
    this.inFlightCloseRequest = undefined;
    if (this.status === kErroring) {
      this.storedError = undefined;
      if (this.abortRequest !== undefined) {
        this.abortRequest.resolvers.resolve(undefined);
        this.abortRequest = undefined;
      }
    }
    this.status = kClosed;
    if (this.writer !== undefined) this.writer.closed.resolve();
  }

  #failClose(reason) {
    this.inFlightCloseRequest.reject(reason);
    this.inFlightCloseRequest = undefined;
    if (this.abortRequest !== undefined) {
      this.abortRequest.resolvers.reject(reason);
      this.abortRequest = undefined;
    }
    this.#dealWithRejection(reason);
  }

  #dealWithRejection(reason) {
    if (this.status === kWritable) this.#startErroring(reason);
    else this.#finishErroring();
  }

  #startErroring(reason) {
    this.status = kErroring;
    this.storedError = reason;
    if (this.writer !== undefined) this.writer.ready.ensureRejected(reason);
    if (!this.isWriting && this.inFlightCloseRequest === undefined && this.started) {
      this.#finishErroring();
    }
  }

  #finishErroring() {
    this.status = kErrored;
    const { storedError } = this;
    const entries = this.queue.takeAll();
    this.queue.reset();
    while (entries.head !== undefined) {
      const { request } = entries.shift();
      if (request !== undefined) request.reject(storedError);
    }
    const { abortRequest } = this;
    this.abortRequest = undefined;
    if (abortRequest === undefined) {
      this.#rejectClose();
    } else if (abortRequest.wasAlreadyErroring) {
      abortRequest.resolvers.reject(storedError);
      this.#rejectClose();
    } else {
      this.#abortSink(abortRequest);
    }
  }

  #abortSink(abortRequest) {
    let result;
    try {
      result = this.sink.abort(abortRequest.reason);
    } catch (error) {
      result = PromiseReject(error);
    }
    this.#clearAlgorithms();
    upon(result, () => {
      abortRequest.resolvers.resolve(undefined);
      this.#rejectClose();
    }, (reason) => {
      abortRequest.resolvers.reject(reason);
      this.#rejectClose();
    });
  }

  #rejectClose() {
    if (this.closeRequest !== undefined) {
      this.closeRequest.reject(this.storedError);
      this.closeRequest = undefined;
    }
    if (this.writer !== undefined) this.writer.closed.reject(this.storedError);
  }
}

// What an AbortSignal says where no reason was given.
function signalReasonOf(reason) {
  if (reason !== undefined) return reason;
  return createDOMException('The WritableStream was aborted.', 'AbortError');
}

// A lock on a stream. `ready` and `closed` are the promises of those names.
export class WriterState {
  static {
    isolate(this);
  }

  // Throws a TypeError if the stream is locked already.
  constructor(stream) {
    if (stream.writer !== undefined) {
      throw new TypeError('This WritableStream is currently locked to a writer.');
    }
    this.stream = stream;
    this.ready = new LazyPromise();
    this.closed = new LazyPromise();
    stream.writer = this;
    const { status } = stream;
    if (status === kErroring || status === kErrored) this.ready.reject(stream.storedError);
    else if (status === kClosed || stream.isClosing || !stream.backpressure) this.ready.resolve();
    if (status === kClosed) this.closed.resolve();
    else if (status === kErrored) this.closed.reject(stream.storedError);
  }

  // Writes a chunk. Either `request` is told of the end (see WriteEntry) and undefined is returned,
  // or, without one, a promise.
  write(chunk, request) {
    const { stream } = this;
    const size = stream.measure(chunk);
    if (stream.captureChunk !== undefined) {
      chunk = stream.captureChunk(chunk, request !== undefined && request.ownsChunks);
    }
    if (stream !== this.stream) return refuse(request, releasedWriter());
    if (stream.status === kErrored) return refuse(request, stream.storedError);
    if (stream.isClosing || stream.status === kClosed) {
      return refuse(request, new TypeError('This WritableStream has been closed.'));
    }
    if (stream.status === kErroring) return refuse(request, stream.storedError);
    if (request !== undefined) {
      stream.write(chunk, size, request);
      return undefined;
    }
    const resolvers = PromiseWithResolvers();
    stream.write(chunk, size, resolvers);
    return resolvers.promise;
  }

  // https://streams.spec.whatwg.org/#writable-stream-default-writer-close-with-error-propagation
  closeWithErrorPropagation() {
    const { stream } = this;
    if (stream.isClosing || stream.status === kClosed) return PromiseResolve(undefined);
    return stream.status === kErrored ? PromiseReject(stream.storedError) : stream.close();
  }

  release() {
    const reason = releasedWriter();
    this.ready.ensureRejected(reason);
    this.closed.ensureRejected(reason);
    this.stream.writer = undefined;
    this.stream = undefined;
  }
}

function refuse(request, reason) {
  if (request === undefined) return PromiseReject(reason);
  request.reject(reason);
  return undefined;
}

export const releasedWriter = () => new TypeError('This WritableStream writer has been released.');
