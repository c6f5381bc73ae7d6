'use strict';
// Node's module with what the reference runtime exports beside it.
const {ReflectApply} = primordials;
const crypto = require('original/crypto');
const {PrivateKeyObject, PublicKeyObject, SecretKeyObject} = require('internal/crypto/keys');
const {webValue} = require('atoll/platform');
const {codes: {ERR_CRYPTO_SIGN_KEY_REQUIRED, ERR_METHOD_NOT_IMPLEMENTED}} = require('internal/errors');

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

// What the reference runtime says to a verify() without a key.
const {verify} = crypto.Verify.prototype;
crypto.Verify.prototype.verify = function(key) {
  if (!key) throw new ERR_CRYPTO_SIGN_KEY_REQUIRED();
  return ReflectApply(verify, this, arguments);
};

module.exports = crypto;
