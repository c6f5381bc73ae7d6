// The digests' names as Web Crypto normalises them
// (https://w3c.github.io/webcrypto/#algorithm-normalization).
import {StringPrototypeToUpperCase, TypeError} from '../internal/primordials.js';
import {isObject, toDOMString} from '../internal/webidl.js';
import {DOMException} from '../internal/dom_exception.js';

// The number that natives.digest() takes, from a name or an object with one.
export function digestAlgorithm(algorithm) {
  let name = algorithm;
  if (isObject(algorithm)) {
    name = algorithm.name;
    if (name === undefined) throw new TypeError('The algorithm has no name.');
  }
  name = toDOMString(name);
  switch (StringPrototypeToUpperCase(name)) {
    case 'MD5': return 0;  // Cloudflare's extension
    case 'SHA-1': return 1;
    case 'SHA-256': return 2;
    case 'SHA-384': return 3;
    case 'SHA-512': return 4;
  }
  throw new DOMException(
      `Unrecognized or unimplemented digest algorithm requested: "${name}".`, 'NotSupportedError');
}
