// How many bytes a stream will yield in all, where a script promises it: a number or a bigint.
import { MathTrunc, Number, NumberIsNaN, TypeError } from '../internal/primordials.js';

export function toExpectedLength(value) {
  const length = typeof value === 'bigint' ? Number(value) : MathTrunc(+value);
  const limit = typeof value === 'bigint' ? 0xffffffffffffffff : 9007199254740991;
  if (NumberIsNaN(length)) {
    throw new TypeError('The expected length of a stream is not an integer.');
  }
  if (length < 0) throw new TypeError('The expected length of a stream is negative.');
  if (length > limit) {
    throw new TypeError('The expected length of a stream must be an integer less than 2^53.');
  }
  return length + 0;
}
