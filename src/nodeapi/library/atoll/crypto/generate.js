'use strict';
const {natives, nativeBinding} = require('atoll/platform');
const {codedType, Job, view} = require('atoll/crypto/common');
const {encoded, handleFrom, kKeyTypePrivate, kKeyTypePublic, kKeyTypeSecret} = require('atoll/crypto/keys');

const native = nativeBinding('crypto_generate');

const kKeyVariantRSA_SSA_PKCS1_v1_5 = 0;
const kKeyVariantRSA_PSS = 1;
const kKeyVariantRSA_OAEP = 2;

const kMostSecretBits = 65536;

// The last six arguments of a constructor say in which form the halves are wanted.
class KeyPairJob extends Job {
  #make;
  #forms;

  constructor(mode, make, forms) {
    super(mode);
    this.#make = make;
    this.#forms = forms;
  }

  work() {
    natives.requireInvocation();
    const {0: publicKey, 1: privateKey} = this.#make();
    const {0: publicFormat, 1: publicType, 2: format, 3: type, 4: cipher, 5: passphrase} = this.#forms;
    return [
      encoded(kKeyTypePublic, publicKey, publicFormat, publicType),
      encoded(kKeyTypePrivate, privateKey, format, type, cipher, view(passphrase)),
    ];
  }
}

class RsaKeyPairGenJob extends KeyPairJob {
  constructor(mode, variant, bits, exponent, ...rest) {
    if (variant === kKeyVariantRSA_PSS) {
      const {0: hash, 1: mgf1Hash, 2: saltLength, length} = rest;
      const forms = [];
      for (let i = 3; i < length; i++) forms[i - 3] = rest[i];
      super(mode, () => native.generateRsa(bits, exponent, true, hash, mgf1Hash, saltLength), forms);
    } else {
      super(mode, () => native.generateRsa(bits, exponent, false), rest);
    }
  }
}

class DsaKeyPairGenJob extends KeyPairJob {
  constructor(mode, bits, divisor, ...forms) { super(mode, () => native.generateDsa(bits, divisor), forms); }
}

class EcKeyPairGenJob extends KeyPairJob {
  constructor(mode, curve, encoding, ...forms) {
    super(mode, () => {
      const pair = native.generateEc(curve, encoding === 0);
      if (pair === undefined) throw codedType('ERR_CRYPTO_INVALID_CURVE', 'Invalid EC curve name');
      return pair;
    }, forms);
  }
}

class DhKeyPairGenJob extends KeyPairJob {
  constructor(mode, source, ...rest) {
    if (typeof source === 'string') {
      super(mode, () => native.generateDh(source, 2), rest);
    } else {
      const forms = [];
      for (let i = 1; i < rest.length; i++) forms[i - 1] = rest[i];
      super(mode, () => native.generateDh(typeof source === 'number' ? source : view(source), rest[0]), forms);
    }
  }
}

class NamedKeyPairGenJob extends KeyPairJob {
  constructor(mode, name, ...forms) { super(mode, () => native.generateNamed(name), forms); }
}

class SecretKeyGenJob extends Job {
  #bits;
  constructor(mode, bits) {
    super(mode);
    if (bits > kMostSecretBits) {
      const {codes: {ERR_OUT_OF_RANGE}} = require('internal/errors');
      throw new ERR_OUT_OF_RANGE('options.length', `>= 8 && <= ${kMostSecretBits}`, bits);
    }
    this.#bits = bits;
  }
  work() {
    natives.requireInvocation();
    return handleFrom(kKeyTypeSecret, natives.randomSecretKey(this.#bits - this.#bits % 8));
  }
}

module.exports = {
  DhKeyPairGenJob, DsaKeyPairGenJob, EcKeyPairGenJob, kKeyVariantRSA_OAEP, kKeyVariantRSA_PSS, kKeyVariantRSA_SSA_PKCS1_v1_5,
  NamedKeyPairGenJob, RsaKeyPairGenJob, SecretKeyGenJob, OPENSSL_EC_EXPLICIT_CURVE: 0, OPENSSL_EC_NAMED_CURVE: 1,
};
