// What RSA, elliptic curves and the Ed25519 family have in common.
import {makeCryptoKey} from './crypto_key.js';
import {fail} from './parameters.js';
import {checkUsages, kOfPrivateKeys, kOfPublicKeys} from './usages.js';

// `pair`: of handles; undefined when OpenSSL could not, or was told to stop.
export function makePair(pair, algorithm, extractable, usages) {
  if (pair === undefined) fail('OperationError', `${algorithm.name} key generation failed.`);
  const privateUsages = usages & kOfPrivateKeys;
  if (privateUsages === 0) {
    fail('SyntaxError',
         'Attempt to generate asymmetric keys with no valid private key usages.');
  }
  return {
    publicKey: makeCryptoKey(pair[0], 'public', true, algorithm, usages & kOfPublicKeys),
    privateKey: makeCryptoKey(pair[1], 'private', extractable, algorithm, privateUsages),
  };
}

// The usages of a key to be imported. `allowed`: by its algorithm.
export function importUsages(asked, allowed, isPrivate, name) {
  return isPrivate ?
      checkUsages(asked, allowed & kOfPrivateKeys, 'import private', name) :
      checkUsages(asked, allowed & kOfPublicKeys, 'import public', name);
}

// The handle of a key in SPKI or PKCS #8.
export function importDer(format, data) {
  if (format === 'spki') {
    return natives.importSpki(data) ?? fail('DataError', 'Invalid SPKI input.');
  }
  return natives.importPkcs8(data) ?? fail('DataError', 'Invalid PKCS8 input.');
}

// Forms other than "jwk".
export function exportBytes(format, handle, type, name, hasRawForm) {
  switch (format) {
    case 'spki':
      if (type !== 'public') {
        fail('InvalidAccessError',
             `Asymmetric spki export requires public key (not "${type}").`);
      }
      return natives.exportSpki(handle) ?? fail('OperationError', 'Public key export failed.');
    case 'pkcs8':
      if (type !== 'private') {
        fail('InvalidAccessError',
             `Asymmetric pkcs8 export requires private key (not "${type}").`);
      }
      return natives.exportPkcs8(handle) ?? fail('OperationError', 'Private key export failed.');
    case 'raw':
      if (hasRawForm) {
        if (type !== 'public') {
          fail('InvalidAccessError', `Raw export of ${name} keys is only allowed for public keys.`);
        }
        return natives.exportRaw(handle) ?? fail('OperationError', 'Public key export failed.');
      }
  }
  fail('NotSupportedError', `Cannot export "${name}" in "${format}" format.`);
}

export function requireType(type, needed, what) {
  if (type !== needed) {
    fail('InvalidAccessError', `${what} a ${needed} key, not "${type}".`);
  }
}

export function exportedNumbers(handle) {
  return natives.exportNumbers(handle) ?? fail('OperationError', 'Key export failed.');
}
