// Ed25519 and X25519 (https://w3c.github.io/webcrypto/#ed25519), and Cloudflare's older name for the
// first, NODE-ED25519.
import {
  ArrayBufferPrototypeGetByteLength, ArrayPrototypePush, TypedArrayPrototypeGetByteLength,
} from '../../internal/primordials.js';
import {bytesOf} from '../../internal/bytes.js';
import {
  exportBytes, exportedNumbers, importDer, importUsages, makePair, requireType,
} from './asymmetric.js';
import {makeCryptoKey} from './crypto_key.js';
import {checkType, checkUse, jwkBytes, writeJwk} from './jwk.js';
import {fail, requiredString} from './parameters.js';
import {checkUsages, kDerivation, kSignature} from './usages.js';

// Which of the two, as natives number them.
function typeOf(name) {
  return name === 'X25519' ? 1 : 0;
}

function curveOf(name) {
  return name === 'X25519' ? 'X25519' : 'Ed25519';
}

function allowedUsages(name) {
  return name === 'X25519' ? kDerivation : kSignature;
}

function record(name, algorithm) {
  if (name !== 'NODE-ED25519') return {__proto__: null, name};
  const curve = requiredString(algorithm, 'namedCurve');
  if (curve !== 'NODE-ED25519') {
    fail('NotSupportedError', `EDDSA curve "${curve}" isn't supported.`);
  }
  return {__proto__: null, name, namedCurve: 'NODE-ED25519'};
}

export function generateOkp(name, algorithm, extractable, asked) {
  const made = record(name, algorithm);
  const usages = checkUsages(asked, allowedUsages(name), 'generate', name);
  return makePair(natives.generateOkp(typeOf(name)), made, extractable, usages);
}

function importMembers(name, jwk) {
  const curve = curveOf(name);
  checkType(jwk, 'OKP', curve);
  if (jwk.crv !== curve) {
    fail('DataError', `Only ${curve} is supported but "${jwk.crv}" was requested.`);
  }
  if (jwk.alg !== undefined && curve === 'Ed25519' && jwk.alg !== 'EdDSA' &&
      jwk.alg !== 'Ed25519') {
    fail('DataError', `JSON Web Key Algorithm parameter "alg" ("${jwk.alg}") does not match ` +
                          'requested Ed25519 curve.');
  }
  const x = jwkBytes(jwk, 'x', `Invalid ${curve} key in JSON WebKey; missing or invalid public ` +
                                   'key component ("x").');
  const size = ArrayBufferPrototypeGetByteLength(x);
  if (size !== 32) fail('DataError', `Invalid length ${size} for public key`);
  if (jwk.d === undefined) return natives.importOkp(typeOf(name), false, x);
  const d = jwkBytes(jwk, 'd', `Invalid ${curve} key in JSON Web Key; missing or invalid private ` +
                                   'key component ("d").');
  if (ArrayBufferPrototypeGetByteLength(d) !== 32) {
    fail('DataError', `Invalid length ${ArrayBufferPrototypeGetByteLength(d)} for private key`);
  }
  const handle = natives.importOkp(typeOf(name), true, d);
  if (handle !== undefined && natives.bytesEqual(natives.exportRaw(handle), x) !== true) {
    fail('DataError', `Invalid ${curve} key in JSON Web Key; the public key does not belong to ` +
                          'the private key.');
  }
  return handle;
}

export function importOkp(name, format, data, algorithm, extractable, asked) {
  const made = record(name, algorithm);
  const allowed = allowedUsages(name);
  let isPrivate = format === 'pkcs8';
  let usages;
  let handle;
  switch (format) {
    case 'jwk':
      isPrivate = data.d !== undefined;
      usages = importUsages(asked, allowed, isPrivate, name);
      checkUse(data, name === 'X25519' ? 'enc' : 'sig', asked, extractable);
      handle = importMembers(name, data);
      break;
    case 'raw': {
      usages = importUsages(asked, allowed, false, name);
      const size = TypedArrayPrototypeGetByteLength(bytesOf(data));
      if (size !== 32) {
        fail('DataError',
             `${curveOf(name)} raw keys must be exactly 32-bytes (provided ${size}).`);
      }
      handle = natives.importOkp(typeOf(name), false, data);
      break;
    }
    case 'spki': case 'pkcs8':
      usages = importUsages(asked, allowed, isPrivate, name);
      handle = importDer(format, data);
      if (natives.keyDetails(handle)[0] !== (name === 'X25519' ? 'X25519' : 'ED25519')) {
        fail('DataError', `Input was not an ${curveOf(name)} key.`);
      }
      break;
    default: fail('NotSupportedError', `Unrecognized key import format "${format}".`);
  }
  if (handle === undefined) fail('DataError', `Invalid ${curveOf(name)} key.`);
  return makeCryptoKey(handle, isPrivate ? 'private' : 'public', extractable, made, usages);
}

export function exportOkp(format, handle, {name}, usages, type) {
  if (format !== 'jwk') return exportBytes(format, handle, type, name, true);
  const numbers = exportedNumbers(handle);
  const members = ['kty', 'OKP', 'crv', curveOf(name), 'x', numbers[0]];
  if (name === 'Ed25519') ArrayPrototypePush(members, 'alg', 'EdDSA');
  if (type === 'private') ArrayPrototypePush(members, 'd', numbers[1]);
  return writeJwk(members, usages);
}

const kEddsa = 3;      // Scheme in signature.h
const kNoDigest = -1;

export function signEddsa(handle, type, data) {
  requireType(type, 'private', 'Asymmetric signing requires');
  return natives.sign(handle, kEddsa, kNoDigest, 0, data) ??
      fail('OperationError', 'Failed to sign with Ed25519 key.');
}

export function verifyEddsa(handle, {name}, type, signature, data) {
  requireType(type, 'public', 'Asymmetric verification requires');
  return natives.verify(handle, kEddsa, kNoDigest, 0, signature, data);
}
