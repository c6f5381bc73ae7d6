'use strict';
const {ArrayPrototypeFilter, StringPrototypeStartsWith} = primordials;
const {nativeBinding} = require('atoll/platform');
const {coded, inputBytes, Job, output, view} = require('atoll/crypto/common');
const {isHandle, nativeOf} = require('atoll/crypto/keys');

const native = nativeBinding('crypto_hash');

class Hash {
  #state;
  #result;

  // `algorithm`: a name or another Hash.
  constructor(algorithm, outputLength, id, cache, functionName, customization) {
    if (functionName !== undefined || customization !== undefined) {
      throw coded('ERR_METHOD_NOT_IMPLEMENTED', 'functionName and customization are not supported');
    }
    if (typeof algorithm !== 'string') {
      if (algorithm.#result !== undefined) throw coded('ERR_CRYPTO_HASH_FINALIZED', 'Hash context has already been finalized.');
      this.#state = native.hashCopy(algorithm.#state, outputLength ?? -1);
      return;
    }
    this.#state = native.hashNew(algorithm, outputLength ?? -1);
    if (this.#state === undefined) throw coded('ERR_OSSL_EVP_UNSUPPORTED', 'Digest method not supported');
  }

  update(data, encoding) { return native.hashUpdate(this.#state, inputBytes(data, encoding)); }

  digest(encoding) {
    this.#result ??= native.hashFinal(this.#state);
    return output(this.#result, encoding);
  }
}

class Hmac {
  #state;

  init(name, key) {
    this.#state = native.hmacNew(name, isHandle(key) ? nativeOf(key) : view(key));
    if (this.#state === undefined) throw coded('ERR_CRYPTO_INVALID_DIGEST', 'Digest method not supported');
  }

  update(data, encoding) { return native.hmacUpdate(this.#state, inputBytes(data, encoding)); }
  digest(encoding) { return output(native.hmacFinal(this.#state), encoding); }
}

function oneShotDigest(algorithm, id, cache, input, encoding, encodingNumber, outputLength, functionName, customization) {
  const hash = new Hash(algorithm, outputLength, id, cache, functionName, customization);
  hash.update(input, 'utf8');
  return hash.digest(encoding);
}

class HashJob extends Job {
  #hash;
  #data;
  constructor(mode, algorithm, data, bits) {
    super(mode);
    this.#hash = new Hash(algorithm, bits === undefined ? undefined : bits / 8);
    this.#data = data;
  }
  work() {
    this.#hash.update(view(this.#data));
    return this.#hash.digest();
  }
}

// Those that every user of a hash can take: HMAC and HKDF refuse functions without a length of their own, which createHash() knows.
function getHashes() { return ArrayPrototypeFilter(native.hashNames(), (name) => !StringPrototypeStartsWith(name, 'shake')); }

module.exports = {Hash, HashJob, Hmac, getHashes, oneShotDigest};
