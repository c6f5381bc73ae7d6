'use strict';
const {natives, nativeBinding} = require('atoll/platform');
const {Buffer} = require('buffer');
const {coded, codedType, view} = require('atoll/crypto/common');

const native = nativeBinding('crypto_agreement');

function required(bytes, what) {
  if (bytes === undefined) throw coded('ERR_CRYPTO_INVALID_STATE', `No ${what} key - did you forget to generate one?`);
  return Buffer.from(bytes);
}

let setGroup;

class DiffieHellman {
  #dh;

  constructor(sizeOrPrime, generator) {
    if (sizeOrPrime === undefined) return;
    this.#dh = native.dhNew(typeof sizeOrPrime === 'number' ? sizeOrPrime : view(sizeOrPrime),
                            typeof generator === 'number' ? generator : view(generator));
  }

  get verifyError() { return native.dhProblems(this.#dh); }

  generateKeys() {
    natives.requireInvocation();
    return Buffer.from(native.dhGenerate(this.#dh));
  }

  computeSecret(key) { return Buffer.from(native.dhCompute(this.#dh, view(key))); }
  getPrime() { return Buffer.from(native.dhPrime(this.#dh)); }
  getGenerator() { return Buffer.from(native.dhGenerator(this.#dh)); }
  getPublicKey() { return required(native.dhPublic(this.#dh), 'public'); }
  getPrivateKey() { return required(native.dhPrivate(this.#dh), 'private'); }
  setPublicKey(key) { native.dhSet(this.#dh, false, view(key)); }
  setPrivateKey(key) { native.dhSet(this.#dh, true, view(key)); }

  static {
    setGroup = (target, dh) => { target.#dh = dh; };
  }
}

class DiffieHellmanGroup extends DiffieHellman {
  constructor(name) {
    super(undefined);
    const dh = native.dhGroup(`${name}`);
    if (dh === undefined) throw coded('ERR_CRYPTO_UNKNOWN_DH_GROUP', 'Unknown DH group');
    setGroup(this, dh);
  }
}

class ECDH {
  #key;

  constructor(curve) {
    this.#key = native.ecdhNew(curve);
    if (this.#key === undefined) throw codedType('ERR_CRYPTO_INVALID_CURVE', 'Invalid EC curve name');
  }

  generateKeys() {
    natives.requireInvocation();
    native.ecdhGenerate(this.#key);
  }

  // A string means that the other key is of no use.
  computeSecret(key) {
    const secret = native.ecdhCompute(this.#key, view(key));
    return secret === null ? 'invalid' : Buffer.from(secret);
  }

  getPublicKey(form) {
    const point = native.ecdhPublic(this.#key, form);
    if (point === undefined) throw coded('ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY', 'Failed to get ECDH public key');
    return Buffer.from(point);
  }

  getPrivateKey() {
    const bytes = native.ecdhPrivate(this.#key);
    if (bytes === undefined) throw coded('ERR_CRYPTO_ECDH_INVALID_PRIVATE_KEY', 'Failed to get ECDH private key');
    return Buffer.from(bytes);
  }

  setPrivateKey(key) {
    if (!native.ecdhSetPrivate(this.#key, view(key))) {
      throw coded('ERR_CRYPTO_INVALID_KEYTYPE', 'Private key is not valid for specified curve.');
    }
  }

  setPublicKey(key) {
    if (!native.ecdhSetPublic(this.#key, view(key))) {
      throw coded('ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY', 'Failed to convert Buffer to EC_POINT');
    }
  }
}

function ECDHConvertKey(key, curve, form) {
  const converted = native.ecdhConvert(view(key), curve, form);
  if (converted === undefined) throw codedType('ERR_CRYPTO_INVALID_CURVE', 'Invalid EC curve name');
  if (converted === null) throw coded('ERR_CRYPTO_OPERATION_FAILED', 'Failed to convert Buffer to EC_POINT');
  return Buffer.from(converted);
}

module.exports = {DiffieHellman, DiffieHellmanGroup, ECDH, ECDHConvertKey};
