// Members of the algorithm objects that scripts pass, by the names the specification gives them.
// Bytes are copied, for a later member's getter may change or detach them.
import {StringPrototypeToUpperCase, TypeError} from '../../internal/primordials.js';
import {isBufferSource, isObject, toDOMString, toLong} from '../../internal/webidl.js';
import {copyOfBytes} from '../../internal/bytes.js';
import {createDOMException} from '../../internal/dom_exception.js';
import {digestAlgorithm} from '../digest_algorithms.js';

export function fail(name, message) {
  throw createDOMException(message, name);
}

export function missing(member, object = 'algorithm') {
  throw new TypeError(`Missing field "${member}" in "${object}".`);
}

// The name in an AlgorithmIdentifier, as it was given.
export function algorithmName(algorithm) {
  if (!isObject(algorithm)) return toDOMString(algorithm);
  const {name} = algorithm;
  if (name === undefined) throw new TypeError('The algorithm has no name.');
  return toDOMString(name);
}

export function sameName(a, b) {
  return StringPrototypeToUpperCase(a) === StringPrototypeToUpperCase(b);
}

// Members of a string are those of an object without any.
function member(algorithm, name) {
  return isObject(algorithm) ? algorithm[name] : undefined;
}

// A copy, or undefined.
export function optionalBytes(algorithm, name) {
  const value = member(algorithm, name);
  if (value === undefined) return undefined;
  if (!isBufferSource(value)) {
    throw new TypeError(`The field "${name}" of the algorithm is not a buffer source.`);
  }
  return copyOfBytes(value);
}

export function requiredBytes(algorithm, name) {
  return optionalBytes(algorithm, name) ?? missing(name);
}

export function optionalInteger(algorithm, name) {
  const value = member(algorithm, name);
  return value === undefined ? undefined : toLong(value);
}

export function requiredInteger(algorithm, name) {
  return optionalInteger(algorithm, name) ?? missing(name);
}

export function requiredString(algorithm, name) {
  const value = member(algorithm, name);
  if (value === undefined) missing(name);
  return toDOMString(value);
}

// The number of the digest.
export function requiredHash(algorithm, object = 'algorithm') {
  const hash = member(algorithm, 'hash');
  if (hash === undefined) missing('hash', object);
  return digestAlgorithm(hash);
}

export function memberOf(algorithm, name) {
  return member(algorithm, name);
}
