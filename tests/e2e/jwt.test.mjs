// Tokens made and checked by jose and by hono's JWT middleware, bundled and deployed by wrangler. The test checks them again with
// what Node itself brings, and makes some of its own.
import assert from 'node:assert/strict';
import { createHmac, createPublicKey, createSign, generateKeyPairSync, verify } from 'node:crypto';
import { after, before, test } from 'node:test';
import { startPlatform } from './platform.mjs';
import { Wrangler } from './wrangler.mjs';

let platform;
const opened = [];

async function deploy(name, source) {
  const wrangler = new Wrangler(platform);
  opened.push(wrangler);
  wrangler.configure({ name, main: 'index.js' });
  wrangler.write({ 'index.js': source });
  await wrangler.run(['deploy']);
}

before(async () => { platform = await startPlatform(); });
after(async () => {
  for (const wrangler of opened) wrangler.remove();
  await platform?.stop();
});

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part) => JSON.parse(Buffer.from(part, 'base64url').toString());

test('jose: signs, verifies, encrypts, imports and exports in every algorithm', async () => {
  await deploy('jose-app', `
    import * as jose from 'jose';
    const json = (value) => Response.json(value);
    const make = (alg, key) => new jose.SignJWT({ role: 'admin' }).setProtectedHeader({ alg, kid: 'k' }).setIssuedAt()
        .setIssuer('urn:atoll').setAudience('urn:test').setExpirationTime('2h').sign(key);
    export default {
      async fetch(request) {
        const url = new URL(request.url);
        const alg = url.searchParams.get('alg');
        switch (url.pathname) {
          case '/sign': {
            const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
            return json({ token: await make(alg, privateKey), jwk: await jose.exportJWK(publicKey), spki: await jose.exportSPKI(publicKey) });
          }
          case '/round': {
            const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
            const token = await make(alg, await jose.importPKCS8(await jose.exportPKCS8(privateKey), alg));
            const jwk = await jose.exportJWK(publicKey);
            const set = jose.createLocalJWKSet({ keys: [{ ...jwk, kid: 'k', alg }] });
            const { payload, protectedHeader } = await jose.jwtVerify(token, set, { issuer: 'urn:atoll', audience: 'urn:test' });
            const thumbprint = await jose.calculateJwkThumbprint(jwk);
            let refused;
            try { await jose.jwtVerify(token.slice(0, -8) + 'AAAAAAAA', publicKey); } catch (error) { refused = error.code; }
            return json({ role: payload.role, alg: protectedHeader.alg, thumbprint, refused });
          }
          case '/secret': {
            const secret = new TextEncoder().encode('a secret of some length, thirty-two and more');
            const { payload } = await jose.jwtVerify(await request.text(), secret);
            return json({ payload, token: await make('HS512', secret) });
          }
          case '/encrypt': {
            const enc = url.searchParams.get('enc');
            let keys;
            if (alg === 'dir' || alg.startsWith('A')) {
              const size = alg === 'dir' ? (enc === 'A128CBC-HS256' ? 32 : 32) : Number(alg.slice(1, 4)) / 8;
              keys = { publicKey: crypto.getRandomValues(new Uint8Array(size)) };
              keys.privateKey = keys.publicKey;
            } else {
              keys = await jose.generateKeyPair(alg);
            }
            const sealed = await new jose.EncryptJWT({ secret: 'ü' }).setProtectedHeader({ alg, enc }).encrypt(keys.publicKey);
            return json((await jose.jwtDecrypt(sealed, keys.privateKey)).payload);
          }
        }
        return new Response(null, { status: 404 });
      },
    };`);
  const ask = async (path, body) => {
    const answer = await platform.request({ worker: 'jose-app', path, ...(body === undefined ? {} : { method: 'POST', body }) });
    assert.equal(answer.status, 200, `${path}: ${answer.body}`);
    return JSON.parse(answer.body);
  };

  for (const [alg, digest] of [['RS256', 'sha256'], ['ES256', 'sha256'], ['ES384', 'sha384'], ['ES512', 'sha512'], ['Ed25519', null]]) {
    const { token, jwk, spki } = await ask(`/sign?alg=${alg}`);
    const [head, body, signature] = token.split('.');
    assert.deepEqual(decode(head), { alg, kid: 'k' });
    assert.equal(decode(body).role, 'admin');
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    assert.equal(key.export({ type: 'spki', format: 'pem' }).trim(), spki.trim());
    assert.equal(verify(digest, Buffer.from(`${head}.${body}`), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')), true, alg);
  }
  for (const alg of ['RS256', 'RS384', 'PS256', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']) {
    const { role, thumbprint, refused, alg: shown } = await ask(`/round?alg=${alg}`);
    assert.deepEqual([role, shown, thumbprint.length, refused], ['admin', alg, 43, 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'], alg);
  }

  const unsigned = `${encode({ alg: 'HS256' })}.${encode({ sub: 'ann' })}`;
  const secret = 'a secret of some length, thirty-two and more';
  const { payload, token } = await ask('/secret', `${unsigned}.${createHmac('sha256', secret).update(unsigned).digest('base64url')}`);
  assert.deepEqual(payload, { sub: 'ann' });
  const [head, body, signature] = token.split('.');
  assert.equal(createHmac('sha512', secret).update(`${head}.${body}`).digest('base64url'), signature);

  for (const [alg, enc] of [
    ['dir', 'A256GCM'], ['dir', 'A128CBC-HS256'], ['A128KW', 'A128GCM'], ['A256KW', 'A256CBC-HS512'], ['A256GCMKW', 'A192GCM'],
    ['RSA-OAEP-256', 'A256GCM'], ['RSA-OAEP', 'A128GCM'], ['ECDH-ES', 'A256GCM'], ['ECDH-ES+A128KW', 'A128GCM'],
  ]) {
    assert.deepEqual(await ask(`/encrypt?alg=${alg.replace('+', '%2B')}&enc=${enc}`), { secret: 'ü' }, `${alg} ${enc}`);
  }
});

test('hono: the JWT middleware guards what it shall, and takes tokens of others', async () => {
  await deploy('hono-jwt', `
    import { Hono } from 'hono';
    import { jwt, sign, verify } from 'hono/jwt';
    const app = new Hono();
    const secret = 'it-is-very-secret';
    app.post('/login', async (c) => c.json({ token: await sign({ sub: (await c.req.json()).name, exp: Math.floor(Date.now() / 1000) + 60 }, secret, 'HS256') }));
    app.use('/auth/*', jwt({ secret, alg: 'HS256' }));
    app.get('/auth/page', (c) => c.json(c.get('jwtPayload')));
    app.post('/verify/:alg', async (c) => {
      const { token, key } = await c.req.json();
      return c.json(await verify(token, key, c.req.param('alg')));
    });
    export default app;`);
  const get = (token) => platform.request({ worker: 'hono-jwt', path: '/auth/page', headers: token ? { authorization: `Bearer ${token}` } : {} });
  const post = (path, value) => platform.request({
    worker: 'hono-jwt', path, method: 'POST', body: JSON.stringify(value), headers: { 'content-type': 'application/json' } });

  const { token } = JSON.parse((await post('/login', { name: 'ann' })).body);
  assert.equal((await get()).status, 401);
  assert.equal(JSON.parse((await get(token)).body).sub, 'ann');
  assert.equal((await get(`${token.slice(0, -4)}AAAA`)).status, 401);
  const old = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: 'bob', exp: 1 })}`;
  assert.equal((await get(`${old}.${createHmac('sha256', 'it-is-very-secret').update(old).digest('base64url')}`)).status, 401);

  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const unsigned = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({ sub: 'carl' })}`;
  const foreign = `${unsigned}.${createSign('sha256').update(unsigned).sign(privateKey).toString('base64url')}`;
  const answer = await post('/verify/RS256', { token: foreign, key: publicKey.export({ type: 'spki', format: 'pem' }) });
  assert.deepEqual([answer.status, answer.body], [200, '{"sub":"carl"}']);
});

test('node:crypto: jsonwebtoken-like code signs what others verify', async () => {
  await deploy('node-jwt', `
    import { createHmac, createSign, generateKeyPairSync, timingSafeEqual } from 'node:crypto';
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    export default {
      async fetch(request) {
        const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        const unsigned = encode({ alg: 'ES256' }) + '.' + encode({ sub: 'dora' });
        const signature = createSign('sha256').update(unsigned).sign({ key: privateKey, dsaEncoding: 'ieee-p1363' });
        const mac = createHmac('sha256', 'key').update(unsigned).digest();
        return Response.json({ token: unsigned + '.' + signature.toString('base64url'), key: publicKey.export({ format: 'jwk' }),
                               same: timingSafeEqual(mac, createHmac('sha256', 'key').update(unsigned).digest()) });
      },
    };`);
  const { token, key, same } = JSON.parse((await platform.request({ worker: 'node-jwt', path: '/' })).body);
  const [head, body, signature] = token.split('.');
  assert.equal(same, true);
  assert.equal(verify('sha256', Buffer.from(`${head}.${body}`), { key: createPublicKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
                      Buffer.from(signature, 'base64url')), true);
});
