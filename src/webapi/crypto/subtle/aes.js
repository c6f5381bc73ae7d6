// https://w3c.github.io/webcrypto/#aes-ctr and the other modes.
import {
  ArrayBufferPrototypeGetByteLength, StringPrototypeSlice, TypedArrayPrototypeGetByteLength,
} from '../../internal/primordials.js';
import {bytesOf} from '../../internal/bytes.js';
import {makeCryptoKey} from './crypto_key.js';
import {checkType, checkUse, jwkBytes, writeJwk} from './jwk.js';
import {fail, optionalBytes, optionalInteger, requiredBytes, requiredInteger} from './parameters.js';
import {checkUsages, kCipher, kUnwrapKey, kWrapKey} from './usages.js';

function allowedUsages(name) {
  return name === 'AES-KW' ? kWrapKey | kUnwrapKey : kCipher;
}

function isKeyLength(bits) {
  return bits === 128 || bits === 192 || bits === 256;
}

export function generateAes(name, algorithm, extractable, asked) {
  const length = requiredInteger(algorithm, 'length');
  const usages = checkUsages(asked, allowedUsages(name), 'generate', name);
  if (!isKeyLength(length)) {
    fail('OperationError',
         `Generated AES key length must be 128, 192, or 256 bits but requested ${length}.`);
  }
  return makeCryptoKey(natives.randomSecretKey(length), 'secret', extractable,
                       {__proto__: null, name, length}, usages);
}

export function importAes(name, format, data, algorithm, extractable, asked) {
  const usages = checkUsages(asked, allowedUsages(name), 'import secret', name);
  let bytes;
  if (format === 'raw') {
    bytes = data;
  } else if (format === 'jwk') {
    checkType(data, 'oct', 'Symmetric');
    bytes = jwkBytes(data, 'k',
                     'Symmetric "jwk" key import requires a base64Url encoding of the key.');
    checkUse(data, 'enc', asked, extractable);
  } else {
    fail('NotSupportedError', `Unrecognized key import format "${format}".`);
  }
  const length = TypedArrayPrototypeGetByteLength(bytesOf(bytes)) * 8;
  if (!isKeyLength(length)) {
    fail('DataError',
         `Imported AES key length must be 128, 192, or 256 bits but provided ${length}.`);
  }
  if (format === 'jwk' && data.alg !== undefined) {
    const expected = `A${length}${StringPrototypeSlice(name, 4)}`;
    if (data.alg !== expected) {
      fail('DataError', `Symmetric "jwk" key contains invalid "alg" value "${data.alg}", ` +
                            `expected "${expected}".`);
    }
  }
  return makeCryptoKey(natives.secretKey(bytes), 'secret', extractable,
                       {__proto__: null, name, length}, usages);
}

export function exportAes(format, handle, {name, length}, usages) {
  const bytes = natives.secretKeyBytes(handle);
  if (format === 'raw') return bytes;
  if (format === 'jwk') {
    return writeJwk(['kty', 'oct', 'k', natives.toBase64Url(bytes), 'alg',
                     `A${length}${StringPrototypeSlice(name, 4)}`], usages);
  }
  fail('NotSupportedError',
       `${name} key only supports exporting "raw" & "jwk", not "${format}".`);
}

export function aesKeyLength(name, algorithm) {
  const length = requiredInteger(algorithm, 'length');
  if (!isKeyLength(length)) {
    fail('OperationError',
         `Derived AES key must be 128, 192, or 256 bits in length but provided ${length}.`);
  }
  return length;
}

const kDecryptionFailed =
    'Decryption failed. This could be due to a ciphertext authentication failure, bad padding, ' +
    'incorrect CryptoKey, or another algorithm-specific reason.';

// direction: 0 decrypt, 1 encrypt.
export function aesCbc(direction, handle, algorithm, data) {
  const iv = requiredBytes(algorithm, 'iv');
  const size = TypedArrayPrototypeGetByteLength(iv);
  if (size !== 16) {
    fail('OperationError', `AES-CBC IV must be 16 bytes long (provided ${size} bytes).`);
  }
  return natives.aesCbc(direction, handle, iv, data) ?? fail('OperationError', kDecryptionFailed);
}

export function aesCtr(direction, handle, algorithm, data) {
  const counter = requiredBytes(algorithm, 'counter');
  const length = requiredInteger(algorithm, 'length');
  const size = TypedArrayPrototypeGetByteLength(counter);
  if (size !== 16) {
    fail('OperationError', `Counter must have length of 16 bytes (provided ${size}).`);
  }
  if (length < 1 || length > 128) {
    fail('OperationError', `Invalid counter of ${length} bits length provided.`);
  }
  return natives.aesCtr(handle, counter, length, data) ??
      fail('OperationError', 'Counter block values will repeat.');
}

// Detached memory has no bytes.
function sizeOf(data) {
  try {
    return TypedArrayPrototypeGetByteLength(bytesOf(data));
  } catch {
    return 0;
  }
}

export function aesGcm(direction, handle, algorithm, data) {
  const iv = requiredBytes(algorithm, 'iv');
  if (TypedArrayPrototypeGetByteLength(iv) === 0) {
    fail('OperationError', 'AES-GCM IV must not be empty.');
  }
  const additional = optionalBytes(algorithm, 'additionalData');
  const tag = optionalInteger(algorithm, 'tagLength') ?? 128;
  switch (tag) {
    case 32: case 64: case 96: case 104: case 112: case 120: case 128: break;
    default: fail('OperationError', `Invalid AES-GCM tag length ${tag}.`);
  }
  if (direction === 0) {
    const bits = sizeOf(data) * 8;
    if (bits < tag) {
      fail('OperationError', `Ciphertext length of ${bits} bits must be greater than or equal to ` +
                                 `the size of the AES-GCM tag length of ${tag} bits.`);
    }
  }
  return natives.aesGcm(direction, handle, iv, additional, tag / 8, data) ??
      fail('OperationError', direction === 0 ? kDecryptionFailed : 'Encryption failed.');
}

export function aesKw(direction, handle, data) {
  const size = ArrayBufferPrototypeGetByteLength(data);
  if (direction === 1) {
    if (size % 8 !== 0) {
      fail('OperationError',
           'Unwrapped key bit length must be a multiple of 64 bits but unwrapped key has a length ' +
               `of ${size * 8} bits.`);
    }
    if (size < 16) {
      fail('OperationError', `Unwrapped key has length ${size} bytes but it should be greater ` +
                                 'than or equal to 16.');
    }
  } else if (size % 8 !== 0 || size < 24) {
    fail('OperationError', size % 8 !== 0 ?
             `Provided a wrapped key to unwrap that is ${size * 8} bits which isn't a multiple of ` +
                 '64 bits.' :
             `Provided a wrapped key to unwrap this is ${size * 8} bits that is less than the ` +
                 'minimal length of 192 bits.');
  }
  return natives.aesWrap(direction, handle, data) ??
      fail('OperationError', `AES-KW key ${direction === 1 ? '' : 'un'}wrapping failed.`);
}
