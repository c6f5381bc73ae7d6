// https://streams.spec.whatwg.org/#qs
import { RangeError, TypeError } from '../internal/primordials.js';
import {
  defineInterface, illegalInvocation, isObject, requireArguments, toCallback, toDictionary,
} from '../internal/webidl.js';

// Web IDL's QueuingStrategy.
export function toStrategy(value) {
  const dictionary = toDictionary(value, 'The queuing strategy');
  let { highWaterMark } = dictionary;
  if (highWaterMark !== undefined) highWaterMark = +highWaterMark;
  const { size } = dictionary;
  if (size !== undefined) toCallback(size, 'size');
  return { __proto__: null, highWaterMark, size };
}

export function highWaterMarkOf(highWaterMark, byDefault) {
  if (highWaterMark === undefined) return byDefault;
  if (!(highWaterMark >= 0)) throw new RangeError('The high water mark must be a number of at least 0.');
  return highWaterMark;
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
  byteLength: { size(chunk) { return chunk.byteLength; } }.size,
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
