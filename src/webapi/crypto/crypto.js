// https://w3c.github.io/webcrypto/#crypto-interface: randomness, digests and what Cloudflare adds
// to them.
import {
  ArrayBufferIsView, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetSymbolToStringTag,
  TypeError,
} from '../internal/primordials.js';
import {
  defineInterface, illegalConstructor, illegalInvocation, isBufferSource, isObject, kInternal,
  requireArguments,
} from '../internal/webidl.js';
import {createDOMException} from '../internal/dom_exception.js';
import {defineValueNow} from '../internal/lazy.js';
import {DigestStream} from './digest_stream.js';
import {digestAlgorithm} from './digest_algorithms.js';
import {
  decrypt, deriveBits, deriveKey, encrypt, exportKey, generateKey, importKey, sign, unwrapKey,
  verify, wrapKey,
} from './subtle/operations.js';

const kMostRandomBytes = 65536;

export class Crypto {
  #subtle;

  constructor(key = undefined, subtle = undefined) {
    if (key !== kInternal) illegalConstructor();
    this.#subtle = subtle;
  }

  get subtle() { return this.#subtle; }

  getRandomValues(array) {
    if (!isObject(this) || !(#subtle in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'Crypto.getRandomValues');
    switch (TypedArrayPrototypeGetSymbolToStringTag(array)) {
      case 'Int8Array':
      case 'Uint8Array':
      case 'Uint8ClampedArray':
      case 'Int16Array':
      case 'Uint16Array':
      case 'Int32Array':
      case 'Uint32Array':
      case 'BigInt64Array':
      case 'BigUint64Array':
        break;
      default:
        if (!ArrayBufferIsView(array)) {
          throw new TypeError('Crypto.getRandomValues: the argument is not an ArrayBufferView.');
        }
        throw createDOMException(
            'ArrayBufferView argument to getRandomValues() must be an integer-typed view.',
            'TypeMismatchError');
    }
    const size = TypedArrayPrototypeGetByteLength(array);
    if (size > kMostRandomBytes) {
      throw createDOMException(
          `getRandomValues() only accepts buffers of size <= 64K but provided ${size} bytes.`,
          'QuotaExceededError');
    }
    natives.requireInvocation();
    natives.fillRandom(array);
    return array;
  }

  randomUUID() {
    if (!isObject(this) || !(#subtle in this)) illegalInvocation();
    natives.requireInvocation();
    return natives.randomUUID();
  }
}
defineInterface(Crypto, 'Crypto');
defineValueNow(Crypto.prototype, 'DigestStream', DigestStream, false);

function requireBufferSource(value, name) {
  if (!isBufferSource(value)) {
    throw new TypeError(`${name} is not an ArrayBuffer or a view of one.`);
  }
  return value;
}

export class SubtleCrypto {
  #branded = true;

  constructor(key = undefined) {
    if (key !== kInternal) illegalConstructor();
  }

  async digest(algorithm, data) {
    if (!isObject(this) || !(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 2, 'SubtleCrypto.digest');
    const number = digestAlgorithm(algorithm);
    return natives.digest(number, requireBufferSource(data, 'SubtleCrypto.digest: the data'));
  }

  async encrypt(algorithm, key, data) {
    if (!isObject(this) || !(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 3, 'SubtleCrypto.encrypt');
    return encrypt(algorithm, key, data);
  }

  async decrypt(algorithm, key, data) {
    if (!isObject(this) || !(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 3, 'SubtleCrypto.decrypt');
    return decrypt(algorithm, key, data);
  }

  async sign(algorithm, key, data) {
    if (!isObject(this) || !(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 3, 'SubtleCrypto.sign');
    return sign(algorithm, key, data);
  }

  async verify(algorithm, key, signature, data) {
    if (!isObject(this) || !(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 4, 'SubtleCrypto.verify');
    return verify(algorithm, key, signature, data);
  }

  async generateKey(algorithm, extractable, keyUsages) {
    if (!isObject(this) || !(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 3, 'SubtleCrypto.generateKey');
    natives.requireInvocation();
    return generateKey(algorithm, extractable, keyUsages);
  }

  async deriveKey(algorithm, baseKey, derivedKeyType, extractable, keyUsages) {
    if (!isObject(this) || !(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 5, 'SubtleCrypto.deriveKey');
    return deriveKey(algorithm, baseKey, derivedKeyType, extractable, keyUsages);
  }

  async deriveBits(algorithm, baseKey, length = null) {
    if (!isObject(this) || !(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 2, 'SubtleCrypto.deriveBits');
    return deriveBits(algorithm, baseKey, length);
  }

  async importKey(format, keyData, algorithm, extractable, keyUsages) {
    if (!isObject(this) || !(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 5, 'SubtleCrypto.importKey');
    return importKey(format, keyData, algorithm, extractable, keyUsages);
  }

  async exportKey(format, key) {
    if (!isObject(this) || !(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 2, 'SubtleCrypto.exportKey');
    return exportKey(format, key);
  }

  async wrapKey(format, key, wrappingKey, wrapAlgorithm) {
    if (!isObject(this) || !(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 4, 'SubtleCrypto.wrapKey');
    return wrapKey(format, key, wrappingKey, wrapAlgorithm);
  }

  async unwrapKey(format, wrappedKey, unwrappingKey, unwrapAlgorithm, unwrappedKeyAlgorithm,
                  extractable, keyUsages) {
    if (!isObject(this) || !(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 7, 'SubtleCrypto.unwrapKey');
    return unwrapKey(format, wrappedKey, unwrappingKey, unwrapAlgorithm, unwrappedKeyAlgorithm,
                     extractable, keyUsages);
  }

  // Cloudflare's extension: whether the bytes are equal, without telling by its duration where they
  // differ.
  timingSafeEqual(a, b) {
    if (!isObject(this) || !(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 2, 'SubtleCrypto.timingSafeEqual');
    requireBufferSource(a, 'SubtleCrypto.timingSafeEqual: the first argument');
    requireBufferSource(b, 'SubtleCrypto.timingSafeEqual: the second argument');
    const equal = natives.bytesEqual(a, b);
    if (equal === undefined) throw new TypeError('Input buffers must have the same byte length.');
    return equal;
  }
}
defineInterface(SubtleCrypto, 'SubtleCrypto');

// Called once.
export function createCrypto() { return new Crypto(kInternal, new SubtleCrypto(kInternal)); }
