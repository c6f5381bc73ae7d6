// https://w3c.github.io/webcrypto/#subtlecrypto-interface: which algorithm does what. Every
// operation is done when its function returns, so nothing can change its arguments in between; the
// interface makes promises of the results.
import {
  JSONParse, JSONStringify, StringPrototypeToUpperCase, TypeError, TypedArrayPrototypeGetBuffer,
  Uint8Array,
} from '../../internal/primordials.js';
import {isBufferSource, isObject, toBoolean, toDOMString, toLong} from '../../internal/webidl.js';
import {bytesOf, copyOfBytes} from '../../internal/bytes.js';
import {decodeUtf8, encodeUtf8} from '../../internal/utf8.js';
import {aesCbc, aesCtr, aesGcm, aesKeyLength, aesKw, exportAes, generateAes, importAes} from './aes.js';
import {algorithmOf, handleOf, isCryptoKey, usagesOf} from './crypto_key.js';
import {deriveAgreement, deriveHkdf, derivePbkdf2, importKeyMaterial} from './derivation.js';
import {exportEc, generateEc, importEc, signEcdsa, verifyEcdsa} from './elliptic.js';
import {exportHmac, generateHmac, hmacKeyLength, importHmac, signHmac, verifyHmac} from './hmac.js';
import {readJwk} from './jwk.js';
import {exportOkp, generateOkp, importOkp, signEddsa, verifyEddsa} from './okp.js';
import {algorithmName, fail, sameName} from './parameters.js';
import {exportRsa, generateRsa, importRsa, rsaOaep, signRsa, verifyRsa} from './rsa.js';
import {
  kDecrypt, kDeriveBits, kDeriveKey, kEncrypt, kSign, kUnwrapKey, kVerify, kWrapKey, readUsages,
  usageNames,
} from './usages.js';

// The names as the specification spells them.
const kAlgorithms = [
  'AES-CTR', 'AES-CBC', 'AES-GCM', 'AES-KW', 'HMAC', 'PBKDF2', 'HKDF', 'RSASSA-PKCS1-v1_5',
  'RSA-PSS', 'RSA-OAEP', 'ECDSA', 'ECDH', 'NODE-ED25519', 'Ed25519', 'X25519',
];

const kSignMembers = ['name', 'hash', 'saltLength'];
const kImportMembers = ['name', 'hash', 'length', 'namedCurve'];

// An algorithm with what the operation may want of it, read once and before the data is looked at:
// getters may change that. Names and what is no object stay as they are.
function readMembers(algorithm, members) {
  if (!isObject(algorithm)) return algorithm;
  const plain = {__proto__: null};
  for (let i = 0; i < members.length; i++) plain[members[i]] = algorithm[members[i]];
  return plain;
}

function knownName(name) {
  const upper = StringPrototypeToUpperCase(name);
  for (let i = 0; i < kAlgorithms.length; i++) {
    if (StringPrototypeToUpperCase(kAlgorithms[i]) === upper) return kAlgorithms[i];
  }
  return undefined;
}

function requireKey(value, what) {
  if (!isCryptoKey(value)) throw new TypeError(`SubtleCrypto: ${what} is not a CryptoKey.`);
  return value;
}

function requireData(value, what) {
  if (!isBufferSource(value)) {
    throw new TypeError(`SubtleCrypto: ${what} is not an ArrayBuffer or a view of one.`);
  }
  return value;
}

function requireUse(key, algorithm, usage) {
  const requested = algorithmName(algorithm);
  if (knownName(requested) === undefined) {
    fail('NotSupportedError', `Unrecognized algorithm "${requested}" requested.`);
  }
  const {name} = algorithmOf(key);
  if (!sameName(requested, name)) {
    fail('InvalidAccessError', `Requested algorithm "${requested}" does not match this ` +
                                   `CryptoKey's algorithm "${name}".`);
  }
  if ((usagesOf(key) & usage) === 0) {
    fail('InvalidAccessError', `Requested key usage "${usageNames(usage)[0]}" does not match ` +
                                   'any usage listed in this CryptoKey.');
  }
}

// direction: 0 decrypt, 1 encrypt. data: ArrayBuffer or view.
function cipher(direction, key, algorithm, data) {
  const handle = handleOf(key);
  const own = algorithmOf(key);
  switch (own.name) {
    case 'AES-CBC': return aesCbc(direction, handle, algorithm, data);
    case 'AES-CTR': return aesCtr(direction, handle, algorithm, data);
    case 'AES-GCM': return aesGcm(direction, handle, algorithm, data);
    case 'RSA-OAEP': return rsaOaep(direction, handle, own, key.type, algorithm, data);
  }
  const what = direction === 1 ? 'encrypt' : 'decrypt';
  fail('NotSupportedError', `The ${what} operation is not implemented for "${own.name}".`);
}

export function encrypt(algorithm, key, data) {
  requireKey(key, 'the key');
  requireData(data, 'the data');
  requireUse(key, algorithm, kEncrypt);
  return cipher(1, key, algorithm, data);
}

export function decrypt(algorithm, key, data) {
  requireKey(key, 'the key');
  requireData(data, 'the data');
  requireUse(key, algorithm, kDecrypt);
  return cipher(0, key, algorithm, data);
}

export function sign(algorithm, key, data) {
  algorithm = readMembers(algorithm, kSignMembers);
  requireKey(key, 'the key');
  requireData(data, 'the data');
  requireUse(key, algorithm, kSign);
  const handle = handleOf(key);
  const own = algorithmOf(key);
  switch (own.name) {
    case 'HMAC': return signHmac(handle, own, data);
    case 'ECDSA': return signEcdsa(handle, key.type, algorithm, data);
    case 'Ed25519': case 'NODE-ED25519': return signEddsa(handle, key.type, data);
  }
  return signRsa(handle, own, key.type, algorithm, data);
}

export function verify(algorithm, key, signature, data) {
  algorithm = readMembers(algorithm, kSignMembers);
  requireKey(key, 'the key');
  requireData(signature, 'the signature');
  requireData(data, 'the data');
  requireUse(key, algorithm, kVerify);
  const handle = handleOf(key);
  const own = algorithmOf(key);
  switch (own.name) {
    case 'HMAC': return verifyHmac(handle, own, signature, data);
    case 'ECDSA': return verifyEcdsa(handle, key.type, algorithm, signature, data);
    case 'Ed25519': case 'NODE-ED25519':
      return verifyEddsa(handle, own, key.type, signature, data);
  }
  return verifyRsa(handle, own, key.type, algorithm, signature, data);
}

export function generateKey(algorithm, extractable, keyUsages) {
  const requested = algorithmName(algorithm);
  extractable = toBoolean(extractable);
  const asked = readUsages(keyUsages);
  const name = knownName(requested);
  let made;
  switch (name) {
    case 'AES-CTR': case 'AES-CBC': case 'AES-GCM': case 'AES-KW':
      made = generateAes(name, algorithm, extractable, asked);
      break;
    case 'HMAC': made = generateHmac(name, algorithm, extractable, asked); break;
    case 'RSASSA-PKCS1-v1_5': case 'RSA-PSS': case 'RSA-OAEP':
      return generateRsa(name, algorithm, extractable, asked);
    case 'ECDSA': case 'ECDH': return generateEc(name, algorithm, extractable, asked);
    case 'Ed25519': case 'NODE-ED25519': case 'X25519':
      return generateOkp(name, algorithm, extractable, asked);
    default:
      fail('NotSupportedError',
           `Unrecognized key generation algorithm "${requested}" requested.`);
  }
  requireSomeUsage(made);
  return made;
}

function requireSomeUsage(key) {
  if (usagesOf(key) === 0 && key.type !== 'public') {
    fail('SyntaxError', 'Secret/private CryptoKeys must have at least one usage.');
  }
}

// data: bytes of our own, or a JsonWebKey that readJwk() made.
function importInto(format, data, algorithm, extractable, asked) {
  const requested = algorithmName(algorithm);
  const name = knownName(requested);
  let key;
  switch (name) {
    case 'AES-CTR': case 'AES-CBC': case 'AES-GCM': case 'AES-KW':
      key = importAes(name, format, data, algorithm, extractable, asked);
      break;
    case 'HMAC': key = importHmac(name, format, data, algorithm, extractable, asked); break;
    case 'PBKDF2': case 'HKDF':
      key = importKeyMaterial(name, format, data, algorithm, extractable, asked);
      break;
    case 'RSASSA-PKCS1-v1_5': case 'RSA-PSS': case 'RSA-OAEP':
      key = importRsa(name, format, data, algorithm, extractable, asked);
      break;
    case 'ECDSA': case 'ECDH':
      key = importEc(name, format, data, algorithm, extractable, asked);
      break;
    case 'Ed25519': case 'NODE-ED25519': case 'X25519':
      key = importOkp(name, format, data, algorithm, extractable, asked);
      break;
    default:
      fail('NotSupportedError', `Unrecognized key import algorithm "${requested}" requested.`);
  }
  requireSomeUsage(key);
  return key;
}

// Detached memory has no bytes.
function copyOfKey(keyData) {
  try {
    return copyOfBytes(keyData);
  } catch {
    return new Uint8Array(0);
  }
}

// What importInto() takes, out of what a script passes.
function readKeyData(format, keyData) {
  switch (format) {
    case 'raw': case 'pkcs8': case 'spki':
      if (!isBufferSource(keyData)) {
        throw new TypeError('Import data provided for "raw", "pkcs8", or "spki" import formats ' +
                            'must be a buffer source.');
      }
      return copyOfKey(keyData);
    case 'jwk': return readJwk(keyData);
  }
  fail('NotSupportedError', `Unrecognized key import format "${format}".`);
}

export function importKey(format, keyData, algorithm, extractable, keyUsages) {
  format = toDOMString(format);
  algorithm = readMembers(algorithm, kImportMembers);
  const data = readKeyData(format, keyData);
  extractable = toBoolean(extractable);
  return importInto(format, data, algorithm, extractable, readUsages(keyUsages));
}

function exported(format, key) {
  const own = algorithmOf(key);
  if (!key.extractable) {
    fail('InvalidAccessError', `Attempt to export non-extractable ${own.name} key.`);
  }
  const handle = handleOf(key);
  const usages = usagesOf(key);
  switch (own.name) {
    case 'AES-CTR': case 'AES-CBC': case 'AES-GCM': case 'AES-KW':
      return exportAes(format, handle, own, usages);
    case 'HMAC': return exportHmac(format, handle, own, usages);
    case 'RSASSA-PKCS1-v1_5': case 'RSA-PSS': case 'RSA-OAEP':
      return exportRsa(format, handle, own, usages, key.type);
    case 'ECDSA': case 'ECDH': return exportEc(format, handle, own, usages, key.type);
    case 'Ed25519': case 'NODE-ED25519': case 'X25519':
      return exportOkp(format, handle, own, usages, key.type);
  }
  fail('NotSupportedError', `The export operation is not implemented for "${own.name}".`);
}

export function exportKey(format, key) {
  format = toDOMString(format);
  return exported(format, requireKey(key, 'the key'));
}

// bits: a number or null.
function derived(key, algorithm, bits) {
  const own = algorithmOf(key);
  switch (own.name) {
    case 'HKDF': return deriveHkdf(handleOf(key), algorithm, bits);
    case 'PBKDF2': return derivePbkdf2(handleOf(key), algorithm, bits);
  }
  return deriveAgreement(handleOf(key), own, key.type, algorithm, bits);
}

export function deriveBits(algorithm, baseKey, length) {
  requireKey(baseKey, 'the base key');
  let bits = null;
  if (length !== undefined && length !== null) {
    bits = toLong(length);
    if (bits < 0) throw new TypeError('deriveBits length must be an unsigned long integer.');
  }
  requireUse(baseKey, algorithm, kDeriveBits);
  return derived(baseKey, algorithm, bits);
}

function derivedLength(algorithm) {
  const requested = algorithmName(algorithm);
  const name = knownName(requested);
  switch (name) {
    case 'AES-CTR': case 'AES-CBC': case 'AES-GCM': case 'AES-KW':
      return aesKeyLength(name, algorithm);
    case 'HMAC': return hmacKeyLength(algorithm);
    case 'HKDF': case 'PBKDF2': return null;
  }
  fail('NotSupportedError', `Unrecognized derived key type "${requested}" requested.`);
}

export function deriveKey(algorithm, baseKey, derivedKeyType, extractable, keyUsages) {
  requireKey(baseKey, 'the base key');
  extractable = toBoolean(extractable);
  const asked = readUsages(keyUsages);
  requireUse(baseKey, algorithm, kDeriveKey);
  const length = derivedLength(derivedKeyType);
  const secret = derived(baseKey, algorithm, length);
  return importInto('raw', new Uint8Array(secret), derivedKeyType, extractable, asked);
}

export function wrapKey(format, key, wrappingKey, wrapAlgorithm) {
  format = toDOMString(format);
  requireKey(key, 'the key');
  requireKey(wrappingKey, 'the wrapping key');
  requireUse(wrappingKey, wrapAlgorithm, kWrapKey);
  let data = exported(format, key);
  if (format === 'jwk') {
    data = TypedArrayPrototypeGetBuffer(encodeUtf8(JSONStringify(data)));
  }
  return algorithmOf(wrappingKey).name === 'AES-KW' ?
      aesKw(1, handleOf(wrappingKey), data) :
      cipher(1, wrappingKey, wrapAlgorithm, data);
}

export function unwrapKey(format, wrappedKey, unwrappingKey, unwrapAlgorithm,
                          unwrappedKeyAlgorithm, extractable, keyUsages) {
  format = toDOMString(format);
  requireData(wrappedKey, 'the wrapped key');
  requireKey(unwrappingKey, 'the unwrapping key');
  extractable = toBoolean(extractable);
  const asked = readUsages(keyUsages);
  requireUse(unwrappingKey, unwrapAlgorithm, kUnwrapKey);
  const bytes = algorithmOf(unwrappingKey).name === 'AES-KW' ?
      aesKw(0, handleOf(unwrappingKey), TypedArrayPrototypeGetBuffer(copyOfBytes(wrappedKey))) :
      cipher(0, unwrappingKey, unwrapAlgorithm, wrappedKey);
  let data = bytes;
  if (format === 'jwk') {
    try {
      data = JSONParse(decodeUtf8(bytesOf(bytes)));
    } catch {
      fail('DataError', 'Missing "kty" field or corrupt JSON unwrapping key?');
    }
  }
  return importInto(format, readKeyData(format, data), unwrappedKeyAlgorithm, extractable, asked);
}
