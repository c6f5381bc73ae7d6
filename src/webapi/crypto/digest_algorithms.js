// The digests' names as Web Crypto normalises them
// (https://w3c.github.io/webcrypto/#algorithm-normalization).
import {StringPrototypeToUpperCase, TypeError} from '../internal/primordials.js';
import {isObject, toDOMString} from '../internal/webidl.js';
import {createDOMException} from '../internal/dom_exception.js';

function nameOf(algorithm) {
  let name = algorithm;
  if (isObject(algorithm)) {
    name = algorithm.name;
    if (name === undefined) throw new TypeError('The algorithm has no name.');
  }
  return toDOMString(name);
}

function numberOf(name) {
  switch (StringPrototypeToUpperCase(name)) {
    case 'MD5': return 0;  // Cloudflare's extension
    case 'SHA-1': return 1;
    case 'SHA-256': return 2;
    case 'SHA-384': return 3;
    case 'SHA-512': return 4;
  }
  throw createDOMException(
      `Unrecognized or unimplemented digest algorithm requested: "${name}".`, 'NotSupportedError');
}

// The number that natives.digest() takes, from a name or an object with one.
export function digestAlgorithm(algorithm) {
  return numberOf(nameOf(algorithm));
}

// The same for DigestStream, which also knows checksums.
export function streamAlgorithm(algorithm) {
  const name = nameOf(algorithm);
  switch (name) {
    case 'crc32': return 5;
    case 'crc32c': return 6;
    case 'crc64nvme': return 7;
  }
  return numberOf(name);
}

const kNames = ['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];

export function digestName(number) {
  return kNames[number];
}
