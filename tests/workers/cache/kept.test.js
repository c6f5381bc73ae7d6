// What is kept, for how long, and what of it answers a request.
import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert';

let count = 0;
const fresh = () => `https://cache.example/${count++}?of=${crypto.randomUUID()}`;
const kept = (headers = {}) => ({ headers: { 'cache-control': 'max-age=60', ...headers } });

export const a_response_is_given_back_whole = {
  async test() {
    const url = fresh();
    strictEqual(await caches.default.match(url), undefined);
    await caches.default.put(url, new Response('body', { status: 404, statusText: 'Gone Fishing', ...kept({ 'x-a': 'b' }) }));
    for (let i = 0; i < 2; i++) {
      const found = await caches.default.match(new Request(url));
      deepStrictEqual([found.status, found.statusText, await found.text()], [404, 'Gone Fishing', 'body']);
      deepStrictEqual([found.headers.get('x-a'), found.headers.get('cf-cache-status'), found.headers.get('age')], ['b', 'HIT', '0']);
    }
    strictEqual(await caches.default.delete(url), true);
    strictEqual(await caches.default.delete(url), false);
    strictEqual(await caches.default.match(url), undefined);
  },
};

export const caches_of_other_names_are_others = {
  async test() {
    const url = fresh();
    const one = await caches.open('one');
    await one.put(url, new Response('one', kept()));
    strictEqual(await caches.default.match(url), undefined);
    strictEqual(await (await caches.open('two')).match(url), undefined);
    strictEqual(await (await (await caches.open('one')).match(url)).text(), 'one');
  },
};

export const a_streamed_body_is_kept = {
  async test() {
    const url = fresh();
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    const put = caches.default.put(url, new Response(readable, kept()));
    for (let i = 0; i < 50; i++) await writer.write(new Uint8Array(1000).fill(i));
    await writer.close();
    await put;
    const bytes = new Uint8Array(await (await caches.default.match(url)).arrayBuffer());
    deepStrictEqual([bytes.length, bytes[0], bytes[49_999]], [50_000, 0, 49]);
  },
};

export const a_body_that_fails_is_not_kept = {
  async test() {
    const url = fresh();
    const body = new ReadableStream({ pull(controller) { controller.error(new Error('half')); } });
    await rejects(caches.default.put(url, new Response(body, kept())));
    strictEqual(await caches.default.match(url), undefined);
  },
};

export const what_forbids_keeping_is_obeyed = {
  async test() {
    for (const headers of [{ 'cache-control': 'no-store' }, { 'cache-control': 'private' }, { 'cache-control': 'max-age=0' },
      { 'cache-control': 'max-age=60', 'set-cookie': 'a=b' }, { expires: '0' }]) {
      const url = fresh();
      await caches.default.put(url, new Response('x', { headers }));
      strictEqual(await caches.default.match(url), undefined, JSON.stringify(headers));
    }
    const url = fresh();
    await caches.default.put(url, new Response('x', { headers: { 'cache-control': 'private=Set-Cookie, max-age=60', 'set-cookie': 'a=b' } }));
    strictEqual((await caches.default.match(url)).headers.get('set-cookie'), null);
  },
};

export const ranges_and_conditions = {
  async test() {
    const url = fresh();
    await caches.default.put(url, new Response('0123456789', kept({ etag: '"a"' })));
    const ask = (headers) => caches.default.match(new Request(url, { headers }));
    const part = await ask({ range: 'bytes=2-4' });
    deepStrictEqual([part.status, part.headers.get('content-range'), await part.text()], [206, 'bytes 2-4/10', '234']);
    const outside = await ask({ range: 'bytes=10-' });
    deepStrictEqual([outside.status, outside.headers.get('content-range')], [416, 'bytes */10']);
    const same = await ask({ 'if-none-match': '"a"' });
    deepStrictEqual([same.status, await same.text()], [304, '']);
  },
};

export const another_request_finds_it = {
  async test(ctrl, env) {
    const url = fresh();
    await caches.default.put(url, new Response('shared', kept()));
    strictEqual(await (await env.SELF.fetch('https://self/', { headers: { 'x-look-for': url } })).text(), 'shared');
  },
};

export const a_body_that_is_too_large_is_refused = {
  async test() {
    const url = fresh();
    await rejects(caches.default.put(url, new Response(new Uint8Array(9 << 20), kept())), { name: 'TypeError', message: /too large/ });
    ok((await caches.default.match(url)) === undefined);
  },
};

export default {
  async fetch(request) {
    const url = request.headers.get('x-look-for');
    return (await caches.default.match(url)) ?? new Response('nothing');
  },
};
