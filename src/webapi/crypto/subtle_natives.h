// Keys and operations for crypto/subtle/*.js. A result of undefined means that OpenSSL refused; the
// caller says so in the words of the Web Crypto API.
#pragma once

#include "js/native_function.h"

namespace atoll::webapi {

// Digests by number as in crypto_natives.h. Curves: 0 P-256, 1 P-384, 2 P-521. OKP types: 0
// Ed25519, 1 X25519. Directions: 0 decrypt, 1 encrypt. `key`: what a native of this table returned.
//
// secretKey(source) → key; randomSecretKey(bits) → key, bits beyond the last full byte's are zero
// secretKeyBytes(key) → ArrayBuffer
// importSpki(source), importPkcs8(source) → key
// importEcPoint(curve, source), importEcNumbers(curve, x, y, d?) → key
// importOkp(type, isPrivate, source) → key
// importRsaNumbers(n, e, d?, p?, q?, dp?, dq?, qi?) → key
// keyDetails(key) → ["RSA", bits, exponent] | ["EC", curve] | ["ED25519" …]
// exportSpki(key), exportPkcs8(key), exportRaw(key) → ArrayBuffer
// exportNumbers(key) → the values of its JSON Web Key in base64url: [n, e, d?, p, q, dp, dq, qi],
//     [x, y, d?] or [x, d?]
// generateRsa(bits, exponent), generateEc(curve), generateOkp(type) → [public key, private key]
// keysEqual(a, b) → boolean
// aesCbc(direction, key, iv, source), aesCtr(key, counter, counterBits, source),
// aesGcm(direction, key, iv, additionalData, tagBytes, source), aesWrap(direction, key, source),
// rsaOaep(direction, key, digest, label, source) → ArrayBuffer
// hmac(digest, key, source) → ArrayBuffer
// sign(key, scheme, digest, saltBytes, source) → ArrayBuffer; schemes as in signature.h
// verify(key, scheme, digest, saltBytes, signature, source) → boolean
// agree(private key, public key) → ArrayBuffer
// hkdf(digest, key, salt, info, bytes), pbkdf2(digest, key, salt, iterations, bytes) → ArrayBuffer
// fromBase64Url(string) → ArrayBuffer; toBase64Url(source) → string, without padding
js::NativeTable subtle_natives();

}  // namespace atoll::webapi
