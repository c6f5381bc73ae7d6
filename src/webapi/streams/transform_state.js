// What a TransformStream is underneath (https://streams.spec.whatwg.org/#ts-all-abstract-ops).
import {
  PromisePrototypeThen, PromiseReject, PromiseResolve, PromiseWithResolvers, TypeError,
} from '../internal/primordials.js';
import { ByteController } from './byte_controller.js';
import { isolate } from './isolate.js';
import { LazyPromise, upon } from './promises.js';
import { DefaultController } from './readable_default_controller.js';
import { kErrored, ReadableState } from './readable_state.js';
import { kErrored as kWritableErrored, kErroring, WritableState } from './writable_state.js';

// The transformer has transform(chunk, state), flush(state) and cancel(reason); each returns
// undefined or a promise, or throws.
export class TransformState {
  static {
    isolate(this);
  }

  // Either strategy is {highWaterMark, size}. With `isBytes` the readable side is a byte stream, to
  // be given Uint8Arrays which it takes over; its strategy has no size.
  constructor(writableStrategy, readableStrategy, isBytes) {
    this.transformer = undefined;
    this.backpressure = true;
    this.backpressureChange = new LazyPromise();
    this.finish = undefined;  // the resolvers of the promise of the end, once that has begun
    this.onTransformFailed = undefined;
    this.writable = new WritableState(
        new TransformSink(this), writableStrategy.highWaterMark, writableStrategy.size);
    const source = new TransformSource(this);
    const { highWaterMark, size } = readableStrategy;
    this.readable = new ReadableState();
    if (isBytes) new ByteController(this.readable, source, highWaterMark, undefined);
    else new DefaultController(this.readable, source, highWaterMark, size);
  }

  // To be called once, with what the transformer's start() returned.
  start(result) {
    // Both sides wait for one promise, as in the standard: that delays them by the microtasks by
    // which a cancel() before the start comes first.
    const started = PromiseResolve(result);
    this.writable.start(started);
    this.readable.controller.start(started);
  }

  // Throws a TypeError if the readable side takes no more, or what its strategy threw.
  enqueue(chunk) {
    const { controller } = this.readable;
    if (!controller.canCloseOrEnqueue) {
      throw new TypeError('The readable side of the transform stream takes no more chunks.');
    }
    try {
      controller.enqueue(chunk);
    } catch (error) {
      this.#errorWritable(error);
      throw this.readable.storedError;
    }
    if (controller.hasBackpressure && !this.backpressure) this.#setBackpressure(true);
  }

  error(reason) {
    this.readable.controller.error(reason);
    this.#errorWritable(reason);
  }

  terminate() {
    this.readable.controller.end();
    this.#errorWritable(new TypeError('The transform stream has been terminated.'));
  }

  // As the sink's.
  write(chunk) {
    if (!this.backpressure) return this.#transform(chunk);
    return PromisePrototypeThen(this.backpressureChange.get(), () => {
      if (this.writable.status === kErroring) throw this.writable.storedError;
      return this.#transform(chunk);
    });
  }

  abort(reason) {
    if (this.finish !== undefined) return this.finish.promise;
    this.finish = PromiseWithResolvers();
    const { controller } = this.readable;
    this.#finishUpon(this.#ask((transformer) => transformer.cancel(reason)), () => {
      controller.error(reason);
    }, (failure) => {
      controller.error(failure);
    }, this.readable, kErrored);
    return this.finish.promise;
  }

  close() {
    if (this.finish !== undefined) return this.finish.promise;
    this.finish = PromiseWithResolvers();
    const { controller } = this.readable;
    this.#finishUpon(this.#ask((transformer) => transformer.flush(this)), () => {
      controller.end();
    }, (failure) => {
      controller.error(failure);
    }, this.readable, kErrored);
    return this.finish.promise;
  }

  // As the source's.
  pull() {
    this.#setBackpressure(false);
    return this.backpressureChange.get();
  }

  cancel(reason) {
    if (this.finish !== undefined) return this.finish.promise;
    this.finish = PromiseWithResolvers();
    const failWritable = (failure) => {
      this.writable.errorIfNeeded(failure);
      this.#unblockWrite();
    };
    const asked = this.#ask((transformer) => transformer.cancel(reason));
    this.#finishUpon(
        asked, () => failWritable(reason), failWritable, this.writable, kWritableErrored);
    return this.finish.promise;
  }

  #setBackpressure(backpressure) {
    this.backpressureChange.resolve();
    this.backpressureChange.reset();
    this.backpressure = backpressure;
  }

  #unblockWrite() {
    if (this.backpressure) this.#setBackpressure(false);
  }

  #errorWritable(reason) {
    this.transformer = undefined;
    this.writable.errorIfNeeded(reason);
    this.#unblockWrite();
  }

  #transform(chunk) {
    if (this.transformer === undefined) return this.#refuse();
    let result;
    try {
      result = this.transformer.transform(chunk, this);
    } catch (error) {
      result = PromiseReject(error);
    }
    if (result === undefined) return undefined;
    this.onTransformFailed ??= (reason) => {
      this.error(reason);
      throw reason;
    };
    return PromisePrototypeThen(PromiseResolve(result), undefined, this.onTransformFailed);
  }

  // What becomes of a chunk that is written while the readable side is being cancelled: when that
  // is over, the writable side is errored.
  #refuse() {
    if (this.finish === undefined) throw new TypeError('The transform stream has been errored.');
    return PromisePrototypeThen(this.finish.promise, () => {
      throw this.writable.storedError;
    });
  }

  // Lets the transformer do the last thing it will be asked for, unless it has been dismissed.
  #ask(what) {
    const { transformer } = this;
    this.transformer = undefined;
    if (transformer === undefined) return undefined;
    try {
      return what(transformer);
    } catch (error) {
      return PromiseReject(error);
    }
  }

  // Settles `finish` after `result`, and deals with the other side: `other` may have failed since.
  #finishUpon(result, onFulfilled, onRejected, other, otherErrored) {
    upon(result, () => {
      if (other.status === otherErrored) {
        this.finish.reject(other.storedError);
      } else {
        onFulfilled();
        this.finish.resolve(undefined);
      }
    }, (failure) => {
      onRejected(failure);
      this.finish.reject(failure);
    });
  }
}

// The two sides call back under the names a sink and a source have.
class TransformSink {
  static {
    isolate(this);
  }

  constructor(state) {
    this.state = state;
  }

  // Where what is written comes out as it is; undefined if something may happen to it.
  get passesTo() {
    const { transformer, readable, writable } = this.state;
    return transformer !== undefined && transformer.isIdentity === true &&
        readable.controller.highWaterMark === 0 && writable.sizeCallback === undefined ?
        readable : undefined;
  }

  passed() {}

  write(chunk) {
    return this.state.write(chunk);
  }

  close() {
    return this.state.close();
  }

  abort(reason) {
    return this.state.abort(reason);
  }

  interrupt() {}
}

class TransformSource {
  static {
    isolate(this);
  }

  constructor(state) {
    this.state = state;
  }

  pull() {
    return this.state.pull();
  }

  cancel(reason) {
    return this.state.cancel(reason);
  }
}
