import { Buffer } from 'node:buffer';
import * as crypto from 'node:crypto';
import { equal, rejects, throws } from '../check.js';

const later = (start) => new Promise((resolve, reject) => start((error, value) => error ? reject(error) : resolve(value)));

export const hashes_stream_and_copy = {
  async test() {
    const hash = crypto.createHash('sha256').update('hello ');
    const copy = hash.copy();
    equal(hash.update('world').digest('hex'), 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9');
    equal(copy.update(Buffer.from('world')).digest('base64'), 'uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=');
    equal(crypto.createHash('md5').update('ü', 'latin1').digest('hex'), crypto.createHash('md5').update(Buffer.of(0xfc)).digest('hex'));
    throws(() => hash.update('more'), 'Error', 'already called');
    throws(() => crypto.createHash('none'), 'Error', 'Digest method not supported');
    const streamed = crypto.createHash('sha1');
    streamed.end('abc');
    const [digest] = await later((done) => streamed.on('data', (chunk) => done(null, [chunk])));
    equal(digest.toString('hex'), 'a9993e364706816aba3e25717850c26c9cd0d89d');
    equal(crypto.hash('sha1', 'abc'), 'a9993e364706816aba3e25717850c26c9cd0d89d');
  },
};

export const hmac_takes_strings_bytes_and_key_objects = {
  test() {
    const expected = 'f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8';
    const message = 'The quick brown fox jumps over the lazy dog';
    for (const key of ['key', Buffer.from('key'), new TextEncoder().encode('key').buffer, crypto.createSecretKey('key', 'utf8')]) {
      equal(crypto.createHmac('sha256', key).update(message).digest('hex'), expected);
    }
    throws(() => crypto.createHmac('none', 'key'), 'Error', 'Digest method not supported');
  },
};

export const ciphers_encrypt_and_authenticate = {
  test() {
    for (const [name, keySize, ivSize] of [['aes-128-cbc', 16, 16], ['aes-256-ctr', 32, 16], ['aes-192-ecb', 24, 0]]) {
      const key = Buffer.alloc(keySize, 1);
      const iv = ivSize ? Buffer.alloc(ivSize, 2) : null;
      const cipher = crypto.createCipheriv(name, key, iv);
      const sealed = cipher.update('some text of some length', 'utf8', 'hex') + cipher.final('hex');
      const decipher = crypto.createDecipheriv(name, crypto.createSecretKey(key), iv);
      equal(decipher.update(sealed, 'hex', 'utf8') + decipher.final('utf8'), 'some text of some length');
    }
    for (const name of ['aes-256-gcm', 'chacha20-poly1305']) {
      const key = Buffer.alloc(32, 3);
      const iv = Buffer.alloc(12, 4);
      const cipher = crypto.createCipheriv(name, key, iv, { authTagLength: 16 });
      cipher.setAAD(Buffer.from('header'));
      const sealed = Buffer.concat([cipher.update('secret', 'utf8'), cipher.final()]);
      const tag = cipher.getAuthTag();
      equal([sealed.length, tag.length], [6, 16]);
      const open = (aad) => {
        const decipher = crypto.createDecipheriv(name, key, iv, { authTagLength: 16 });
        decipher.setAAD(Buffer.from(aad));
        decipher.setAuthTag(tag);
        return Buffer.concat([decipher.update(sealed), decipher.final()]).toString();
      };
      equal(open('header'), 'secret');
      let refused = false;
      try { open('other'); } catch { refused = true; }
      equal(refused, true);
    }
    for (const [key, iv] of [[5, 16], [16, 5]]) {
      let refused = false;
      try { crypto.createCipheriv('aes-128-cbc', Buffer.alloc(key), Buffer.alloc(iv)); } catch { refused = true; }
      equal(refused, true);
    }
  },
};

export const key_pairs_sign_and_encrypt = {
  async test() {
    const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', {
      modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
    equal([publicKey.startsWith('-----BEGIN PUBLIC KEY-----\n'), privateKey.startsWith('-----BEGIN PRIVATE KEY-----\n')], [true, true]);
    const signature = crypto.createSign('sha256').update('message').sign(privateKey);
    equal(crypto.createVerify('sha256').update('message').verify(publicKey, signature), true);
    equal(crypto.createVerify('sha256').update('massage').verify(publicKey, signature), false);
    equal(crypto.verify('sha256', Buffer.from('message'), publicKey, signature), true);
    const sealed = crypto.publicEncrypt(publicKey, Buffer.from('secret'));
    equal(crypto.privateDecrypt(privateKey, sealed).toString(), 'secret');
    const object = crypto.createPrivateKey(privateKey);
    equal([object.type, object.asymmetricKeyType, object.asymmetricKeyDetails.modulusLength], ['private', 'rsa', 2048]);
    equal(crypto.createPublicKey(object).export({ type: 'spki', format: 'pem' }), publicKey);
    const jwk = object.export({ format: 'jwk' });
    equal([jwk.kty, jwk.e, crypto.createPrivateKey({ key: jwk, format: 'jwk' }).equals(object)], ['RSA', 'AQAB', true]);

    const ec = await later((done) => crypto.generateKeyPair('ec', { namedCurve: 'P-256', publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } }, (error, ...pair) => done(error, pair)));
    const short = crypto.sign('sha256', Buffer.from('message'), { key: ec[1], dsaEncoding: 'ieee-p1363' });
    equal([short.length, crypto.verify('sha256', Buffer.from('message'), { key: ec[0], dsaEncoding: 'ieee-p1363' }, short)], [64, true]);
    const ed = crypto.generateKeyPairSync('ed25519');
    equal(crypto.verify(null, Buffer.from('message'), ed.publicKey, crypto.sign(null, Buffer.from('message'), ed.privateKey)), true);
    throws(() => crypto.createPrivateKey('nonsense'), 'Error', 'Failed to parse private key');
    throws(() => crypto.createPublicKey('nonsense'), 'Error', 'Failed to parse public key');
  },
};

export const private_keys_are_encrypted_in_pem = {
  test() {
    const { privateKey } = crypto.generateKeyPairSync('ec', {
      namedCurve: 'P-256', privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' } });
    equal(privateKey.startsWith('-----BEGIN ENCRYPTED PRIVATE KEY-----'), true);
    equal(crypto.createPrivateKey({ key: privateKey, passphrase: 'open sesame' }).type, 'private');
    throws(() => crypto.createPrivateKey({ key: privateKey, passphrase: 'guess' }), 'Error');
  },
};

export const secrets_are_agreed_upon = {
  test() {
    const alice = crypto.createECDH('prime256v1');
    const bob = crypto.createECDH('prime256v1');
    alice.generateKeys();
    bob.generateKeys();
    equal(alice.computeSecret(bob.getPublicKey(), null, 'hex'), bob.computeSecret(alice.getPublicKey('hex'), 'hex', 'hex'));
    const one = crypto.getDiffieHellman('modp14');
    const two = crypto.getDiffieHellman('modp14');
    one.generateKeys();
    two.generateKeys();
    equal(one.computeSecret(two.getPublicKey()).equals(two.computeSecret(one.getPublicKey())), true);
    const [x, y] = [crypto.generateKeyPairSync('x25519'), crypto.generateKeyPairSync('x25519')];
    equal(crypto.diffieHellman({ privateKey: x.privateKey, publicKey: y.publicKey }).equals(
        crypto.diffieHellman({ privateKey: y.privateKey, publicKey: x.publicKey })), true);
  },
};

export const keys_come_out_of_passwords = {
  async test() {
    equal(crypto.pbkdf2Sync('password', 'salt', 2, 20, 'sha1').toString('hex'), 'ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957');
    equal((await later((done) => crypto.pbkdf2('password', 'salt', 2, 20, 'sha1', done))).length, 20);
    equal(crypto.scryptSync('password', 'NaCl', 64, { N: 1024, r: 8, p: 16 }).toString('hex').slice(0, 32), 'fdbabe1c9d3472007856e7190d01e9fe');
    throws(() => crypto.scryptSync('p', 's', 64, { N: 1024, r: 1, p: 32768 }), 'RangeError');
    equal(Buffer.from(crypto.hkdfSync('sha256', Buffer.alloc(22, 0x0b), Buffer.from('000102030405060708090a0b0c', 'hex'),
        Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex'), 42)).toString('hex').slice(0, 32), '3cb25f25faacd57a90434f64d0362f2a');
    await rejects(later((done) => crypto.pbkdf2('p', 's', 2, 20, 'none', done)), 'TypeError');
  },
};

export const randomness = {
  async test() {
    equal([crypto.randomBytes(8).length, (await later((done) => crypto.randomBytes(5, done))).length], [8, 5]);
    const numbers = Array.from({ length: 50 }, () => crypto.randomInt(3, 6));
    equal(numbers.every((n) => n >= 3 && n < 6), true);
    equal(/^[0-9a-f-]{36}$/.test(crypto.randomUUID()), true);
    equal(crypto.checkPrimeSync(crypto.generatePrimeSync(64)), true);
    equal(crypto.webcrypto.subtle === globalThis.crypto.subtle, true);
    equal([crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('a')), crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('b'))], [true, false]);
  },
};

export const crypto_keys_become_key_objects = {
  async test() {
    const key = await globalThis.crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
    const object = crypto.KeyObject.from(key);
    equal([object.type, object.symmetricKeySize], ['secret', 64]);
    const message = new TextEncoder().encode('message');
    equal(crypto.createHmac('sha256', object).update(message).digest('hex'),
          Buffer.from(await globalThis.crypto.subtle.sign('HMAC', key, message)).toString('hex'));
    const pair = await globalThis.crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, false, ['sign', 'verify']);
    const signature = crypto.sign('sha384', message, pair.privateKey);
    equal(crypto.verify('sha384', message, pair.publicKey, signature), true);
    throws(() => crypto.KeyObject.from(pair.privateKey).export({ type: 'pkcs8', format: 'pem' }), 'TypeError', 'non-extractable');
  },
};

export const certificates_are_read = {
  test() {
    throws(() => new crypto.X509Certificate('nonsense'), 'TypeError', 'not a valid certificate');
    const certificate = new crypto.X509Certificate(kCertificate);
    equal([certificate.subject, certificate.issuer], ['CN=atoll.test', 'CN=atoll.test']);
    equal([certificate.subjectAltName, certificate.ca], ['DNS:atoll.test, DNS:*.atoll.test', true]);
    equal([certificate.checkHost('www.atoll.test'), certificate.checkHost('www.other.test')], ['*.atoll.test', undefined]);
    equal([certificate.publicKey.asymmetricKeyType, certificate.verify(certificate.publicKey)], ['ec', true]);
    equal(certificate.fingerprint256.length, 95);
  },
};

const kCertificate = `-----BEGIN CERTIFICATE-----
MIIBpTCCAUygAwIBAgIUcXAuQQB8IJyiUUFdK8rBJcfNTcYwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKYXRvbGwudGVzdDAgFw0yNjExMjQxMDI5MTFaGA8yMTI2MTAz
MTEwMjkxMVowFTETMBEGA1UEAwwKYXRvbGwudGVzdDBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABAIWEVZfcjJMjDUyY40WTi8RLJSypVTfxP3ExVv2/vnHIK4o//aM
ffisXNuI1aBApEEUmvXSfmFUnksFu+rnUFCjeDB2MB0GA1UdDgQWBBR1nEZU6YJK
GDfcnBBPSjM7eEfvtjAfBgNVHSMEGDAWgBR1nEZU6YJKGDfcnBBPSjM7eEfvtjAP
BgNVHRMBAf8EBTADAQH/MCMGA1UdEQQcMBqCCmF0b2xsLnRlc3SCDCouYXRvbGwu
dGVzdDAKBggqhkjOPQQDAgNHADBEAiBiWp5eijXvWk/vyOgJj87GPSaOsq/8U9mk
wgKTRsBYNgIga7VpXpeZJg0/0Id3IPVOUw/A5+xS/VkDZ7s2LGJLWI4=
-----END CERTIFICATE-----
`;
