'use strict';
const {nativeBinding} = require('atoll/platform');
const {Buffer} = require('buffer');
const {coded, inputBytes, view} = require('atoll/crypto/common');
const {isHandle, nativeOf, resolve} = require('atoll/crypto/keys');

const native = nativeBinding('crypto_cipher');

class CipherBase {
  #state;

  constructor(encrypts, name, key, iv, authTagLength, ctsMode, xtsStandard) {
    if (ctsMode !== undefined || xtsStandard !== undefined) {
      throw coded('ERR_METHOD_NOT_IMPLEMENTED', 'ctsMode and xtsStandard are not supported');
    }
    this.#state = native.cipherNew(
      encrypts, name, isHandle(key) ? nativeOf(key) : view(key), iv === null ? null : view(iv), authTagLength);
  }

  update(data, encoding) { return Buffer.from(native.cipherUpdate(this.#state, inputBytes(data, encoding))); }
  final() { return Buffer.from(native.cipherFinal(this.#state)); }
  setAutoPadding(padding) { return native.cipherSetPadding(this.#state, padding); }
  setAuthTag(tag) { return native.cipherSetTag(this.#state, view(tag)); }
  setAAD(data, plaintextLength) { return native.cipherSetAad(this.#state, view(data), plaintextLength); }

  getAuthTag() {
    const tag = native.cipherTag(this.#state);
    return tag === undefined ? undefined : Buffer.from(tag);
  }
}

function getCipherInfo(nameOrNid, keyLength, ivLength) {
  const info = native.cipherInfo(nameOrNid, keyLength ?? -1, ivLength ?? -1);
  if (info === undefined) return undefined;
  return {mode: info[2], name: info[0], nid: info[1], blockSize: info[3], ivLength: info[4], keyLength: info[5]};
}

// operation: as in crypto_cipher.cc.
function rsa(operation, isPrivate) {
  return (data, format, type, passphrase, namedCurve, buffer, padding, oaepHash, oaepLabel, mgf1Hash) => {
    const key = resolve(data, format, type, passphrase, namedCurve, isPrivate);
    return Buffer.from(native.rsaCipher(operation, key, view(buffer), padding, oaepHash, view(oaepLabel), mgf1Hash));
  };
}

module.exports = {
  CipherBase, getCipherInfo, getCiphers: native.cipherNames, privateDecrypt: rsa(1, true), privateEncrypt: rsa(2, true),
  publicDecrypt: rsa(3, false), publicEncrypt: rsa(0, false),
};
