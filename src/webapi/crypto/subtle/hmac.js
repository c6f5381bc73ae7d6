// https://w3c.github.io/webcrypto/#hmac
import {
  StringPrototypeSlice, TypeError, TypedArrayPrototypeGetByteLength,
} from '../../internal/primordials.js';
import {bytesOf, copyOfBytes} from '../../internal/bytes.js';
import {digestName} from '../digest_algorithms.js';
import {makeCryptoKey} from './crypto_key.js';
import {checkType, checkUse, jwkBytes, writeJwk} from './jwk.js';
import {fail, optionalInteger, requiredHash} from './parameters.js';
import {checkUsages, kSignature} from './usages.js';

// In bits, by the digest's number.
const kBlocks = [512, 512, 512, 1024, 1024];
// A key of which nobody has use for more.
const kMostBits = 2 ** 20;

export function generateHmac(name, algorithm, extractable, asked) {
  const hash = requiredHash(algorithm);
  const length = optionalInteger(algorithm, 'length') ?? kBlocks[hash];
  const usages = checkUsages(asked, kSignature, 'generate', name);
  if (length <= 0 || length > kMostBits) {
    fail('OperationError',
         `HMAC key length must be a non-zero unsigned long integer (requested ${length}).`);
  }
  return makeCryptoKey(natives.randomSecretKey(length), 'secret', extractable,
                       {__proto__: null, name, hash, length}, usages);
}

export function importHmac(name, format, data, algorithm, extractable, asked) {
  const usages = checkUsages(asked, kSignature, 'import secret', name);
  const hash = requiredHash(algorithm);
  let bytes;
  if (format === 'raw') {
    bytes = data;
  } else if (format === 'jwk') {
    checkType(data, 'oct', 'HMAC');
    bytes = bytesOf(jwkBytes(
        data, 'k', 'HMAC "jwk" key import requires a base64Url encoding of the key'));
    checkUse(data, 'sig', asked, extractable);
    if (data.alg !== undefined) {
      if (hash === 0) {
        fail('NotSupportedError', 'Unrecognized or unimplemented hash algorithm requested.');
      }
      const expected = `HS${StringPrototypeSlice(digestName(hash), 4)}`;
      if (data.alg !== expected) {
        fail('DataError',
             'HMAC "jwk" key import specifies "alg" that is incompatible with the hash name ' +
                 `(encountered "${data.alg}", expected "${expected}").`);
      }
    }
  } else {
    fail('NotSupportedError', `Unrecognized key import format "${format}".`);
  }
  bytes = copyOfBytes(bytes);
  const size = TypedArrayPrototypeGetByteLength(bytes);
  const length = optionalInteger(algorithm, 'length') ?? size * 8;
  if (length <= 0 || length > size * 8 || length <= size * 8 - 8) {
    fail('DataError', `Imported HMAC key length (${length}) must be a non-zero value up to 7 ` +
                          'bits less than, and no greater than, the bit length of the raw key ' +
                          `data (${size * 8}).`);
  }
  if (length % 8 !== 0) bytes[size - 1] &= 0xff00 >> (length % 8);
  return makeCryptoKey(natives.secretKey(bytes), 'secret', extractable,
                       {__proto__: null, name, hash, length}, usages);
}

export function exportHmac(format, handle, {hash}, usages) {
  const bytes = natives.secretKeyBytes(handle);
  if (format === 'raw') return bytes;
  if (format !== 'jwk') {
    fail('NotSupportedError', `Unimplemented key export format "${format}".`);
  }
  if (hash === 0) {
    fail('NotSupportedError',
         `Unimplemented JWK key export format for key algorithm "${digestName(hash)}".`);
  }
  return writeJwk(['kty', 'oct', 'k', natives.toBase64Url(bytes), 'alg',
                   `HS${StringPrototypeSlice(digestName(hash), 4)}`], usages);
}

export function hmacKeyLength(algorithm) {
  const length = optionalInteger(algorithm, 'length');
  if (length === undefined) return kBlocks[requiredHash(algorithm, 'derivedKeyParams')];
  if (length <= 0) {
    throw new TypeError('HMAC key length must be a non-zero unsigned long integer.');
  }
  return length;
}

export function signHmac(handle, {hash}, data) {
  return natives.hmac(hash, handle, data) ??
      fail('OperationError', 'HMAC computation failed.');
}

export function verifyHmac(handle, algorithm, signature, data) {
  return natives.bytesEqual(signHmac(handle, algorithm, data), signature) === true;
}
