// JSON Web Keys (RFC 7517) as Web Crypto reads and writes them.
import {
  ArrayPrototypeIncludes, ArrayPrototypeIndexOf, ArrayPrototypePush, ObjectDefineProperty,
  TypeError,
} from '../../internal/primordials.js';
import {isBufferSource, isObject, toBoolean, toDOMString, toSequence} from '../../internal/webidl.js';
import {usageNames} from './usages.js';
import {fail} from './parameters.js';

const kStrings = [
  'alg', 'crv', 'd', 'dp', 'dq', 'e', 'k', 'kty', 'n', 'p', 'q', 'qi', 'use', 'x', 'y',
];

// The dictionary JsonWebKey out of a script's object.
export function readJwk(value) {
  if (!isObject(value) || isBufferSource(value)) {
    throw new TypeError(
        'Import data provided for "jwk" import format must be a JsonWebKey.');
  }
  const jwk = {__proto__: null};
  for (let i = 0; i < kStrings.length; i++) {
    const member = value[kStrings[i]];
    if (member !== undefined) jwk[kStrings[i]] = toDOMString(member);
  }
  const {ext, key_ops: operations, oth} = value;
  if (ext !== undefined) jwk.ext = toBoolean(ext);
  if (operations !== undefined) {
    jwk.operations = toSequence(operations, toDOMString, 'The field "key_ops" of the JsonWebKey');
  }
  jwk.multiPrime = oth !== undefined;
  return jwk;
}

// The bytes of a member in base64url.
export function jwkBytes(jwk, name, message) {
  const text = jwk[name];
  const bytes = text === undefined ? undefined : natives.fromBase64Url(text);
  if (bytes === undefined) fail('DataError', message);
  return bytes;
}

export function checkType(jwk, kty, what) {
  if (jwk.kty !== kty) {
    fail('DataError',
         `${what} "jwk" key import requires a JSON Web Key with Key Type parameter "kty" equal to ` +
             `"${kty}" (encountered "${jwk.kty}").`);
  }
}

// What the key says about its use must allow what is asked for.
export function checkUse(jwk, use, asked, extractable) {
  if (asked.length > 0 && jwk.use !== undefined && jwk.use !== use) {
    fail('DataError',
         `"jwk" key import with usages requires a JSON Web Key with Public Key Use parameter ` +
             `"use" ("${jwk.use}") equal to "${use}".`);
  }
  const {operations} = jwk;
  if (operations !== undefined) {
    for (let i = 0; i < operations.length; i++) {
      if (ArrayPrototypeIndexOf(operations, operations[i]) !== i) {
        fail('DataError',
             'A JSON Web Key\'s Key Operations parameter ("key_ops") must not contain duplicates.');
      }
    }
    for (let i = 0; i < asked.length; i++) {
      if (!ArrayPrototypeIncludes(operations, asked[i])) {
        fail('DataError',
             'All specified key usages must be present in the JSON Web Key\'s Key Operations ' +
                 'parameter ("key_ops").');
      }
    }
  }
  if (jwk.ext === false && extractable) {
    fail('DataError',
         'Cannot create an extractable CryptoKey from an unextractable JSON Web Key.');
  }
}

// `members`: the key's own, as names and values in turn. No setter of a script's gets to see them.
export function writeJwk(members, usages) {
  const jwk = {};
  ArrayPrototypePush(members, 'key_ops', usageNames(usages), 'ext', true);
  for (let i = 0; i < members.length; i += 2) {
    ObjectDefineProperty(jwk, members[i], {
      __proto__: null, value: members[i + 1], writable: true, enumerable: true, configurable: true,
    });
  }
  return jwk;
}
