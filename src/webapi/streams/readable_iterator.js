// https://streams.spec.whatwg.org/#rs-asynciterator
import {
  AsyncIteratorPrototype, ObjectSetPrototypeOf, PromisePrototypeThen, PromiseReject, PromiseResolve,
  TypeError,
} from '../internal/primordials.js';
import { defineInterface, illegalConstructor, isObject, kInternal } from '../internal/webidl.js';
import { isolate } from './isolate.js';
import { ReadPromise } from './promises.js';

// One next() of an iterator. It frees the stream as soon as that has ended: whoever then looks must
// not find it still locked.
class NextRequest extends ReadPromise {
  constructor(reader) {
    super();
    this.reader = reader;
  }

  close() {
    this.#release();
    super.close(undefined);
  }

  error(reason) {
    this.#release();
    super.error(reason);
  }

  #release() {
    if (this.reader.stream !== undefined) this.reader.release();
  }
}

// https://webidl.spec.whatwg.org/#js-asynchronous-iterator-prototype-object. `ongoing` is the
// promise of the latest call; the next call waits for it.
class Iteration {
  static {
    isolate(this);
  }

  constructor(reader, preventCancel) {
    this.reader = reader;
    this.preventCancel = preventCancel;
    this.isFinished = false;
    this.ongoing = undefined;
    this.onNext = (result) => {
      this.ongoing = undefined;
      if (result.done) this.isFinished = true;
      return result;
    };
    this.onFailed = (reason) => {
      this.ongoing = undefined;
      this.isFinished = true;
      throw reason;
    };
  }

  next() {
    if (this.ongoing === undefined) return this.ongoing = this.#next();
    const step = () => this.#next();
    return this.ongoing = PromisePrototypeThen(this.ongoing, step, step);
  }

  return(value) {
    if (this.ongoing === undefined) {
      this.ongoing = this.#return(value);
    } else {
      const step = () => this.#return(value);
      this.ongoing = PromisePrototypeThen(this.ongoing, step, step);
    }
    return PromisePrototypeThen(this.ongoing, () => ({ value, done: true }));
  }

  #next() {
    if (this.isFinished || this.reader.stream === undefined) {
      return PromiseResolve({ value: undefined, done: true });
    }
    const request = new NextRequest(this.reader);
    this.reader.read(request);
    return PromisePrototypeThen(request.get(), this.onNext, this.onFailed);
  }

  #return(value) {
    const { reader } = this;
    if (this.isFinished || reader.stream === undefined) return PromiseResolve(undefined);
    this.isFinished = true;
    const result = this.preventCancel ? PromiseResolve(undefined) : reader.stream.cancel(value);
    reader.release();
    return result;
  }
}

class ReadableStreamAsyncIterator {
  #iteration;

  constructor() {
    if (arguments[0] !== kInternal) illegalConstructor();
    this.#iteration = arguments[1];
  }

  next() {
    if (!isObject(this) || !(#iteration in this)) {
      return PromiseReject(new TypeError('Illegal invocation'));
    }
    return this.#iteration.next();
  }

  return(value) {
    if (!isObject(this) || !(#iteration in this)) {
      return PromiseReject(new TypeError('Illegal invocation'));
    }
    return this.#iteration.return(value);
  }
}
defineInterface(ReadableStreamAsyncIterator, 'ReadableStream AsyncIterator');
delete ReadableStreamAsyncIterator.prototype.constructor;
ObjectSetPrototypeOf(ReadableStreamAsyncIterator.prototype, AsyncIteratorPrototype);

export function createAsyncIterator(reader, preventCancel) {
  return new ReadableStreamAsyncIterator(kInternal, new Iteration(reader, preventCancel));
}
