// Key usages as sets of bits, in the order of https://w3c.github.io/webcrypto/#recognized-key-usage-values.
import {ArrayPrototypePush} from '../../internal/primordials.js';
import {toDOMString, toSequence} from '../../internal/webidl.js';
import {createDOMException} from '../../internal/dom_exception.js';

const kNames = [
  'encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey',
];

export const kEncrypt = 1;
export const kDecrypt = 2;
export const kSign = 4;
export const kVerify = 8;
export const kDeriveKey = 16;
export const kDeriveBits = 32;
export const kWrapKey = 64;
export const kUnwrapKey = 128;

export const kCipher = kEncrypt | kDecrypt | kWrapKey | kUnwrapKey;
export const kSignature = kSign | kVerify;
export const kDerivation = kDeriveKey | kDeriveBits;
export const kOfPublicKeys = kEncrypt | kVerify | kWrapKey;
export const kOfPrivateKeys = kDecrypt | kSign | kUnwrapKey | kDerivation;

export function usageNames(usages) {
  const names = [];
  for (let i = 0; i < kNames.length; i++) {
    if (usages & (1 << i)) ArrayPrototypePush(names, kNames[i]);
  }
  return names;
}

// What a script passes, as an array of strings.
export function readUsages(value) {
  return toSequence(value, toDOMString, 'keyUsages');
}

// `asked`: from readUsages(). `purpose` as in "generate" or "import secret".
export function checkUsages(asked, allowed, purpose, algorithmName) {
  let usages = 0;
  for (let i = 0; i < asked.length; i++) {
    let bit = 0;
    for (let k = 0; k < kNames.length; k++) {
      if (kNames[k] === asked[i]) bit = 1 << k;
    }
    if ((bit & allowed) === 0) {
      throw createDOMException(
          `Attempt to ${purpose} ${algorithmName} key with invalid usage "${asked[i]}".`,
          'SyntaxError');
    }
    usages |= bit;
  }
  return usages;
}
