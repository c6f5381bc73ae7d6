// https://streams.spec.whatwg.org/#qs
import { RangeError, TypeError } from '../internal/primordials.js';
import {
  defineInterface, illegalInvocation, isObject, requireArguments, toCallback, toDictionary,
} from '../internal/webidl.js';
import { isolate } from './isolate.js';
import { asBytes, byteLengthOf } from './views.js';

// Web IDL's QueuingStrategy; either member may be undefined.
export class QueuingStrategy {
  static {
    isolate(this);
  }

  constructor(value) {
    const dictionary = toDictionary(value, 'The queuing strategy');
    const { highWaterMark } = dictionary;
    this.highWaterMark = highWaterMark === undefined ? undefined : +highWaterMark;
    this.size = dictionary.size;
    if (this.size !== undefined) toCallback(this.size, 'size');
  }

  // Throws a RangeError for a mark that is none.
  highWaterMarkOr(byDefault) {
    if (this.highWaterMark === undefined) return byDefault;
    if (!(this.highWaterMark >= 0)) {
      throw new RangeError('The high water mark must be a number of at least 0.');
    }
    return this.highWaterMark;
  }
}

// Web IDL's QueuingStrategyInit, whose only member is required.
function toHighWaterMark(init, count, name) {
  requireArguments(count, 1, name);
  const { highWaterMark } = toDictionary(init, 'QueuingStrategyInit');
  if (highWaterMark === undefined) throw new TypeError(`${name}: highWaterMark is missing.`);
  return +highWaterMark;
}

// One function for all instances, as the standard has it; methods so that they are no constructors.
const sizes = {
  // undefined for what has no bytes, as on the reference runtime.
  byteLength: {
    size(chunk) {
      const bytes = chunk === undefined || chunk === null ? undefined : asBytes(chunk);
      return bytes === undefined ? undefined : byteLengthOf(bytes);
    },
  }.size,
  count: { size() { return 1; } }.size,
};

export class ByteLengthQueuingStrategy {
  #highWaterMark;

  constructor(init) {
    this.#highWaterMark = toHighWaterMark(init, arguments.length, 'ByteLengthQueuingStrategy');
  }

  get highWaterMark() {
    if (!isObject(this) || !(#highWaterMark in this)) illegalInvocation();
    return this.#highWaterMark;
  }

  get size() {
    if (!isObject(this) || !(#highWaterMark in this)) illegalInvocation();
    return sizes.byteLength;
  }
}
defineInterface(ByteLengthQueuingStrategy, 'ByteLengthQueuingStrategy');

export class CountQueuingStrategy {
  #highWaterMark;

  constructor(init) {
    this.#highWaterMark = toHighWaterMark(init, arguments.length, 'CountQueuingStrategy');
  }

  get highWaterMark() {
    if (!isObject(this) || !(#highWaterMark in this)) illegalInvocation();
    return this.#highWaterMark;
  }

  get size() {
    if (!isObject(this) || !(#highWaterMark in this)) illegalInvocation();
    return sizes.count;
  }
}
defineInterface(CountQueuingStrategy, 'CountQueuingStrategy');
