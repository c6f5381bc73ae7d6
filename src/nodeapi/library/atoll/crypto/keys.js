'use strict';
// KeyObjectHandle: a key of C++'s, and the forms it comes and goes in. Web Crypto's CryptoKeys are the platform's own.
const {ArrayPrototypeIndexOf, ObjectDefineProperty, StringPrototypeToLowerCase, Uint8Array} = primordials;
const {natives, nativeBinding, webValue} = require('atoll/platform');
const {Buffer} = require('buffer');
const {coded, codedType, view} = require('atoll/crypto/common');

const native = nativeBinding('crypto_keys');

const kKeyTypeSecret = 0;
const kKeyTypePublic = 1;
const kKeyTypePrivate = 2;
// Those of C++ first: key_encoding.h.
const kKeyFormatDER = 0;
const kKeyFormatPEM = 1;
const kKeyFormatJWK = 2;
const kKeyFormatRawPublic = 3;
const kKeyFormatRawPrivate = 4;
const kKeyFormatRawSeed = 5;
const kKeyFormatStore = 6;
const kKeyEncodingPKCS1 = 0;
const kKeyEncodingPKCS8 = 1;
const kKeyEncodingSPKI = 2;
const kKeyEncodingSEC1 = 3;

function jwkMember(jwk, name) {
  const value = jwk[name];
  if (value === undefined) throw codedType('ERR_CRYPTO_INVALID_JWK', `${jwk.kty === 'OKP' ? 'OKP' : jwk.kty} JWK missing ${name} parameter`);
  const bytes = typeof value === 'string' ? natives.fromBase64Url(value) : undefined;
  if (bytes === undefined) throw codedType('ERR_CRYPTO_INVALID_JWK', `${jwk.kty} JWK invalid ${name} parameter`);
  return new Uint8Array(bytes);
}

function jwkCurve(jwk) {
  if (typeof jwk.crv !== 'string') throw codedType('ERR_CRYPTO_INVALID_JWK', `${jwk.kty} JWK missing crv parameter`);
  return jwk.crv;
}

const unusableJwk = (kty) => codedType('ERR_CRYPTO_INVALID_JWK', `Invalid JWK ${kty} key`);

function fromJwk(jwk, isPrivate) {
  switch (jwk.kty) {
    case 'RSA': {
      const numbers = [jwkMember(jwk, 'n'), jwkMember(jwk, 'e')];
      if (isPrivate) {
        for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi']) numbers[numbers.length] = jwkMember(jwk, name);
      }
      const key = native.keyFromRsaNumbers(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], numbers[7]);
      if (key === undefined) throw unusableJwk('RSA');
      return key;
    }
    case 'EC': {
      const curve = jwkCurve(jwk);
      const x = jwkMember(jwk, 'x');
      const y = jwkMember(jwk, 'y');
      const key = native.keyFromEcNumbers(curve, x, y, isPrivate ? jwkMember(jwk, 'd') : undefined);
      if (key === undefined) throw unusableJwk('EC');
      return key;
    }
    case 'OKP': {
      const curve = StringPrototypeToLowerCase(jwkCurve(jwk));
      if (curve !== 'ed25519' && curve !== 'x25519' && curve !== 'ed448' && curve !== 'x448') {
        throw codedType('ERR_CRYPTO_INVALID_CURVE', 'OKP JWK unsupported crv parameter');
      }
      const key = native.keyFromRaw(curve, isPrivate, jwkMember(jwk, isPrivate ? 'd' : 'x'), undefined);
      if (key === undefined) throw unusableJwk('OKP');
      return key;
    }
    default:
      throw codedType('ERR_CRYPTO_INVALID_JWK', `JWK ${isPrivate ? 'private' : 'public'} key import is not implemented for this key type`);
  }
}

// What Node's library got out of a key argument, as a handle.
function resolve(data, format, type, passphrase, namedCurve, isPrivate) {
  if (isHandle(data)) return nativeOf(data);
  switch (format) {
    case kKeyFormatJWK:
      return fromJwk(data, isPrivate || data.d !== undefined && isPrivate !== false);
    case kKeyFormatRawPublic: case kKeyFormatRawPrivate: {
      const key = native.keyFromRaw(type, format === kKeyFormatRawPrivate, view(data), namedCurve ?? undefined);
      if (key === undefined) throw coded('ERR_INVALID_ARG_VALUE', 'Invalid raw key');
      return key;
    }
    case kKeyFormatRawSeed: case kKeyFormatStore:
      throw coded('ERR_METHOD_NOT_IMPLEMENTED', 'Keys of this kind are not supported');
  }
  const parse = isPrivate ? native.keyParsePrivate : native.keyParsePublic;
  return parse(view(data), format, type ?? undefined, view(passphrase));
}

let isHandle;
let nativeOf;
let handleFrom;

class KeyObjectHandle {
  #key;
  #type;
  #extractable = true;  // unless it is that of a CryptoKey which is not

  init(type, data, format, encoding, passphrase, namedCurve) {
    this.#type = type;
    if (type === kKeyTypeSecret) {
      this.#key = native.keySecret(view(data));
    } else if (isHandle(data)) {
      this.#key = type === kKeyTypePublic ? native.keyPublic(data.#key) : data.#key;
      this.#extractable = type === kKeyTypePublic || data.#extractable;
    } else {
      const key = resolve(data, format, encoding, passphrase, namedCurve, type === kKeyTypePrivate);
      this.#key = type === kKeyTypePublic ? native.keyPublic(key) : key;
    }
  }

  getKeyType() { return this.#type; }
  getSymmetricKeySize() { return native.keySize(this.#key); }
  getAsymmetricKeyType() { return native.keyTypeName(this.#key); }

  keyDetail(details) {
    const list = native.keyDetail(this.#key);
    for (let i = 0; i < list.length; i += 2) details[list[i]] = list[i + 1];
    return details;
  }

  equals(other) {
    return this.#extractable && other.#extractable && natives.keysEqual(this.#key, other.#key);
  }

  checkEcKeyData() { return true; }  // done when the key was read

  #requireExtractable() {
    if (!this.#extractable) throw codedType('ERR_CRYPTO_INVALID_STATE', 'Unable to export non-extractable key');
  }

  export(format, encoding, cipher, passphrase) {
    this.#requireExtractable();
    if (this.#type === kKeyTypeSecret) return Buffer.from(native.keySecretBytes(this.#key));
    const bytes = native.keyExport(this.#key, format, encoding, cipher ?? undefined, view(passphrase));
    return format === kKeyFormatPEM ? Buffer.from(bytes).latin1Slice() : Buffer.from(bytes);
  }

  exportJwk(jwk) {
    this.#requireExtractable();
    if (this.#type === kKeyTypeSecret) {
      return assign(jwk, ['kty', 'oct', 'k', natives.toBase64Url(native.keySecretBytes(this.#key)), 'ext', true]);
    }
    return assign(jwk, jwkMembers(this.#key, this.#type === kKeyTypePrivate));
  }

  rawPublicKey() { return rawBytes(native.keyRaw(this.#key, false)); }
  rawPrivateKey() {
    this.#requireExtractable();
    return rawBytes(native.keyRaw(this.#key, true));
  }

  exportECPublicRaw(form) { return rawBytes(native.keyEcPoint(this.#key, form)); }

  exportECPrivateRaw() {
    this.#requireExtractable();
    const numbers = natives.exportNumbers(this.#key);
    return rawBytes(numbers === undefined ? undefined : natives.fromBase64Url(numbers[2]));
  }

  rawSeed() { return rawBytes(undefined); }

  static {
    isHandle = (value) => typeof value === 'object' && value !== null && #key in value;
    nativeOf = (handle) => handle.#key;
    handleFrom = (type, key, extractable = true) => {
      const handle = new KeyObjectHandle();
      handle.#extractable = extractable;
      handle.#type = type;
      handle.#key = key;
      return handle;
    };
  }
}

function rawBytes(bytes) {
  if (bytes === undefined) throw coded('ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS', 'The key has no such raw form');
  return Buffer.from(bytes);
}

function assign(object, members) {
  for (let i = 0; i < members.length; i += 2) {
    ObjectDefineProperty(object, members[i], {__proto__: null, value: members[i + 1], writable: true, enumerable: true, configurable: true});
  }
  return object;
}

const kJwkCurves = {__proto__: null, prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521', secp256k1: 'secp256k1'};
const kOkpCurves = {__proto__: null, ed25519: 'Ed25519', x25519: 'X25519', ed448: 'Ed448', x448: 'X448'};
const kRsaMembers = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'];

function jwkMembers(key, isPrivate) {
  const type = native.keyTypeName(key);
  let members;
  let names;
  if (type === 'rsa') {
    members = ['kty', 'RSA'];
    names = kRsaMembers;
  } else if (type === 'ec') {
    const curve = kJwkCurves[native.keyDetail(key)[1]];
    if (curve === undefined) throw coded('ERR_CRYPTO_JWK_UNSUPPORTED_CURVE', `Unsupported JWK EC curve: ${native.keyDetail(key)[1]}.`);
    members = ['kty', 'EC', 'crv', curve];
    names = ['x', 'y', 'd'];
  } else if (kOkpCurves[type] !== undefined) {
    members = ['kty', 'OKP', 'crv', kOkpCurves[type]];
    if (type === 'ed25519') members = ['kty', 'OKP', 'crv', 'Ed25519', 'alg', 'EdDSA'];
    names = ['x', 'd'];
  }
  const numbers = names === undefined ? undefined : natives.exportNumbers(key);
  if (numbers === undefined) throw coded('ERR_CRYPTO_JWK_UNSUPPORTED_KEY_TYPE', 'Key type is invalid for JWK export');
  const count = isPrivate ? numbers.length : type === 'rsa' || type === 'ec' ? 2 : 1;
  for (let i = 0; i < count; i++) members[members.length] = names[i], members[members.length] = numbers[i];
  return members;
}

// What a key pair's half is to be given as.
function encoded(type, key, format, encoding, cipher, passphrase) {
  const handle = handleFrom(type, key);
  if (format === undefined) return handle;
  if (format === kKeyFormatJWK) return handle.exportJwk({});
  if (format === kKeyFormatRawPublic) {
    return handle.getAsymmetricKeyType() === 'ec' ? handle.exportECPublicRaw(encoding) : handle.rawPublicKey();
  }
  if (format === kKeyFormatRawPrivate) {
    return handle.getAsymmetricKeyType() === 'ec' ? handle.exportECPrivateRaw() : handle.rawPrivateKey();
  }
  return handle.export(format, encoding, cipher, passphrase);
}

// ---- KeyObject ------------------------------------------------------------------------------

let isKeyObject;
let getKeyObjectSlots;

class NativeKeyObject {
  #handle;
  constructor(handle) { this.#handle = handle; }
  static {
    isKeyObject = (value) => typeof value === 'object' && value !== null && #handle in value;
    getKeyObjectSlots = (key) => [key.#handle.getKeyType(), key.#handle];
  }
}

const createNativeKeyObjectClass = (make) => make(NativeKeyObject);

// ---- CryptoKey ------------------------------------------------------------------------------
// To Node's library a CryptoKey is an InternalCryptoKey. Its base class here returns the platform's CryptoKey, onto which
// InternalCryptoKey puts its private field.

const kTypes = {__proto__: null, secret: kKeyTypeSecret, public: kKeyTypePublic, private: kKeyTypePrivate};
const kTypeNames = ['secret', 'public', 'private'];
const kDigestNames = ['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];

let innards;  // of the platform's class
const platform = () => innards ??= webValue('CryptoKeyInnards');

let adopted;
let InternalCryptoKey;

class NativeCryptoKey {
  constructor(handle, algorithm, usagesMask, extractable) {
    if (adopted !== undefined) {
      const key = adopted;
      adopted = undefined;
      return key;
    }
    const {hash, name, length, modulusLength, publicExponent, namedCurve} = algorithm;
    const number = hash === undefined ? undefined : ArrayPrototypeIndexOf(kDigestNames, hash.name);
    return platform().makeCryptoKey(
      nativeOf(handle), kTypeNames[handle.getKeyType()], extractable,
      {__proto__: null, name, length, modulusLength, publicExponent, namedCurve, hash: number}, usagesMask);
  }
}

function createCryptoKeyClass(make) {
  const classes = make(NativeCryptoKey);
  InternalCryptoKey = classes[1];
  return classes;
}

function isCryptoKey(value) {
  if (!platform().isCryptoKey(value)) return false;
  adopted = value;
  new InternalCryptoKey(undefined, undefined, 0, false);
  return true;
}

function getCryptoKeySlots(key) {
  const {algorithmOf, handleOf, usagesOf} = platform();
  const own = algorithmOf(key);
  const algorithm = {__proto__: null, name: own.name};
  if (own.hash !== undefined) algorithm.hash = {__proto__: null, name: kDigestNames[own.hash]};
  for (const name of ['length', 'modulusLength', 'publicExponent', 'namedCurve']) {
    if (own[name] !== undefined) algorithm[name] = own[name];
  }
  const type = kTypes[key.type];
  return [type, key.extractable, algorithm, usagesOf(key), handleFrom(type, handleOf(key), key.extractable), undefined, undefined];
}

module.exports = {
  createCryptoKeyClass, createNativeKeyObjectClass, encoded, getCryptoKeySlots, getKeyObjectSlots, handleFrom, isCryptoKey, isHandle,
  isKeyObject, kKeyEncodingPKCS1, kKeyEncodingPKCS8, kKeyEncodingSEC1, kKeyEncodingSPKI, kKeyFormatDER, kKeyFormatJWK, kKeyFormatPEM,
  kKeyFormatRawPrivate, kKeyFormatRawPublic, kKeyFormatRawSeed, kKeyFormatStore, KeyObjectHandle, kKeyTypePrivate, kKeyTypePublic,
  kKeyTypeSecret, nativeOf, resolve,
};
