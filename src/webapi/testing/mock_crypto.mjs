// crypto/subtle_natives.cc for the mini platform, by means of node:crypto. A key is a KeyObject.
import * as nodeCrypto from 'node:crypto';

const {
  constants, createCipheriv, createDecipheriv, createHash, createHmac, createPrivateKey, createPublicKey, createSecretKey, diffieHellman,
  generateKeyPairSync, hkdfSync, pbkdf2Sync, privateDecrypt, publicEncrypt, randomBytes, sign, verify,
} = nodeCrypto;

const kDigests = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];
const kCurves = ['P-256', 'P-384', 'P-521'];
const kOkpTypes = ['Ed25519', 'X25519'];

const bytesOf = (source) => ArrayBuffer.isView(source) ?
    Buffer.from(source.buffer, source.byteOffset, source.byteLength) : Buffer.from(source);
const text = (source) => source === undefined ? undefined : bytesOf(source).toString('base64url');

function crc(polynomial, bits, data) {
  const mask = (1n << BigInt(bits)) - 1n;
  let value = mask;
  for (const byte of data) {
    value ^= BigInt(byte);
    for (let i = 0; i < 8; i++) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
  }
  return Buffer.from((value ^ mask).toString(16).padStart(bits / 4, '0'), 'hex');
}

function checksum(number, data) {
  return [() => crc(0xedb88320n, 32, data), () => crc(0x82f63b78n, 32, data), () => crc(0x9a6c9329ac4bc9b5n, 64, data)][number - 5]();
}

const jwkKey = (jwk) => jwk.d === undefined ? createPublicKey({ key: jwk, format: 'jwk' }) : createPrivateKey({ key: jwk, format: 'jwk' });
const der = (key, type) => key.export({ format: 'der', type });

function aes(direction, mode, key, iv, { aad, tagBytes, data }) {
  const secret = key.export();
  const name = `aes-${secret.length * 8}-${mode}`;
  const options = tagBytes === undefined ? {} : { authTagLength: tagBytes };
  if (direction === 1) {
    const cipher = createCipheriv(name, secret, iv, options);
    if (aad) cipher.setAAD(aad);
    const parts = [cipher.update(data), cipher.final()];
    return Buffer.concat(tagBytes === undefined ? parts : [...parts, cipher.getAuthTag()]);
  }
  const cipher = createDecipheriv(name, secret, iv, options);
  if (aad) cipher.setAAD(aad);
  if (tagBytes !== undefined) {
    cipher.setAuthTag(data.subarray(data.length - tagBytes));
    data = data.subarray(0, data.length - tagBytes);
  }
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

// The last `bits` of the counter count, and wrap around.
function counterMode(key, counter, bits, data) {
  const mask = (1n << BigInt(bits)) - 1n;
  if (BigInt(Math.ceil(data.length / 16)) > mask + 1n) throw new Error('repeats');
  const start = BigInt(`0x${counter.toString('hex')}`);
  const blocks = [];
  for (let i = 0; i * 16 < data.length; i++) {
    const value = (start & ~mask) | ((start + BigInt(i)) & mask);
    const block = Buffer.from(value.toString(16).padStart(32, '0'), 'hex');
    blocks.push(aes(1, 'ctr', key, block, { data: data.subarray(i * 16, i * 16 + 16) }));
  }
  return Buffer.concat(blocks);
}

const forms = [
  (key, digest) => ({ digest, key: { key, padding: constants.RSA_PKCS1_PADDING } }),
  (key, digest, saltLength) => ({ digest, key: { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength } }),
  (key, digest) => ({ digest, key: { key, dsaEncoding: 'ieee-p1363' } }),
  (key) => ({ digest: null, key }),
];
const form = (key, scheme, digest, salt) => forms[scheme](key, kDigests[digest], salt);

const operations = {
  secretKey: (data) => createSecretKey(bytesOf(data)),
  randomSecretKey(bits) {
    const secret = randomBytes(Math.ceil(bits / 8));
    if (bits % 8) secret[secret.length - 1] &= 0xff00 >> (bits % 8);
    return createSecretKey(secret);
  },
  secretKeyBytes: (key) => key.export(),
  importSpki: (data) => createPublicKey({ key: bytesOf(data), format: 'der', type: 'spki' }),
  importPkcs8: (data) => createPrivateKey({ key: bytesOf(data), format: 'der', type: 'pkcs8' }),
  importEcPoint(curve, data) {
    const point = bytesOf(data);
    const width = (point.length - 1) / 2;
    return jwkKey({ kty: 'EC', crv: kCurves[curve], x: text(point.subarray(1, 1 + width)), y: text(point.subarray(1 + width)) });
  },
  importEcNumbers: (curve, x, y, d) => jwkKey({ kty: 'EC', crv: kCurves[curve], x: text(x), y: text(y), d: text(d) }),
  importOkp(type, isPrivate, data) {
    const jwk = { kty: 'OKP', crv: kOkpTypes[type], x: text(data) };
    return jwkKey(isPrivate ? { ...jwk, d: text(data) } : jwk);
  },
  importRsaNumbers: (...numbers) =>
    jwkKey({ kty: 'RSA', ...Object.fromEntries(['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'].map((name, i) => [name, text(numbers[i])])) }),
  exportSpki: (key) => der(key, 'spki'),
  exportPkcs8: (key) => der(key, 'pkcs8'),
  exportRaw(key) {
    const { kty, x, y } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
    const parts = [x, y].filter(Boolean).map((part) => Buffer.from(part, 'base64url'));
    return Buffer.concat(kty === 'EC' ? [Buffer.of(4), ...parts] : parts);
  },
  aesCbc: (direction, key, iv, data) => aes(direction, 'cbc', key, bytesOf(iv), { data: bytesOf(data) }),
  aesCtr: (key, counter, bits, data) => counterMode(key, bytesOf(counter), bits, bytesOf(data)),
  aesGcm: (direction, key, iv, aad, tagBytes, data) =>
    aes(direction, 'gcm', key, bytesOf(iv), { aad: aad && bytesOf(aad), tagBytes, data: bytesOf(data) }),
  aesWrap(direction, key, data) {
    const secret = key.export();
    const make = direction === 1 ? createCipheriv : createDecipheriv;
    const cipher = make(`id-aes${secret.length * 8}-wrap`, secret, Buffer.alloc(8, 0xa6));
    return Buffer.concat([cipher.update(bytesOf(data)), cipher.final()]);
  },
  rsaOaep: (direction, key, digest, label, data) =>
    (direction === 1 ? publicEncrypt : privateDecrypt)({ key, oaepHash: kDigests[digest], oaepLabel: label && bytesOf(label) }, bytesOf(data)),
  hmac: (digest, key, data) => createHmac(kDigests[digest], key).update(bytesOf(data)).digest(),
  agree: (privateKey, publicKey) => diffieHellman({ privateKey, publicKey }),
  hkdf: (digest, key, salt, info, size) => Buffer.from(hkdfSync(kDigests[digest], key, bytesOf(salt), bytesOf(info), size)),
  pbkdf2: (digest, key, salt, iterations, size) => pbkdf2Sync(key.export(), bytesOf(salt), iterations, size, kDigests[digest]),
  fromBase64Url(value) {
    if (!/^[\w-]*$/.test(value)) throw new Error('not base64url');
    return Buffer.from(value, 'base64url');
  },
  sign(key, scheme, digest, salt, data) {
    const { digest: name, key: options } = form(key, scheme, digest, salt);
    return sign(name, bytesOf(data), options);
  },
};

export function cryptoNatives(realm) {
  const natives = {
    toBase64Url: (data) => text(data),
    bytesEqual: (a, b) => a.byteLength === b.byteLength ? Buffer.compare(bytesOf(a), bytesOf(b)) === 0 : undefined,
    digestBegin: () => [],
    digestUpdate: (number, state, data) => { state.push(Buffer.from(bytesOf(data))); },
    digestEnd(number, state) {
      const data = Buffer.concat(state);
      const sum = number > 4 ? checksum(number, data) : createHash(kDigests[number]).update(data).digest();
      return new realm.Uint8Array(sum).buffer;
    },
    keyDetails(key) {
      const { modulusLength, publicExponent, namedCurve } = key.asymmetricKeyDetails;
      if (namedCurve) return new realm.Array('EC', namedCurve);
      if (!modulusLength) return new realm.Array(key.asymmetricKeyType.toUpperCase(), 0);
      const exponent = publicExponent.toString(16);
      return new realm.Array('RSA', modulusLength, new realm.Uint8Array(Buffer.from(exponent.padStart(exponent.length + (exponent.length % 2), '0'), 'hex')));
    },
    exportNumbers(key) {
      const jwk = key.export({ format: 'jwk' });
      const names = { RSA: ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'], EC: ['x', 'y', 'd'], OKP: ['x', 'd'] }[jwk.kty];
      return new realm.Array(...names.map((name) => jwk[name]).filter((value) => value !== undefined));
    },
    generateRsa: (modulusLength, publicExponent) => generateKeyPairSync('rsa', { modulusLength, publicExponent }),
    generateEc: (curve) => generateKeyPairSync('ec', { namedCurve: kCurves[curve] }),
    generateOkp: (type) => generateKeyPairSync(kOkpTypes[type].toLowerCase()),
    keysEqual: (a, b) => a.equals(b),
    verify(key, scheme, digest, salt, signature, data) {
      const { digest: name, key: options } = form(key, scheme, digest, salt);
      return verify(name, bytesOf(data), options, bytesOf(signature));
    },
  };
  for (const name of ['generateRsa', 'generateEc', 'generateOkp']) {
    const generate = natives[name];
    natives[name] = (...values) => {
      const { publicKey, privateKey } = generate(...values);
      return new realm.Array(publicKey, privateKey);
    };
  }
  for (const [name, operation] of Object.entries(operations)) {
    natives[name] = (...values) => {
      try {
        const result = operation(...values);
        return Buffer.isBuffer(result) ? new realm.Uint8Array(result).buffer : result;
      } catch {
        return undefined;
      }
    };
  }
  return natives;
}
