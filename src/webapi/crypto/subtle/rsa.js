// https://w3c.github.io/webcrypto/#rsassa-pkcs1, RSA-PSS and RSA-OAEP.
import {
  ArrayPrototypePush, StringPrototypeSlice, TypeError, TypedArrayPrototypeGetLength,
} from '../../internal/primordials.js';
import {digestName} from '../digest_algorithms.js';
import {
  exportBytes, exportedNumbers, importDer, importUsages, makePair, requireType,
} from './asymmetric.js';
import {makeCryptoKey} from './crypto_key.js';
import {checkType, checkUse, jwkBytes, writeJwk} from './jwk.js';
import {
  fail, optionalBytes, optionalInteger, requiredBytes, requiredHash, requiredInteger,
} from './parameters.js';
import {checkUsages, kCipher, kSignature} from './usages.js';

// Making a longer key would take seconds.
const kMostBitsGenerated = 4096;
const kFewestBits = 256;

function allowedUsages(name) {
  return name === 'RSA-OAEP' ? kCipher : kSignature;
}

function exponentNumber(bytes) {
  let number = 0;
  for (let i = 0; i < TypedArrayPrototypeGetLength(bytes); i++) number = number * 256 + bytes[i];
  return number;
}

export function generateRsa(name, algorithm, extractable, asked) {
  const hash = requiredHash(algorithm);
  const modulusLength = requiredInteger(algorithm, 'modulusLength');
  const publicExponent = requiredBytes(algorithm, 'publicExponent');
  const usages = checkUsages(asked, allowedUsages(name), 'generate', name);
  if (modulusLength <= 0) {
    fail('OperationError',
         `modulusLength must be greater than zero (requested ${modulusLength}).`);
  }
  if (modulusLength % 8 !== 0 || modulusLength < kFewestBits ||
      modulusLength > kMostBitsGenerated) {
    fail('OperationError', `The modulus length must be a multiple of 8 and between ` +
                               `${kFewestBits} and 4k, but ${modulusLength} was requested.`);
  }
  const exponent = exponentNumber(publicExponent);
  if (exponent !== 3 && exponent !== 65537) {
    fail('OperationError', 'The "publicExponent" must be either 3 or 65537, but got ' +
             (exponent < 2 ** 32 ? `${exponent}.` : 'a number larger than 2^32.'));
  }
  return makePair(natives.generateRsa(modulusLength, exponent),
                  {__proto__: null, name, modulusLength, publicExponent, hash}, extractable,
                  usages);
}

// The digest's number by "alg" of a JSON Web Key.
function jwkDigest(alg) {
  switch (alg) {
    case 'RS1': case 'PS1': case 'RSA-OAEP': return 1;
    case 'RS256': case 'PS256': case 'RSA-OAEP-256': return 2;
    case 'RS384': case 'PS384': case 'RSA-OAEP-384': return 3;
    case 'RS512': case 'PS512': case 'RSA-OAEP-512': return 4;
  }
  fail('NotSupportedError', `Unrecognized or unimplemented algorithm "${alg}" listed in JSON Web ` +
                                'Key Algorithm parameter.');
}

function jwkAlgorithm({name, hash}) {
  if (hash === 0) {
    fail('NotSupportedError',
         `JWK export not supported for hash algorithm "${digestName(hash)}".`);
  }
  const bits = StringPrototypeSlice(digestName(hash), 4);
  switch (name) {
    case 'RSA-PSS': return `PS${bits}`;
    case 'RSA-OAEP': return hash === 1 ? 'RSA-OAEP' : `RSA-OAEP-${bits}`;
  }
  return `RS${bits}`;
}

function jwkMember(jwk, name, what) {
  return jwkBytes(jwk, name, `Invalid RSA key in JSON Web Key; missing or invalid ${what} ` +
                                 `parameter ("${name}").`);
}

function importNumbers(jwk) {
  const n = jwkMember(jwk, 'n', 'Modulus');
  const e = jwkMember(jwk, 'e', 'Exponent');
  if (jwk.d === undefined) return natives.importRsaNumbers(n, e);
  const d = jwkMember(jwk, 'd', 'Private Exponent');
  const {p, q, dp, dq, qi} = jwk;
  if (p === undefined && q === undefined && dp === undefined && dq === undefined &&
      qi === undefined) {
    return natives.importRsaNumbers(n, e, d);
  }
  if (p === undefined || q === undefined || dp === undefined || dq === undefined ||
      qi === undefined) {
    fail('DataError', 'Invalid RSA private key in JSON Web Key; if one Prime Factor or CRT ' +
                          'Exponent/Coefficient parameter is present, then they must all be ' +
                          'present ("p", "q", "dp", "dq", "qi").');
  }
  return natives.importRsaNumbers(
      n, e, d, jwkMember(jwk, 'p', 'First Prime Factor'),
      jwkMember(jwk, 'q', 'Second Prime Factor'), jwkMember(jwk, 'dp', 'First Factor CRT Exponent'),
      jwkMember(jwk, 'dq', 'Second Factor CRT Exponent'),
      jwkMember(jwk, 'qi', 'First CRT Coefficient'));
}

export function importRsa(name, format, data, algorithm, extractable, asked) {
  const hash = requiredHash(algorithm);
  let handle;
  let usages;
  let isPrivate = format === 'pkcs8';
  if (format === 'jwk') {
    isPrivate = data.d !== undefined;
    usages = importUsages(asked, allowedUsages(name), isPrivate, name);
    checkType(data, 'RSA', name);
    if (data.multiPrime) fail('NotSupportedError', 'Multi-prime private keys not supported.');
    checkUse(data, name === 'RSA-OAEP' ? 'enc' : 'sig', asked, extractable);
    if (data.alg !== undefined && jwkDigest(data.alg) !== hash) {
      fail('DataError', `JSON Web Key Algorithm parameter "alg" ("${data.alg}") does not match ` +
                            `requested hash algorithm "${digestName(hash)}".`);
    }
    handle = importNumbers(data) ?? fail('DataError', 'Invalid RSA key in JSON Web Key.');
  } else if (format === 'spki' || format === 'pkcs8') {
    usages = importUsages(asked, allowedUsages(name), isPrivate, name);
    handle = importDer(format, data);
  } else {
    fail('NotSupportedError', `Unrecognized key import format "${format}".`);
  }
  const details = natives.keyDetails(handle);
  if (details[0] !== 'RSA') fail('DataError', 'Input was not an RSA key.');
  return makeCryptoKey(
      handle, isPrivate ? 'private' : 'public', extractable,
      {__proto__: null, name, modulusLength: details[1], publicExponent: details[2], hash}, usages);
}

export function exportRsa(format, handle, algorithm, usages, type) {
  if (format !== 'jwk') return exportBytes(format, handle, type, algorithm.name, false);
  const alg = jwkAlgorithm(algorithm);
  const numbers = exportedNumbers(handle);
  const members = ['kty', 'RSA', 'alg', alg, 'n', numbers[0], 'e', numbers[1]];
  if (type === 'private') {
    ArrayPrototypePush(members, 'd', numbers[2], 'p', numbers[3], 'q', numbers[4], 'dp', numbers[5],
                       'dq', numbers[6], 'qi', numbers[7]);
  }
  return writeJwk(members, usages);
}

// In bytes, by the digest's number.
const kDigestSizes = [16, 20, 32, 48, 64];

function requiredSalt(algorithm) {
  const salt = optionalInteger(algorithm, 'saltLength');
  if (salt === undefined) {
    throw new TypeError('Failed to provide salt for RSA-PSS key operation which requires a salt');
  }
  if (salt < 0) {
    fail('DataError', `SaltLength for RSA-PSS must be non-negative (provided ${salt}).`);
  }
  return salt;
}

export function signRsa(handle, {name, hash, modulusLength}, type, algorithm, data) {
  requireType(type, 'private', 'Asymmetric signing requires');
  const pss = name === 'RSA-PSS';
  const salt = pss ? requiredSalt(algorithm) : 0;
  const size = modulusLength / 8;
  if (pss ? size < kDigestSizes[hash] + 2 + salt : size < kDigestSizes[hash] + 32) {
    fail('OperationError', pss ?
             'key too small for signing with given digest and salt length' :
             'key too small for signing with given digest, need at least ' +
                 `${8 * (kDigestSizes[hash] + 32)}bits.`);
  }
  return natives.sign(handle, pss ? 1 : 0, hash, salt, data) ??
      fail('OperationError', `${name} signing failed.`);
}

export function verifyRsa(handle, {name, hash}, type, algorithm, signature, data) {
  requireType(type, 'public', 'Asymmetric verification requires');
  const pss = name === 'RSA-PSS';
  return natives.verify(handle, pss ? 1 : 0, hash, pss ? requiredSalt(algorithm) : 0, signature,
                        data);
}

// direction: 0 decrypt, 1 encrypt.
export function rsaOaep(direction, handle, {hash}, type, algorithm, data) {
  if (direction === 1) {
    requireType(type, 'public', 'Encryption/key wrapping needs');
  } else {
    requireType(type, 'private', 'Decryption/key unwrapping needs');
  }
  const label = optionalBytes(algorithm, 'label');
  return natives.rsaOaep(direction, handle, hash, label, data) ??
      fail('OperationError', 'RSA-OAEP failed encrypt/decrypt.');
}
