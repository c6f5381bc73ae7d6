'use strict';
const {Symbol} = primordials;
const {nativeBinding} = require('atoll/platform');
const {Buffer} = require('buffer');
const {coded, inputBytes, invalidDigest, Job, view} = require('atoll/crypto/common');
const {resolve} = require('atoll/crypto/keys');

const native = nativeBinding('crypto_sign');
const {hashNew, hashUpdate} = nativeBinding('crypto_hash');

const kSigEncP1363 = 1;
const kSignJobModeSign = 0;
const kState = Symbol('state');  // of a digest

// The digest, which can be had once.
function take(context, what) {
  const state = context[kState];
  if (state === undefined) throw coded('ERR_CRYPTO_INVALID_STATE', `${what} context has already been finalized`);
  context[kState] = undefined;
  return state;
}

class Sign {
  [kState];

  init(algorithm) {
    this[kState] = hashNew(algorithm, -1);
    if (this[kState] === undefined) throw invalidDigest(algorithm);
  }

  update(data, encoding) {
    if (this[kState] === undefined) throw coded('ERR_CRYPTO_INVALID_STATE', 'The context has already been finalized');
    return hashUpdate(this[kState], inputBytes(data, encoding));
  }

  sign(data, format, type, passphrase, namedCurve, padding, saltLength, encoding) {
    const key = resolve(data, format, type, passphrase, namedCurve, true);
    return Buffer.from(native.signFinal(take(this, 'Signing'), key, padding, saltLength, encoding === kSigEncP1363));
  }
}

class Verify extends Sign {
  verify(data, format, type, passphrase, namedCurve, signature, padding, saltLength, encoding) {
    const key = resolve(data, format, type, passphrase, namedCurve, false);
    return native.verifyFinal(take(this, 'Verification'), key, padding, saltLength, encoding === kSigEncP1363, view(signature));
  }
}

class SignJob extends Job {
  #key;
  #values;

  constructor(mode, what, data, format, type, passphrase, namedCurve, message, algorithm, saltLength, padding, encoding, context, signature) {
    super(mode);
    this.#key = resolve(data, format, type, passphrase, namedCurve, what === kSignJobModeSign);
    this.#values = [view(message), algorithm ?? undefined, padding, saltLength, encoding === kSigEncP1363, view(context), view(signature), what];
  }

  work() {
    const {0: message, 1: algorithm, 2: padding, 3: saltLength, 4: p1363, 5: context, 6: signature, 7: what} = this.#values;
    return what === kSignJobModeSign ?
      native.signData(this.#key, algorithm, message, padding, saltLength, p1363, context) :
      native.verifyData(this.#key, algorithm, message, padding, saltLength, p1363, context, signature);
  }
}

module.exports = {Sign, SignJob, Verify, kSigEncDER: 0, kSigEncP1363, kSignJobModeSign, kSignJobModeVerify: 1};
