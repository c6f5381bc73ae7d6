// What inspection shows of the platform's objects beside their attributes, in square brackets.
import {BigInt} from '../internal/primordials.js';
import {lengthOfReadable} from '../fetch/body_stream.js';
import {areImmutable, isHeaders} from '../fetch/headers.js';
import {describeReadable, describeWritable, isReadableStream, isWritableStream} from '../streams/internal.js';

// {name: value} without a prototype; undefined where there is nothing.
export function hiddenState(object) {
  if (isHeaders(object)) return {__proto__: null, immutable: areImmutable(object)};
  if (isReadableStream(object)) {
    const {state, supportsBYOB} = describeReadable(object);
    const length = lengthOfReadable(object);
    return {__proto__: null, state, supportsBYOB, length: length === -1 ? undefined : BigInt(length)};
  }
  return isWritableStream(object) ? describeWritable(object) : undefined;
}
