'use strict';
const {Uint8Array} = primordials;
const {natives, nativeBinding} = require('atoll/platform');
const {codedRange, invalidDigest, Job, view} = require('atoll/crypto/common');
const {isHandle, nativeOf, resolve} = require('atoll/crypto/keys');

const native = nativeBinding('crypto_derive');
const generation = nativeBinding('crypto_generate');
const {hashNew} = nativeBinding('crypto_hash');

const kMostIterations = 100_000;

const secret = (key) => isHandle(key) ? nativeOf(key) : view(key);

function requireDigest(name) {
  if (hashNew(name, -1) === undefined) throw invalidDigest(name);
}

class PBKDF2Job extends Job {
  #values;
  constructor(mode, password, salt, iterations, length, digest) {
    super(mode);
    this.#values = [digest, secret(password), view(salt), iterations, length];
  }
  work() {
    const {0: digest, 1: password, 2: salt, 3: iterations, 4: length} = this.#values;
    requireDigest(digest);
    if (iterations > kMostIterations) {
      throw codedRange('ERR_OUT_OF_RANGE', `Pbkdf2 failed: iteration counts above ${kMostIterations} are not supported (requested ${iterations}).`);
    }
    return native.pbkdf2(digest, password, salt, iterations, length);
  }
}

class HKDFJob extends Job {
  #values;
  constructor(mode, digest, key, salt, info, length) {
    super(mode);
    this.#values = [digest, secret(key), view(salt), view(info), length];
  }
  work() {
    const {0: digest, 1: key, 2: salt, 3: info, 4: length} = this.#values;
    requireDigest(digest);
    const bits = native.hkdf(digest, key, salt, info, length);
    if (bits === null) throw codedRange('ERR_CRYPTO_INVALID_KEYLEN', 'Invalid key length');
    return bits;
  }
}

class ScryptJob extends Job {
  #values;
  constructor(mode, password, salt, N, r, p, maxmem, length) {
    super(mode);
    this.#values = [view(password), view(salt), N, r, p, maxmem, length];
  }
  work() {
    const {0: password, 1: salt, 2: N, 3: r, 4: p, 5: maxmem, 6: length} = this.#values;
    return native.scrypt(password, salt, N, r, p, maxmem, length);
  }
}

class DHBitsJob extends Job {
  #public;
  #private;
  constructor(mode, publicData, publicFormat, publicType, publicPassphrase, publicCurve, data, format, type, passphrase, curve) {
    super(mode);
    this.#public = resolve(publicData, publicFormat, publicType, publicPassphrase, publicCurve, false);
    this.#private = resolve(data, format, type, passphrase, curve, true);
  }
  work() { return native.agree(this.#private, this.#public); }
}

class RandomBytesJob extends Job {
  #values;
  constructor(mode, target, offset, size) {
    super(mode);
    this.#values = [view(target), offset, size];
  }
  work() {
    natives.requireInvocation();
    const {0: target, 1: offset, 2: size} = this.#values;
    native.randomFill(target, offset, size);
  }
}

class RandomPrimeJob extends Job {
  #values;
  constructor(mode, size, safe, add, rem) {
    super(mode);
    this.#values = [size, safe, view(add), view(rem)];
  }
  work() {
    natives.requireInvocation();
    const {0: size, 1: safe, 2: add, 3: rem} = this.#values;
    return generation.generatePrime(size, safe, add, rem);
  }
}

class CheckPrimeJob extends Job {
  #candidate;
  constructor(mode, candidate) {
    super(mode);
    this.#candidate = view(candidate);
  }
  work() { return generation.checkPrime(this.#candidate); }
}

function timingSafeEqual(a, b) {
  const {codes: {ERR_INVALID_ARG_TYPE}} = require('internal/errors');
  const kKinds = ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'];
  const left = view(a);
  const right = view(b);
  if (left === undefined) throw new ERR_INVALID_ARG_TYPE('buf1', kKinds, a);
  if (right === undefined) throw new ERR_INVALID_ARG_TYPE('buf2', kKinds, b);
  if (left.byteLength !== right.byteLength) {
    throw codedRange('ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH', 'Input buffers must have the same byte length');
  }
  return native.timingSafeEqual(left, right);
}

function secureBuffer(size) { return new Uint8Array(size); }

module.exports = {
  CheckPrimeJob, DHBitsJob, HKDFJob, native, PBKDF2Job, RandomBytesJob, RandomPrimeJob, ScryptJob, secureBuffer, timingSafeEqual,
};
