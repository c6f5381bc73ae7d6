// https://w3c.github.io/webcrypto/#hkdf, #pbkdf2, and the bits out of ECDH and X25519.
import {
  ArrayBufferPrototypeGetByteLength, ArrayBufferPrototypeSlice, Uint8Array,
} from '../../internal/primordials.js';
import {requireType} from './asymmetric.js';
import {algorithmOf, handleOf, isCryptoKey, makeCryptoKey} from './crypto_key.js';
import {fail, memberOf, missing, requiredBytes, requiredHash, requiredInteger} from './parameters.js';
import {checkUsages, kDerivation} from './usages.js';

// As Cloudflare bounds it. More would hold up the Worker's thread, and others behind it.
const kMostIterations = 100_000;
const kDigestSizes = [16, 20, 32, 48, 64];

export function importKeyMaterial(name, format, data, algorithm, extractable, asked) {
  if (format !== 'raw') {
    fail('NotSupportedError',
         `${name} key must be imported in "raw" format (requested "${format}").`);
  }
  const usages = checkUsages(asked, kDerivation, 'import secret', name);
  if (extractable) fail('SyntaxError', `${name} key cannot be extractable.`);
  return makeCryptoKey(natives.secretKey(data), 'secret', false, {__proto__: null, name}, usages);
}

function checkLength(name, bits, hash) {
  if (bits === null) {
    fail('OperationError', `${name} cannot derive a key with null length.`);
  }
  if (bits % 8 !== 0) {
    fail('OperationError', `${name} requires a derived key length that is a multiple of eight ` +
                               `(requested ${bits}).`);
  }
  if (bits / 8 > 255 * kDigestSizes[hash]) {
    fail('OperationError', `${name} failed: derived key length exceeds maximum for this hash`);
  }
}

export function deriveHkdf(handle, algorithm, bits) {
  const hash = requiredHash(algorithm);
  const info = requiredBytes(algorithm, 'info');
  const salt = requiredBytes(algorithm, 'salt');
  checkLength('HKDF', bits, hash);
  return natives.hkdf(hash, handle, salt, info, bits / 8) ??
      fail('OperationError', 'HKDF deriveBits failed.');
}

export function derivePbkdf2(handle, algorithm, bits) {
  const hash = requiredHash(algorithm);
  const iterations = requiredInteger(algorithm, 'iterations');
  const salt = requiredBytes(algorithm, 'salt');
  checkLength('PBKDF2', bits, hash);
  if (iterations <= 0) {
    fail('OperationError',
         `PBKDF2 requires a positive iteration count (requested ${iterations}).`);
  }
  if (iterations > kMostIterations) {
    fail('NotSupportedError', `Pbkdf2 failed: iteration counts above ${kMostIterations} are not ` +
                                  `supported (requested ${iterations}).`);
  }
  return natives.pbkdf2(hash, handle, salt, iterations, bits / 8) ??
      fail('OperationError', 'PBKDF2 deriveBits failed.');
}

export function deriveAgreement(handle, own, type, algorithm, bits) {
  const peer = memberOf(algorithm, 'public');
  if (peer === undefined) missing('public', 'derivedKeyParams');
  if (!isCryptoKey(peer)) fail('InvalidAccessError', 'The field "public" is not a CryptoKey.');
  requireType(type, 'private', 'The deriveBits operation is only valid for');
  requireType(peer.type, 'public', 'The provided key must be');
  const other = algorithmOf(peer);
  if (own.name !== other.name) {
    fail('InvalidAccessError', `Private key for derivation is using "${own.name}" while public ` +
                                   `key is using "${other.name}".`);
  }
  if (own.namedCurve !== other.namedCurve) {
    fail('InvalidAccessError', `Private key for derivation is using curve "${own.namedCurve}" ` +
                                   `while public key is using "${other.namedCurve}".`);
  }
  const secret = natives.agree(handle, handleOf(peer)) ??
      fail('OperationError', `Failed to derive ${own.name} key.`);
  const size = ArrayBufferPrototypeGetByteLength(secret);
  if (bits === null) return secret;
  if (bits > size * 8) {
    fail('OperationError', `Derived key length (${bits} bits) is too long (should be at most ` +
                               `${size * 8} bits).`);
  }
  const wanted = (bits + 7 - (bits + 7) % 8) / 8;
  const result = ArrayBufferPrototypeSlice(secret, 0, wanted);
  if (bits % 8 !== 0) new Uint8Array(result)[wanted - 1] &= 0xff00 >> (bits % 8);
  return result;
}
