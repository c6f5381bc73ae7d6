// Two classes beyond the standard:
// https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/
import { MathMin } from '../internal/primordials.js';
import { defineInterface, kInternal, requireArguments } from '../internal/webidl.js';
import { toExpectedLength } from './expected_length.js';
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

export class FixedLengthStream extends IdentityTransformStream {
  constructor(expectedLength, queuingStrategy = undefined) {
    requireArguments(arguments.length, 1, 'FixedLengthStream');
    const length = toExpectedLength(expectedLength);
    const mark = markOf(queuingStrategy);
    const limit = mark === undefined ? undefined : MathMin(mark, length);
    super(kInternal, new Rendezvous(length, limit));
  }
}
defineInterface(FixedLengthStream, 'FixedLengthStream');
