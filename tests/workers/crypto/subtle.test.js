import { equal, rejects, throws } from '../check.js';

const { subtle } = crypto;
const utf8 = new TextEncoder();
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const message = utf8.encode('The quick brown fox jumps over the lazy dog');

export const hmac_agrees_with_the_published_value = {
  async test() {
    const key = await subtle.importKey('raw', utf8.encode('key'), { name: 'hmac', hash: 'sha-256' }, true, ['verify', 'sign']);
    equal([key.type, key.extractable, key.algorithm, key.usages],
          ['secret', true, { name: 'HMAC', hash: { name: 'SHA-256' }, length: 24 }, ['sign', 'verify']]);
    const signature = await subtle.sign('HMAC', key, message);
    equal(hex(signature), 'f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8');
    equal(await subtle.verify('HMAC', key, signature, message), true);
    equal(await subtle.verify('HMAC', key, new Uint8Array(32), message), false);
    equal(await subtle.verify('HMAC', key, new Uint8Array(5), message), false);
    const { k, alg, key_ops, ext, kty } = await subtle.exportKey('jwk', key);
    equal([k, alg, key_ops, ext, kty], ['a2V5', 'HS256', ['sign', 'verify'], true, 'oct']);
  },
};

export const a_key_shows_copies_of_itself = {
  async test() {
    const key = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']);
    key.algorithm.name = 'AES-CBC';
    key.usages.push('wrapKey');
    const iv = new Uint8Array(12);
    const sealed = await subtle.encrypt({ name: 'AES-GCM', iv }, key, message);
    equal(hex(await subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed)), hex(message));
    equal(Object.prototype.toString.call(key), '[object CryptoKey]');
    throws(() => new CryptoKey(), 'TypeError', 'Illegal constructor');
    throws(() => structuredClone(key), 'DataCloneError');
  },
};

export const the_modes_of_aes_agree_with_nist = {
  async test() {
    const raw = bytes('2b7e151628aed2a6abf7158809cf4f3c');
    const plain = bytes('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51');
    const cbc = await subtle.importKey('raw', raw, 'AES-CBC', false, ['encrypt', 'decrypt']);
    const iv = bytes('000102030405060708090a0b0c0d0e0f');
    const sealed = await subtle.encrypt({ name: 'AES-CBC', iv }, cbc, plain);
    equal(hex(sealed).slice(0, 64), '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2');
    equal(hex(await subtle.decrypt({ name: 'AES-CBC', iv }, cbc, sealed)), hex(plain));
    await rejects(subtle.decrypt({ name: 'AES-CBC', iv }, cbc, sealed.slice(0, 40)), 'OperationError', 'Decryption failed');
    await rejects(subtle.encrypt({ name: 'AES-CBC', iv: iv.subarray(1) }, cbc, plain), 'OperationError', '16 bytes');
    const ctr = await subtle.importKey('raw', raw, 'AES-CTR', false, ['encrypt']);
    const counter = bytes('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');
    equal(hex(await subtle.encrypt({ name: 'AES-CTR', counter, length: 64 }, ctr, plain)),
          '874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff');
    await rejects(subtle.encrypt({ name: 'AES-CTR', counter, length: 0 }, ctr, plain), 'OperationError', 'Invalid counter of 0 bits');
    await rejects(subtle.encrypt({ name: 'AES-CTR', counter, length: 1 }, ctr, new Uint8Array(33)), 'OperationError', 'repeat');
    await rejects(subtle.decrypt({ name: 'AES-CTR', counter, length: 64 }, ctr, plain), 'InvalidAccessError', '"decrypt" does not match');
  },
};

export const gcm_authenticates = {
  async test() {
    const key = await subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', false, ['encrypt', 'decrypt']);
    const parameters = { name: 'AES-GCM', iv: new Uint8Array(12), additionalData: message };
    const sealed = await subtle.encrypt(parameters, key, new Uint8Array(0));
    equal(sealed.byteLength, 16);
    equal((await subtle.decrypt(parameters, key, sealed)).byteLength, 0);
    await rejects(subtle.decrypt({ ...parameters, additionalData: new Uint8Array(1) }, key, sealed), 'OperationError', 'authentication');
    await rejects(subtle.encrypt({ ...parameters, tagLength: 33 }, key, message), 'OperationError', 'tag length 33');
    await rejects(subtle.decrypt(parameters, key, new Uint8Array(15)), 'OperationError', 'tag length of 128');
    equal((await subtle.encrypt({ ...parameters, tagLength: 32 }, key, message)).byteLength, message.length + 4);
  },
};

export const rsa_signs_in_both_ways = {
  async test() {
    for (const name of ['RSASSA-PKCS1-v1_5', 'RSA-PSS']) {
      const algorithm = { name, modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' };
      const { publicKey, privateKey } = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
      equal([publicKey.usages, privateKey.usages, publicKey.type, privateKey.type], [['verify'], ['sign'], 'public', 'private']);
      const call = { name, saltLength: 20 };
      const signature = await subtle.sign(call, privateKey, message);
      equal(await subtle.verify(call, publicKey, signature, message), true);
      equal(await subtle.verify(call, publicKey, signature, new Uint8Array(3)), false);
      const jwk = await subtle.exportKey('jwk', privateKey);
      equal([jwk.alg, jwk.e, typeof jwk.qi], [name === 'RSA-PSS' ? 'PS256' : 'RS256', 'AQAB', 'string']);
      const again = await subtle.importKey('jwk', jwk, { name, hash: 'SHA-256' }, false, ['sign']);
      equal(await subtle.verify(call, publicKey, await subtle.sign(call, again, message), message), true);
      await rejects(subtle.importKey('jwk', jwk, { name, hash: 'SHA-512' }, false, ['sign']), 'DataError', 'does not match requested hash');
      await rejects(subtle.exportKey('pkcs8', again), 'InvalidAccessError', 'non-extractable');
      await rejects(subtle.exportKey('spki', privateKey), 'InvalidAccessError', 'requires public key');
      const spki = await subtle.exportKey('spki', publicKey);
      const imported = await subtle.importKey('spki', spki, { name, hash: 'SHA-256' }, true, ['verify']);
      equal(await subtle.verify(call, imported, signature, message), true);
      equal([imported.algorithm.modulusLength, [...imported.algorithm.publicExponent]], [1024, [1, 0, 1]]);
    }
    await rejects(subtle.generateKey({ name: 'RSA-PSS', modulusLength: 1024, publicExponent: new Uint8Array([2]), hash: 'SHA-1' },
                                     true, ['sign']), 'OperationError', 'must be either 3 or 65537');
  },
};

export const oaep_wraps_keys = {
  async test() {
    const pair = await subtle.generateKey(
        { name: 'RSA-OAEP', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-1' }, false, ['wrapKey', 'unwrapKey', 'encrypt', 'decrypt']);
    const inner = await subtle.importKey('raw', new Uint8Array(32).fill(7), 'AES-KW', true, ['wrapKey', 'unwrapKey']);
    const label = utf8.encode('label');
    const wrapped = await subtle.wrapKey('raw', inner, pair.publicKey, { name: 'RSA-OAEP', label });
    const unwrapped = await subtle.unwrapKey('raw', wrapped, pair.privateKey, { name: 'RSA-OAEP', label }, 'AES-KW', true, ['wrapKey']);
    equal(hex(await subtle.exportKey('raw', unwrapped)), '07'.repeat(32));
    await rejects(subtle.unwrapKey('raw', wrapped, pair.privateKey, 'RSA-OAEP', 'AES-KW', true, ['wrapKey']), 'OperationError');
    const again = await subtle.wrapKey('raw', inner, inner, 'AES-KW');
    equal(again.byteLength, 40);
    await rejects(subtle.encrypt('RSA-OAEP', pair.privateKey, message), 'InvalidAccessError');
  },
};

export const curves_sign_and_agree = {
  async test() {
    for (const [namedCurve, size] of [['P-256', 64], ['P-384', 96], ['P-521', 132]]) {
      const { publicKey, privateKey } = await subtle.generateKey({ name: 'ECDSA', namedCurve }, true, ['sign', 'verify']);
      const signature = await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, message);
      equal(signature.byteLength, size);
      equal(await subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, publicKey, signature, message), true);
      equal(await subtle.verify({ name: 'ECDSA', hash: 'SHA-1' }, publicKey, signature, message), false);
      equal(await subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, publicKey, signature.slice(1), message), false);
      const jwk = await subtle.exportKey('jwk', privateKey);
      equal([jwk.kty, jwk.crv], ['EC', namedCurve]);
      const again = await subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve }, true, ['sign']);
      equal(hex(await subtle.exportKey('pkcs8', again)), hex(await subtle.exportKey('pkcs8', privateKey)));
      const raw = await subtle.exportKey('raw', publicKey);
      const imported = await subtle.importKey('raw', raw, { name: 'ECDSA', namedCurve }, true, ['verify']);
      equal(hex(await subtle.exportKey('spki', imported)), hex(await subtle.exportKey('spki', publicKey)));

      const [a, b] = await Promise.all([1, 2].map(() => subtle.generateKey({ name: 'ECDH', namedCurve }, false, ['deriveBits', 'deriveKey'])));
      const one = await subtle.deriveBits({ name: 'ECDH', public: a.publicKey }, b.privateKey, 250);
      const two = await subtle.deriveBits({ name: 'ECDH', public: b.publicKey }, a.privateKey, 250);
      equal([one.byteLength, hex(one) === hex(two), new Uint8Array(one)[31] & 63], [32, true, 0]);
      const shared = await subtle.deriveKey({ name: 'ECDH', public: a.publicKey }, b.privateKey, { name: 'AES-GCM', length: 256 }, true, ['encrypt']);
      equal(hex(await subtle.exportKey('raw', shared)).slice(0, 62), hex(one).slice(0, 62));
      await rejects(subtle.deriveBits({ name: 'ECDH', public: a.privateKey }, b.privateKey, 8), 'InvalidAccessError');
    }
    await rejects(subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-192' }, true, ['sign']), 'NotSupportedError', 'P-192');
    await rejects(subtle.importKey('raw', new Uint8Array(65).fill(4), { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']), 'DataError');
  },
};

export const ed25519_agrees_with_rfc_8032 = {
  async test() {
    const pkcs8 = bytes('302e020100300506032b6570042204204ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
    for (const algorithm of ['Ed25519', { name: 'NODE-ED25519', namedCurve: 'NODE-ED25519' }]) {
      const key = await subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']);
      const signature = await subtle.sign(algorithm, key, new Uint8Array([0x72]));
      equal(hex(signature), '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00');
      const { x, d, crv } = await subtle.exportKey('jwk', key);
      equal([crv, d], ['Ed25519', 'TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs']);
      const check = await subtle.importKey('jwk', { kty: 'OKP', crv, x }, algorithm, true, ['verify']);
      equal(await subtle.verify(algorithm, check, signature, new Uint8Array([0x72])), true);
      equal(await subtle.verify(algorithm, check, signature, new Uint8Array([0x73])), false);
    }
    await rejects(subtle.importKey('raw', new Uint8Array(31), 'Ed25519', true, ['verify']), 'DataError', '32-bytes');
  },
};

export const x25519_agrees_with_rfc_7748 = {
  async test() {
    const own = await subtle.importKey('pkcs8',
        bytes('302e020100300506032b656e04220420a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4'),
        'X25519', false, ['deriveBits']);
    const peer = await subtle.importKey('raw', bytes('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c'), 'X25519', true, []);
    equal(hex(await subtle.deriveBits({ name: 'X25519', public: peer }, own, 256)),
          'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552');
    equal((await subtle.deriveBits({ name: 'X25519', public: peer }, own, 128)).byteLength, 16);
    const low = await subtle.importKey('raw', new Uint8Array(32), 'X25519', true, []);
    await rejects(subtle.deriveBits({ name: 'X25519', public: low }, own, 256), 'OperationError');
    await rejects(subtle.deriveBits({ name: 'X25519', public: own }, own, 256), 'InvalidAccessError');
  },
};

export const keys_come_out_of_passwords = {
  async test() {
    const password = await subtle.importKey('raw', utf8.encode('password'), 'PBKDF2', false, ['deriveBits', 'deriveKey']);
    const parameters = { name: 'PBKDF2', hash: 'SHA-1', salt: utf8.encode('salt'), iterations: 2 };
    equal(hex(await subtle.deriveBits(parameters, password, 160)), 'ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957');
    await rejects(subtle.deriveBits({ ...parameters, iterations: 0 }, password, 160), 'OperationError', 'positive');
    await rejects(subtle.deriveBits(parameters, password, 12), 'OperationError', 'multiple of eight');
    await rejects(subtle.deriveBits(parameters, password, null), 'OperationError', 'null length');
    const key = await subtle.deriveKey(parameters, password, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
    equal([key.algorithm.length, (await subtle.exportKey('raw', key)).byteLength], [512, 64]);
    await rejects(subtle.importKey('raw', message, 'PBKDF2', true, ['deriveBits']), 'SyntaxError', 'cannot be extractable');

    const material = await subtle.importKey('raw', bytes('0b'.repeat(22)), 'HKDF', false, ['deriveBits']);
    const expanded = await subtle.deriveBits({
      name: 'HKDF', hash: 'SHA-256', salt: bytes('000102030405060708090a0b0c'), info: bytes('f0f1f2f3f4f5f6f7f8f9') }, material, 336);
    equal(hex(expanded), '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865');
    await rejects(subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: message, info: message }, material, 8 * 255 * 32 + 8), 'OperationError');
  },
};

export const keys_travel_as_json = {
  async test() {
    const wrapping = await subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, ['wrapKey', 'unwrapKey']);
    const { privateKey } = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
    const parameters = { name: 'AES-GCM', iv: new Uint8Array(12) };
    const wrapped = await subtle.wrapKey('jwk', privateKey, wrapping, parameters);
    const unwrapped = await subtle.unwrapKey('jwk', wrapped, wrapping, parameters, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
    equal(hex(await subtle.exportKey('pkcs8', unwrapped)), hex(await subtle.exportKey('pkcs8', privateKey)));
  },
};

export const what_is_asked_for_is_checked = {
  async test() {
    const key = await subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    await rejects(subtle.sign('AES-GCM', key, message), 'InvalidAccessError', 'does not match this CryptoKey');
    await rejects(subtle.verify('HMAC', key, message, message), 'InvalidAccessError', '"verify" does not match');
    await rejects(subtle.exportKey('raw', key), 'InvalidAccessError', 'non-extractable');
    await rejects(subtle.sign('HMAC', {}, message), 'TypeError');
    await rejects(subtle.sign('HMAC', key, 'text'), 'TypeError');
    await rejects(subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, []), 'SyntaxError', 'at least one usage');
    await rejects(subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['encrypt']), 'SyntaxError', 'invalid usage "encrypt"');
    await rejects(subtle.generateKey({ name: 'AES-GCM', length: 100 }, true, ['encrypt']), 'OperationError', 'requested 100');
    await rejects(subtle.generateKey('Elliptic', true, ['sign']), 'NotSupportedError', '"Elliptic"');
    await rejects(subtle.importKey('raw', new Uint8Array(15), 'AES-GCM', true, ['encrypt']), 'DataError', 'provided 120');
    await rejects(subtle.importKey('text', new Uint8Array(15), 'AES-GCM', true, ['encrypt']), 'NotSupportedError', '"text"');
    await rejects(subtle.importKey('jwk', { kty: 'RSA' }, 'AES-GCM', true, ['encrypt']), 'DataError', 'encountered "RSA"');
    await rejects(subtle.importKey('jwk', { kty: 'oct', k: 'AAAA', ext: false }, { name: 'HMAC', hash: 'SHA-1' }, true, ['sign']), 'DataError');
    await rejects(subtle.importKey('jwk', { kty: 'oct', k: '!!' }, { name: 'HMAC', hash: 'SHA-1' }, true, ['sign']), 'DataError', 'base64Url');
    await rejects(subtle.importKey('spki', new Uint8Array(5), { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']), 'DataError', 'Invalid SPKI');
    await rejects(subtle.importKey('pkcs8', new Uint8Array(5), { name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']), 'DataError', 'Invalid PKCS8');
  },
};

export const bytes_may_change_after_the_call = {
  async test() {
    const key = await subtle.importKey('raw', new Uint8Array(16), 'AES-CBC', false, ['encrypt']);
    const iv = new Uint8Array(16);
    const data = new Uint8Array(16);
    const pending = subtle.encrypt({ name: 'AES-CBC', iv }, key, data);
    data.fill(1);
    iv.fill(1);
    equal(hex(await pending).slice(0, 32), '66e94bd4ef8a2c3b884cfa59ca342b2e');
  },
};

export const a_getter_cannot_shorten_what_was_read = {
  async test() {
    const key = await subtle.importKey('raw', new Uint8Array(16), 'AES-CTR', false, ['encrypt']);
    const counter = new Uint8Array(16);
    const parameters = { name: 'AES-CTR', counter, get length() { counter.buffer.transfer(); return 64; } };
    const data = new Uint8Array(16);
    const outcome = await subtle.encrypt(parameters, key, data).then((result) => hex(result), (error) => error.name);
    equal(['66e94bd4ef8a2c3b884cfa59ca342b2e', 'OperationError'].includes(outcome), true);
  },
};

export const checksums_stream = {
  async test() {
    const sums = { crc32: 'cbf43926', crc32c: 'e3069283', crc64nvme: 'ae8b14860a799888' };
    for (const name of Object.keys(sums)) {
      const stream = new crypto.DigestStream(name);
      const writer = stream.getWriter();
      writer.write(utf8.encode('12345'));
      writer.write('6789');
      await writer.close();
      equal([hex(await stream.digest), stream.bytesWritten === 9n], [sums[name], true]);
    }
  },
};
