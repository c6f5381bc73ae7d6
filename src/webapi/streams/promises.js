// Promises as the Streams Standard uses them, made only when somebody can see them.
import {
  PromisePrototypeThen, PromiseReject, PromiseResolve, PromiseWithResolvers, ReflectApply,
} from '../internal/primordials.js';
import { isolate } from './isolate.js';

// Fulfilled with undefined. Only for our own reactions; handing it out would let tenants share it.
const kFulfilled = PromiseResolve(undefined);

const ignore = () => {};

// Keeps a rejection from being reported as unhandled.
export function markHandled(promise) {
  PromisePrototypeThen(promise, undefined, ignore);
}

// Runs one of the two in a microtask of its own once `value` settles; they must not throw.
export function upon(value, onFulfilled, onRejected) {
  if (value === undefined) {
    PromisePrototypeThen(kFulfilled, onFulfilled);
    return;
  }
  try {
    PromisePrototypeThen(PromiseResolve(value), onFulfilled, onRejected);
  } catch (error) {
    // A promise of the tenant's with a `constructor` that throws.
    PromisePrototypeThen(PromiseReject(error), undefined, onRejected);
  }
}

// What the standard calls "a promise resolved with" a value: unlike PromiseResolve() it follows a
// promise instead of being it.
export function promiseResolvedWith(value) {
  if (value === undefined) return kFulfilled;
  const { promise, resolve } = PromiseWithResolvers();
  resolve(value);
  return promise;
}

// Runs `step` in the next microtask; it must not throw.
export function enqueueStep(step) {
  PromisePrototypeThen(kFulfilled, step);
}

// A promise that follows `promise` but always fulfils with undefined.
export function withoutValue(promise) {
  return PromisePrototypeThen(promise, ignore);
}

// Calls a tenant's function that is to return a promise, to the letter of Web IDL; throws what it
// throws. The functions called once for each chunk have their promises taken as they are instead,
// as browsers do: that spares a promise and two microtasks.
export function invoke(callback, receiver, parameters) {
  if (callback === undefined) return undefined;
  return promiseResolvedWith(ReflectApply(callback, receiver, parameters));
}

// What a tenant's start() gives. One that throws makes a stream that fails with the error, as on
// the reference runtime; by the standard the constructor would throw.
export function resultOfStart(start, receiver, controller) {
  try {
    return ReflectApply(start, receiver, [controller]);
  } catch (error) {
    return PromiseReject(error);
  }
}

const kPending = 0;
const kResolved = 1;
const kRejected = 2;

// A promise for undefined that exists as a JavaScript object only after someone asked for it.
// Its rejections never count as unhandled.
export class LazyPromise {
  static {
    isolate(this);
  }

  constructor() {
    this.state = kPending;
    this.reason = undefined;
    this.promise = undefined;
    this.resolvers = undefined;
  }

  get isPending() {
    return this.state === kPending;
  }

  get() {
    if (this.promise !== undefined) return this.promise;
    if (this.state === kPending) {
      this.resolvers = PromiseWithResolvers();
      this.promise = this.resolvers.promise;
    } else if (this.state === kResolved) {
      this.promise = PromiseResolve(undefined);
    } else {
      this.promise = PromiseReject(this.reason);
      markHandled(this.promise);
    }
    return this.promise;
  }

  resolve() {
    if (this.state !== kPending) return;
    this.state = kResolved;
    if (this.resolvers === undefined) return;
    this.resolvers.resolve(undefined);
    this.resolvers = undefined;
  }

  reject(reason) {
    if (this.state !== kPending) return;
    this.state = kRejected;
    this.reason = reason;
    if (this.resolvers === undefined) return;
    this.resolvers.reject(reason);
    this.resolvers = undefined;
    markHandled(this.promise);
  }

  // Rejects the promise, or puts a rejected one in its place if it has settled already.
  ensureRejected(reason) {
    if (this.state !== kPending) this.reset();
    this.reject(reason);
  }

  // Puts a new pending promise in the place of the settled one.
  reset() {
    this.state = kPending;
    this.reason = undefined;
    this.promise = undefined;
    this.resolvers = undefined;
  }
}

// The promise behind one reader.read(). A chunk that is at hand at once costs one promise and no
// resolving functions. Fields: `next` is for the list of waiting requests.
export class ReadPromise {
  static {
    isolate(this);
  }

  constructor() {
    this.next = undefined;
    this.promise = undefined;
    this.resolvers = undefined;
  }

  get() {
    if (this.promise === undefined) {
      this.resolvers = PromiseWithResolvers();
      this.promise = this.resolvers.promise;
    }
    return this.promise;
  }

  settle(result) {
    if (this.resolvers === undefined) this.promise = PromiseResolve(result);
    else this.resolvers.resolve(result);
  }

  chunk(value) {
    this.settle({ value, done: false });
  }

  close(value) {
    this.settle({ value, done: true });
  }

  error(reason) {
    if (this.resolvers === undefined) this.promise = PromiseReject(reason);
    else this.resolvers.reject(reason);
  }
}
