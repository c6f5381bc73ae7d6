// Applications written with hono and itty-router, bundled and deployed by wrangler.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startPlatform } from './platform.mjs';
import { Wrangler } from './wrangler.mjs';

let platform;
const opened = [];

async function deploy(name, source, configuration = {}) {
  const wrangler = new Wrangler(platform);
  opened.push(wrangler);
  wrangler.configure({ name, main: 'index.js', ...configuration });
  wrangler.write({ 'index.js': source });
  await wrangler.run(['deploy']);
}

before(async () => { platform = await startPlatform(); });
after(async () => {
  for (const wrangler of opened) wrangler.remove();
  await platform?.stop();
});

test('hono: routes, middleware, JSON, cookies, streaming, errors', async () => {
  await deploy('hono-app', `
    import { Hono } from 'hono';
    import { cors } from 'hono/cors';
    import { getCookie, setCookie } from 'hono/cookie';
    import { basicAuth } from 'hono/basic-auth';
    import { streamText } from 'hono/streaming';
    const app = new Hono();
    app.use('/api/*', cors({ origin: 'https://site.example' }));
    app.use('/private/*', basicAuth({ username: 'ann', password: 'secret' }));
    app.get('/api/users/:id', (c) => c.json({ id: c.req.param('id'), q: c.req.query('q') ?? null }));
    app.post('/api/users', async (c) => c.json(await c.req.json(), 201));
    app.post('/form', async (c) => c.text((await c.req.parseBody()).name));
    app.get('/cookie', (c) => { setCookie(c, 'seen', 'yes', { httpOnly: true }); return c.text(getCookie(c, 'was') ?? 'none'); });
    app.get('/stream', (c) => streamText(c, async (stream) => { for (const part of ['a', 'b', 'c']) { await stream.write(part); await stream.sleep(1); } }));
    app.get('/private/page', (c) => c.text('in'));
    app.get('/html', (c) => c.html('<b>bold</b>'));
    app.get('/moved', (c) => c.redirect('/html', 301));
    app.get('/fail', () => { throw new Error('on purpose'); });
    app.onError((error, c) => error.getResponse?.() ?? c.text('handled ' + error.message, 500));
    app.notFound((c) => c.text('nothing at ' + c.req.path, 404));
    export default app;`);
  const get = (path, headers) => platform.request({ worker: 'hono-app', path, headers });

  const user = await get('/api/users/7?q=x%20y', { origin: 'https://site.example' });
  assert.deepEqual(JSON.parse(user.body), { id: '7', q: 'x y' });
  assert.equal(user.headers['access-control-allow-origin'], 'https://site.example');
  const created = await platform.request({ worker: 'hono-app', path: '/api/users', method: 'POST', body: '{"name":"é"}', headers: { 'content-type': 'application/json' } });
  assert.deepEqual([created.status, created.body], [201, '{"name":"é"}']);
  const form = await platform.request({ worker: 'hono-app', path: '/form', method: 'POST', body: 'name=Ann+B', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  assert.equal(form.body, 'Ann B');
  const cookie = await get('/cookie', { cookie: 'was=here' });
  assert.deepEqual([cookie.body, cookie.headers['set-cookie']], ['here', ['seen=yes; Path=/; HttpOnly']]);
  assert.equal((await get('/stream')).body, 'abc');
  assert.equal((await get('/private/page')).status, 401);
  assert.equal((await get('/private/page', { authorization: `Basic ${btoa('ann:secret')}` })).body, 'in');
  assert.match((await get('/html')).headers['content-type'], /^text\/html/);
  const moved = await get('/moved');
  assert.deepEqual([moved.status, moved.headers.location], [301, '/html']);
  const failed = await get('/fail');
  assert.deepEqual([failed.status, failed.body], [500, 'handled on purpose']);
  assert.deepEqual((await get('/nowhere')).body, 'nothing at /nowhere');
});

test('itty-router: a link shortener over KV', async () => {
  const kv = await platform.createKv('links');
  await deploy('links', `
    import { AutoRouter, error, json } from 'itty-router';
    const router = AutoRouter();
    router
      .put('/:slug', async (request, env) => {
        const { url } = await request.json();
        await env.LINKS.put(request.params.slug, url);
        return json({ slug: request.params.slug }, { status: 201 });
      })
      .get('/:slug', async ({ params }, env) => {
        const url = await env.LINKS.get(params.slug);
        return url ? Response.redirect(url, 302) : error(404, 'no such link');
      })
      .get('/', () => ({ ok: true }));
    export default { ...router };`, { kv_namespaces: [{ binding: 'LINKS', id: kv }] });
  const put = await platform.request({ worker: 'links', path: '/docs', method: 'PUT', body: '{"url":"https://docs.example/a"}' });
  assert.deepEqual([put.status, put.body], [201, '{"slug":"docs"}']);
  const found = await platform.request({ worker: 'links', path: '/docs' });
  assert.deepEqual([found.status, found.headers.location], [302, 'https://docs.example/a']);
  assert.equal((await platform.request({ worker: 'links', path: '/other' })).status, 404);
  assert.deepEqual(JSON.parse((await platform.request({ worker: 'links' })).body), { ok: true });
});
