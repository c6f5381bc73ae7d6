// https://streams.spec.whatwg.org/#readable-stream-from-iterable
import {
  PromisePrototypeThen, PromiseReject, PromiseResolve, ReflectApply, String, SymbolAsyncIterator,
  SymbolIterator, TypeError,
} from '../internal/primordials.js';
import { isObject } from '../internal/webidl.js';
import { isolate } from './isolate.js';
import { DefaultController } from './readable_default_controller.js';
import { ReadableState } from './readable_state.js';

const isNullish = (value) => value === undefined || value === null;

function requireMethod(object, key) {
  const method = object[key];
  if (isNullish(method)) return undefined;
  if (typeof method !== 'function') {
    throw new TypeError(`ReadableStream.from: ${String(key)}() is not a function.`);
  }
  return method;
}

// Fills a stream from an iterator. That of a synchronous iterable has its values awaited one by
// one.
class IteratorSource {
  static {
    isolate(this);
  }

  constructor(iterator, isAsync) {
    this.iterator = iterator;
    this.isAsync = isAsync;
    this.nextMethod = iterator.next;
  }

  pull(controller) {
    const result = ReflectApply(this.nextMethod, this.iterator, []);
    if (!this.isAsync) return this.#takeSync(controller, result);
    return PromisePrototypeThen(PromiseResolve(result), (step) => this.#take(controller, step));
  }

  cancel(reason) {
    const method = requireMethod(this.iterator, 'return');
    if (method === undefined) return undefined;
    const result = ReflectApply(method, this.iterator, [reason]);
    if (!this.isAsync) {
      requireResult(result);
      return PromiseResolve(result.value);
    }
    return PromisePrototypeThen(PromiseResolve(result), requireResult);
  }

  #take(controller, step) {
    requireResult(step);
    if (step.done) controller.close();
    else controller.enqueue(step.value);
  }

  #takeSync(controller, step) {
    requireResult(step);
    if (step.done) {
      return PromisePrototypeThen(PromiseResolve(step.value), () => controller.close());
    }
    return PromisePrototypeThen(
        PromiseResolve(step.value),
        (value) => controller.enqueue(value), (reason) => this.#fail(reason));
  }

  // A value of a synchronous iterable was a promise that got rejected: the iterator is closed.
  #fail(reason) {
    try {
      const method = requireMethod(this.iterator, 'return');
      if (method !== undefined) ReflectApply(method, this.iterator, []);
    } catch {
      // The rejection is what counts.
    }
    return PromiseReject(reason);
  }
}

function requireResult(result) {
  if (!isObject(result)) throw new TypeError('The iterator result is not an object.');
}

// Returns the state of a stream. Throws what opening the iterable throws.
export function readableFrom(iterable) {
  if (isNullish(iterable)) {
    throw new TypeError('ReadableStream.from: the argument is not iterable.');
  }
  let method = requireMethod(iterable, SymbolAsyncIterator);
  const isAsync = method !== undefined;
  if (!isAsync) method = requireMethod(iterable, SymbolIterator);
  if (method === undefined) {
    throw new TypeError('ReadableStream.from: the argument is not iterable.');
  }
  const iterator = ReflectApply(method, iterable, []);
  if (!isObject(iterator)) {
    throw new TypeError('ReadableStream.from: the iterator is not an object.');
  }
  const stream = new ReadableState();
  const source = new IteratorSource(iterator, isAsync);
  new DefaultController(stream, source, 0, undefined).start(undefined);
  return stream;
}
