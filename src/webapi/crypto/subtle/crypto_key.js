// https://w3c.github.io/webcrypto/#cryptokey-interface. The key itself lies in C++; what scripts
// see of the algorithm is a copy, so that changing it changes nothing.
import {
  defineInterface, illegalConstructor, illegalInvocation, kInternal,
} from '../../internal/webidl.js';
import {copyOfBytes} from '../../internal/bytes.js';
import {digestName} from '../digest_algorithms.js';
import {usageNames} from './usages.js';

// Hands over what an internal algorithm record holds; see the modules that make them.
function publicAlgorithm({name, modulusLength, publicExponent, hash, length, namedCurve}) {
  if (modulusLength !== undefined) {
    return {
      name, modulusLength, publicExponent: copyOfBytes(publicExponent),
      hash: {name: digestName(hash)},
    };
  }
  if (hash !== undefined) return {name, hash: {name: digestName(hash)}, length};
  if (length !== undefined) return {name, length};
  return namedCurve === undefined ? {name} : {name, namedCurve};
}

export let isCryptoKey;
// The innards, for this folder and node:crypto.
export let handleOf;
export let algorithmOf;
export let usagesOf;

export class CryptoKey {
  #handle;
  #type;
  #extractable;
  #algorithm;
  #usages;
  #shownAlgorithm;
  #shownUsages;

  constructor(key = undefined, handle, type, extractable, algorithm, usages) {
    if (key !== kInternal) illegalConstructor();
    this.#handle = handle;
    this.#type = type;
    this.#extractable = extractable;
    this.#algorithm = algorithm;
    this.#usages = usages;
  }

  get type() {
    if (!(#handle in this)) illegalInvocation();
    return this.#type;
  }

  get extractable() {
    if (!(#handle in this)) illegalInvocation();
    return this.#extractable;
  }

  get algorithm() {
    if (!(#handle in this)) illegalInvocation();
    return this.#shownAlgorithm ??= publicAlgorithm(this.#algorithm);
  }

  get usages() {
    if (!(#handle in this)) illegalInvocation();
    return this.#shownUsages ??= usageNames(this.#usages);
  }

  static {
    isCryptoKey = (value) => typeof value === 'object' && value !== null && #handle in value;
    handleOf = (key) => key.#handle;
    algorithmOf = (key) => key.#algorithm;
    usagesOf = (key) => key.#usages;
  }
}
defineInterface(CryptoKey, 'CryptoKey');

// `algorithm`: a record without a prototype, not to be changed any more. `usages`: bits.
export function makeCryptoKey(handle, type, extractable, algorithm, usages) {
  return new CryptoKey(kInternal, handle, type, extractable, algorithm, usages);
}

// For node:crypto, which has KeyObjects of the same keys.
export const CryptoKeyInnards = {__proto__: null, isCryptoKey, handleOf, algorithmOf, usagesOf, makeCryptoKey};
