'use strict';
const {ArrayIsArray, ArrayPrototypePush, Date, ObjectPrototypeHasOwnProperty, StringPrototypeEndsWith} = primordials;
const {natives, nativeBinding} = require('atoll/platform');
const {Buffer} = require('buffer');
const {view} = require('atoll/crypto/common');
const {handleFrom, kKeyTypePublic, nativeOf} = require('atoll/crypto/keys');

const native = nativeBinding('crypto_certificate');
const {keyDetail, keyEcPoint, keyExport, keyTypeName} = nativeBinding('crypto_keys');

let isX509Certificate;

class NativeX509Certificate {
  #certificate;

  constructor(buffer) {
    this.#certificate = native.certificateNew(view(buffer));
    if (this.#certificate === undefined) {
      const {codes: {ERR_INVALID_ARG_VALUE}} = require('internal/errors');
      throw new ERR_INVALID_ARG_VALUE('buffer', buffer, 'is not a valid certificate');
    }
  }

  subject() { return native.certificateSubject(this.#certificate); }
  issuer() { return native.certificateIssuer(this.#certificate); }
  subjectAltName() { return native.certificateAlternativeNames(this.#certificate); }
  infoAccess() {
    const text = native.certificateAccess(this.#certificate);
    return text === undefined || StringPrototypeEndsWith(text, '\n') ? text : `${text}\n`;
  }
  validFrom() { return native.certificateTime(this.#certificate, false)[0]; }
  validTo() { return native.certificateTime(this.#certificate, true)[0]; }
  validFromDate() { return new Date(native.certificateTime(this.#certificate, false)[1] * 1000); }
  validToDate() { return new Date(native.certificateTime(this.#certificate, true)[1] * 1000); }
  fingerprint() { return native.certificateFingerprint(this.#certificate, 'sha1'); }
  fingerprint256() { return native.certificateFingerprint(this.#certificate, 'sha256'); }
  fingerprint512() { return native.certificateFingerprint(this.#certificate, 'sha512'); }
  keyUsage() { return native.certificateKeyUsage(this.#certificate); }
  serialNumber() { return native.certificateSerial(this.#certificate); }
  signatureAlgorithm() { return native.certificateAlgorithm(this.#certificate)[0]; }
  signatureAlgorithmOid() { return native.certificateAlgorithm(this.#certificate)[1]; }
  raw() { return Buffer.from(native.certificateRaw(this.#certificate)); }
  pem() { return native.certificatePem(this.#certificate); }
  publicKey() { return handleFrom(kKeyTypePublic, native.certificatePublicKey(this.#certificate)); }
  checkCA() { return native.certificateIsAuthority(this.#certificate); }
  checkHost(name, flags) { return native.certificateCheck(this.#certificate, 0, name, flags); }
  checkEmail(name, flags) { return native.certificateCheck(this.#certificate, 1, name, flags); }
  checkIP(name, flags) { return native.certificateCheck(this.#certificate, 2, name, flags); }
  checkIssued(other) { return native.certificateIssuedBy(this.#certificate, other.#certificate); }
  checkPrivateKey(handle) { return native.certificateCheckKey(this.#certificate, nativeOf(handle)); }
  verify(handle) { return native.certificateVerify(this.#certificate, nativeOf(handle)); }
  getIssuerCert() { return undefined; }

  toLegacy() {
    const certificate = this.#certificate;
    const legacy = {
      subject: nameObject(native.certificateNameParts(certificate, false)),
      issuer: nameObject(native.certificateNameParts(certificate, true)),
      subjectaltname: native.certificateAlternativeNames(certificate),
      infoAccess: native.certificateAccess(certificate),
      ca: native.certificateIsAuthority(certificate),
    };
    addKey(legacy, native.certificatePublicKey(certificate));
    legacy.valid_from = native.certificateTime(certificate, false)[0];
    legacy.valid_to = native.certificateTime(certificate, true)[0];
    legacy.fingerprint = native.certificateFingerprint(certificate, 'sha1');
    legacy.fingerprint256 = native.certificateFingerprint(certificate, 'sha256');
    legacy.fingerprint512 = native.certificateFingerprint(certificate, 'sha512');
    const usage = native.certificateKeyUsage(certificate);
    if (usage !== undefined) legacy.ext_key_usage = usage;
    legacy.serialNumber = native.certificateSerial(certificate);
    legacy.raw = Buffer.from(native.certificateRaw(certificate));
    return legacy;
  }

  static {
    isX509Certificate = (value) => typeof value === 'object' && value !== null && #certificate in value;
  }
}

// A name that comes twice has an array of values.
function nameObject(parts) {
  const object = {};
  for (let i = 0; i < parts.length; i += 2) {
    const before = ObjectPrototypeHasOwnProperty(object, parts[i]) ? object[parts[i]] : undefined;
    if (before === undefined) object[parts[i]] = parts[i + 1];
    else if (ArrayIsArray(before)) ArrayPrototypePush(before, parts[i + 1]);
    else object[parts[i]] = [before, parts[i + 1]];
  }
  return object;
}

const kNistNames = {__proto__: null, prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521'};
const kBits = {__proto__: null, prime256v1: 256, secp384r1: 384, secp521r1: 521, secp256k1: 256};

function addKey(legacy, key) {
  const type = keyTypeName(key);
  if (type === 'rsa') {
    const numbers = natives.exportNumbers(key);
    const details = keyDetail(key);
    legacy.modulus = Buffer.from(numbers[0], 'base64url').toString('hex').toUpperCase();
    legacy.bits = details[1];
    legacy.exponent = `0x${Buffer.from(numbers[1], 'base64url').toString('hex').replace(/^0+/, '')}`;
    legacy.pubkey = Buffer.from(keyExport(key, 0, 2));
  } else if (type === 'ec') {
    const curve = keyDetail(key)[1];
    legacy.bits = kBits[curve];
    legacy.pubkey = Buffer.from(keyEcPoint(key));
    legacy.asn1Curve = curve;
    legacy.nistCurve = kNistNames[curve];
  }
}

const createX509CertificateClass = (make) => make(NativeX509Certificate);

module.exports = {
  createX509CertificateClass, isX509Certificate, X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT: 1, X509_CHECK_FLAG_MULTI_LABEL_WILDCARDS: 8,
  X509_CHECK_FLAG_NEVER_CHECK_SUBJECT: 32, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS: 4, X509_CHECK_FLAG_NO_WILDCARDS: 2,
  X509_CHECK_FLAG_SINGLE_LABEL_SUBDOMAINS: 16,
};
