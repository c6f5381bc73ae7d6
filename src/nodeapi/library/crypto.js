'use strict';
// Node's module with what the reference runtime exports beside it.
const {ReflectApply} = primordials;
const crypto = require('original/crypto');
const {PrivateKeyObject, PublicKeyObject, SecretKeyObject} = require('internal/crypto/keys');
const {webValue} = require('atoll/platform');
const {codes: {ERR_CRYPTO_SIGN_KEY_REQUIRED, ERR_METHOD_NOT_IMPLEMENTED, ERR_MISSING_ARGS}} = require('internal/errors');

function refusing(name) {
  return {[name]() { throw new ERR_METHOD_NOT_IMPLEMENTED(`crypto.${name}`); }}[name];
}

crypto.CryptoKey = webValue('CryptoKey');
crypto.PrivateKeyObject = PrivateKeyObject;
crypto.PublicKeyObject = PublicKeyObject;
crypto.SecretKeyObject = SecretKeyObject;
// Node has not had them for years; programs still import them.
crypto.Cipher = crypto.Cipheriv;
crypto.Decipher = crypto.Decipheriv;
crypto.createCipher = refusing('createCipher');
crypto.createDecipher = refusing('createDecipher');

// Where the reference runtime answers otherwise than Node to what makes no sense.
const {verify} = crypto.Verify.prototype;
crypto.Verify.prototype.verify = function(key) {
  if (!key) throw new ERR_CRYPTO_SIGN_KEY_REQUIRED();
  return ReflectApply(verify, this, arguments);
};

for (const name of ['publicEncrypt', 'publicDecrypt', 'privateEncrypt', 'privateDecrypt']) {
  const original = crypto[name];
  crypto[name] = {[name](key, buffer) {
    if (key === undefined) throw new ERR_MISSING_ARGS('key');
    if (buffer === undefined) throw new ERR_MISSING_ARGS('buffer');
    return original(key, buffer);
  }}[name];
}

const {getCipherInfo} = crypto;
crypto.getCipherInfo = function(nameOrNid, options) {
  if (options?.keyLength < 0 || options?.ivLength < 0) return undefined;
  return ReflectApply(getCipherInfo, undefined, arguments);
};

module.exports = crypto;
