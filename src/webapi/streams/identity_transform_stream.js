// Two classes beyond the standard:
// https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/
import { MathMin, MathTrunc, Number, NumberIsNaN, TypeError } from '../internal/primordials.js';
import { defineInterface, kInternal, requireArguments } from '../internal/webidl.js';
import { QueuingStrategy } from './queuing_strategies.js';
import { Rendezvous } from './rendezvous.js';
import { TransformStream } from './transform_stream.js';

const markOf = (strategy) => new QueuingStrategy(strategy).highWaterMarkOr(undefined);

export class IdentityTransformStream extends TransformStream {
  // Built-ins may also pass (kInternal, Rendezvous).
  constructor(queuingStrategy = undefined) {
    super(kInternal, queuingStrategy === kInternal
        ? arguments[1] : new Rendezvous(undefined, markOf(queuingStrategy)));
  }
}
defineInterface(IdentityTransformStream, 'IdentityTransformStream');

// A number of bytes, given as a number or a bigint.
function toLength(value) {
  const length = typeof value === 'bigint' ? Number(value) : MathTrunc(+value);
  const limit = typeof value === 'bigint' ? 0xffffffffffffffff : 9007199254740991;
  if (NumberIsNaN(length)) {
    throw new TypeError('The expected length of a FixedLengthStream is not an integer.');
  }
  if (length < 0) throw new TypeError('The expected length of a FixedLengthStream is negative.');
  if (length > limit) {
    throw new TypeError('FixedLengthStream requires an integer expected length less than 2^53.');
  }
  return length + 0;
}

export class FixedLengthStream extends IdentityTransformStream {
  constructor(expectedLength, queuingStrategy = undefined) {
    requireArguments(arguments.length, 1, 'FixedLengthStream');
    const length = toLength(expectedLength);
    const mark = markOf(queuingStrategy);
    const limit = mark === undefined ? undefined : MathMin(mark, length);
    super(kInternal, new Rendezvous(length, limit));
  }
}
defineInterface(FixedLengthStream, 'FixedLengthStream');
