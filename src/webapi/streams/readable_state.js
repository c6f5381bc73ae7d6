// What a ReadableStream and its readers are underneath (https://streams.spec.whatwg.org/#rs-model).
//
// The classes that tenants see are shells around these objects. Built-ins work on these objects
// directly: they never escape, so plain fields are safe, and no patched method is ever called.
import { PromiseReject, PromiseResolve, TypeError } from '../internal/primordials.js';
import { Fifo } from './fifo.js';
import { isolate } from './isolate.js';
import { LazyPromise, withoutValue } from './promises.js';

export const kReadable = 0;
export const kClosed = 1;
export const kErrored = 2;

// `controller` is a DefaultController or a ByteController. `everLocked` tells whether a reader was
// ever taken, even if it was given back. `expectedLength` is how many bytes will come in all, where
// that was promised (FixedLengthStream).
export class ReadableState {
  static {
    isolate(this);
  }

  constructor() {
    this.status = kReadable;
    this.disturbed = false;
    this.everLocked = false;
    this.reader = undefined;
    this.controller = undefined;
    this.storedError = undefined;
    this.expectedLength = undefined;
    this.isTenants = false;       // the bytes come from a tenant's own source
    this.oneReadAtATime = false;  // of tenants
    this.passage = undefined;     // see pass_through.js
  }

  get isLocked() {
    return this.reader !== undefined;
  }

  // Whether a read waits for data.
  get hasRequests() {
    return this.reader !== undefined && this.reader.requests.head !== undefined;
  }

  hasReader(mode) {
    return this.reader !== undefined && this.reader.mode === mode;
  }

  close() {
    this.status = kClosed;
    const { reader } = this;
    if (reader === undefined) return;
    reader.closed.resolve();
    if (reader.mode === kDefaultReader) reader.closeRequests();
  }

  error(reason) {
    this.status = kErrored;
    this.storedError = reason;
    const { reader } = this;
    if (reader === undefined) return;
    reader.closed.reject(reason);
    reader.failRequests(reason);
  }

  // Returns a promise that nobody else holds.
  cancel(reason) {
    this.disturbed = true;
    if (this.status === kClosed) return PromiseResolve(undefined);
    if (this.status === kErrored) return PromiseReject(this.storedError);
    this.close();
    const { reader } = this;
    if (reader !== undefined && reader.mode === kByobReader) reader.closeRequests();
    return withoutValue(this.controller.cancelSteps(reason));
  }

  // Does nothing if no read waits: settling a promise can run tenant code (a getter called `then`
  // on Object.prototype), and that may have taken the reader away meanwhile.
  fulfillRequest(chunk, done) {
    if (!this.hasRequests) return;
    const request = this.reader.requests.shift();
    if (done) request.close(chunk);
    else request.chunk(chunk);
  }
}

export const kDefaultReader = 0;
export const kByobReader = 1;

// A lock on a stream, with the reads that wait in it. A read request is any object with a `next`
// field and the methods chunk(value), close(value) and error(reason), of which one is called once;
// for a default reader close() gets no value.
export class ReaderState {
  static {
    isolate(this);
  }

  // Throws a TypeError if the stream is locked already.
  constructor(stream, mode) {
    if (stream.reader !== undefined) {
      throw new TypeError('This ReadableStream is currently locked to a reader.');
    }
    if (mode === kByobReader && !stream.controller.isByteController) {
      throw new TypeError('This ReadableStream does not support BYOB reads.');
    }
    if (stream.passage !== undefined) stream.passage.pipe.proceed();
    this.mode = mode;
    this.stream = stream;
    this.requests = new Fifo();
    this.closed = new LazyPromise();
    stream.reader = this;
    stream.everLocked = true;
    if (stream.status === kClosed) this.closed.resolve();
    else if (stream.status === kErrored) this.closed.reject(stream.storedError);
  }

  read(request) {
    const { stream } = this;
    stream.disturbed = true;
    if (stream.status === kReadable) stream.controller.pullSteps(request);
    else if (stream.status === kClosed) request.close(undefined);
    else request.error(stream.storedError);
  }

  readInto(view, minimumElements, request) {
    const { stream } = this;
    stream.disturbed = true;
    if (stream.status === kErrored) request.error(stream.storedError);
    else stream.controller.pullInto(view, minimumElements, request);
  }

  release() {
    const { stream } = this;
    this.closed.ensureRejected(releasedReader());
    stream.controller.releaseSteps();
    stream.reader = undefined;
    this.stream = undefined;
    if (this.requests.head !== undefined) this.failRequests(releasedReader());
  }

  closeRequests() {
    const requests = this.requests.takeAll();
    while (requests.head !== undefined) requests.shift().close(undefined);
  }

  failRequests(reason) {
    const requests = this.requests.takeAll();
    while (requests.head !== undefined) requests.shift().error(reason);
  }
}

export const releasedReader = () =>
  new TypeError('This ReadableStream reader has been released.');
