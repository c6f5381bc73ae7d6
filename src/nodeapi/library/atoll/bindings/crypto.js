'use strict';
// internalBinding('crypto'), in parts. What Node has and this has not: engines, FIPS, secure heaps, PKCS #12, Argon2, KMAC, keys
// that withstand quantum computers, and the jobs of Web Crypto, which is the platform's.
const {ObjectAssign} = primordials;
const {nativeBinding} = require('atoll/platform');
const {Buffer} = require('buffer');
const {coded, kCryptoJobAsync, kCryptoJobSync, view} = require('atoll/crypto/common');
const {curveNames} = nativeBinding('crypto_keys');
const derive = require('atoll/crypto/derive');
const {spkacChallenge, spkacPublicKey, spkacVerify} = derive.native;

process.features ??= {openssl_is_boringssl: false};  // Node's library asks when it is loaded

const orEmpty = (bytes) => bytes === undefined ? '' : Buffer.from(bytes);

function notSupported() { throw coded('ERR_METHOD_NOT_IMPLEMENTED', 'This is not supported'); }

class Mac {
  constructor() { notSupported(); }
}

module.exports = ObjectAssign({
  certExportChallenge: (spkac) => orEmpty(spkacChallenge(view(spkac))),
  certExportPublicKey: (spkac) => orEmpty(spkacPublicKey(view(spkac))),
  certVerifySpkac: (spkac) => spkacVerify(view(spkac)),
  getCachedAliases: () => ({__proto__: null}),
  getCachedMacAliases: () => ({__proto__: null}),
  getCurves: curveNames,
  getFipsCrypto: () => 0,
  getFipsCryptoGeneration: () => 0,
  getMacs: () => [],
  getOpenSSLSecLevelCrypto: () => 1,
  getPqcKeyTypes: () => [],
  kCryptoJobAsync, kCryptoJobSync, kCryptoJobWebCrypto: 2,
  Mac,
  parsePKCS12: notSupported,
  secureHeapUsed: () => undefined,
  setFipsCrypto: notSupported,
}, require('atoll/crypto/keys'), require('atoll/crypto/hash'), require('atoll/crypto/cipher'), require('atoll/crypto/sign'),
derive, require('atoll/crypto/generate'), require('atoll/crypto/agreement'), require('atoll/crypto/certificate'));
