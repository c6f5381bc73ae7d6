// https://w3c.github.io/webcrypto/#ecdsa and #ecdh.
import {ArrayPrototypePush, StringPrototypeToUpperCase, TypeError} from '../../internal/primordials.js';
import {digestAlgorithm} from '../digest_algorithms.js';
import {
  exportBytes, exportedNumbers, importDer, importUsages, makePair, requireType,
} from './asymmetric.js';
import {makeCryptoKey} from './crypto_key.js';
import {checkType, checkUse, jwkBytes, writeJwk} from './jwk.js';
import {fail, memberOf, requiredString} from './parameters.js';
import {checkUsages, kDerivation, kSignature} from './usages.js';

const kCurves = ['P-256', 'P-384', 'P-521'];
const kOpensslNames = ['prime256v1', 'secp384r1', 'secp521r1'];
const kJwkAlgorithms = ['ES256', 'ES384', 'ES512'];

// The curve's number, which natives take.
function requiredCurve(algorithm) {
  const name = requiredString(algorithm, 'namedCurve');
  const upper = StringPrototypeToUpperCase(name);
  for (let i = 0; i < kCurves.length; i++) {
    if (kCurves[i] === upper) return i;
  }
  fail('NotSupportedError', `Unrecognized or unimplemented EC curve "${name}" requested.`);
}

function record(name, curve) {
  return {__proto__: null, name, namedCurve: kCurves[curve]};
}

export function generateEc(name, algorithm, extractable, asked) {
  const curve = requiredCurve(algorithm);
  const usages =
      checkUsages(asked, name === 'ECDH' ? kDerivation : kSignature, 'generate', name);
  return makePair(natives.generateEc(curve), record(name, curve), extractable, usages);
}

function importNumbers(name, curve, jwk) {
  checkType(jwk, 'EC', 'Elliptic curve');
  if (name === 'ECDSA' && jwk.alg !== undefined && jwk.alg !== kJwkAlgorithms[curve]) {
    fail('DataError',
         `JSON Web Key Algorithm parameter "alg" ("${jwk.alg}") does not match requested curve.`);
  }
  if (jwk.crv !== kCurves[curve]) {
    fail('DataError', `"algorithm.namedCurve" "${kCurves[curve]}" does not match the curve ` +
                          'specified by the input key data.');
  }
  const x = jwkBytes(jwk, 'x', 'Invalid EC key in JSON Web Key; missing "x".');
  const y = jwkBytes(jwk, 'y', 'Invalid EC key in JSON Web Key; missing "y".');
  const d = jwk.d === undefined ? undefined :
      jwkBytes(jwk, 'd', 'Invalid EC key in JSON Web Key; missing or invalid private key ' +
                             'component ("d").');
  return natives.importEcNumbers(curve, x, y, d) ??
      fail('DataError', 'Invalid EC key in JSON Web Key.');
}

export function importEc(name, format, data, algorithm, extractable, asked) {
  const curve = requiredCurve(algorithm);
  const allowed = name === 'ECDH' ? kDerivation : kSignature;
  let isPrivate = format === 'pkcs8';
  let usages;
  let handle;
  switch (format) {
    case 'jwk':
      isPrivate = data.d !== undefined;
      usages = importUsages(asked, allowed, isPrivate, name);
      checkUse(data, name === 'ECDH' ? 'enc' : 'sig', asked, extractable);
      handle = importNumbers(name, curve, data);
      break;
    case 'raw':
      usages = importUsages(asked, allowed, false, name);
      handle = natives.importEcPoint(curve, data) ??
          fail('DataError', 'Failed to import raw EC key data.');
      break;
    case 'spki': case 'pkcs8': {
      usages = importUsages(asked, allowed, isPrivate, name);
      handle = importDer(format, data);
      const details = natives.keyDetails(handle);
      if (details[0] !== 'EC') fail('DataError', 'Input was not an EC key.');
      if (details[1] !== kOpensslNames[curve]) {
        fail('DataError', `"algorithm.namedCurve" "${kCurves[curve]}" does not match the curve ` +
                              'specified by the input key data.');
      }
      break;
    }
    default: fail('NotSupportedError', `Unrecognized key import format "${format}".`);
  }
  return makeCryptoKey(handle, isPrivate ? 'private' : 'public', extractable, record(name, curve),
                       usages);
}

export function exportEc(format, handle, {name, namedCurve}, usages, type) {
  if (format !== 'jwk') return exportBytes(format, handle, type, name, true);
  const numbers = exportedNumbers(handle);
  const members = ['kty', 'EC', 'crv', namedCurve, 'x', numbers[0], 'y', numbers[1]];
  if (type === 'private') ArrayPrototypePush(members, 'd', numbers[2]);
  return writeJwk(members, usages);
}

function requiredCallHash(algorithm) {
  const hash = memberOf(algorithm, 'hash');
  if (hash === undefined) {
    throw new TypeError(
        'Missing "hash" in AlgorithmIdentifier. (ECDSA requires that the hash algorithm be ' +
        'specified at call time rather than on the key. This differs from other WebCrypto ' +
        'algorithms for historical reasons.)');
  }
  return digestAlgorithm(hash);
}

const kEcdsa = 2;  // Scheme in signature.h

export function signEcdsa(handle, type, algorithm, data) {
  const hash = requiredCallHash(algorithm);
  requireType(type, 'private', 'Asymmetric signing requires');
  return natives.sign(handle, kEcdsa, hash, 0, data) ??
      fail('OperationError', 'ECDSA signing failed.');
}

export function verifyEcdsa(handle, type, algorithm, signature, data) {
  const hash = requiredCallHash(algorithm);
  requireType(type, 'public', 'Asymmetric verification requires');
  return natives.verify(handle, kEcdsa, hash, 0, signature, data);
}
