// What the Cache API refuses, and with which words. (The reference runtime has no cache to look into without a service
// behind it: what is kept is in kept.test.js.)
import { ok, rejects, strictEqual } from 'node:assert';

const url = 'https://cache.example/thing';

export const interfaces = {
  test() {
    ok(caches instanceof CacheStorage);
    ok(caches.default instanceof Cache);
    strictEqual(caches.default, caches.default);
    strictEqual(Object.prototype.toString.call(caches), '[object CacheStorage]');
  },
};

export const responses_that_cannot_be_kept = {
  async test() {
    const refused = (request, response, message) => rejects(caches.default.put(request, response), { name: 'TypeError', message });
    await refused(new Request(url, { method: 'POST' }), new Response('x'), 'Cannot cache response to non-GET request.');
    await refused(url, new Response('x', { status: 206 }), 'Cannot cache response to a range request (206 Partial Content).');
    await refused(url, new Response('x', { headers: { vary: 'accept, *' } }), "Cannot cache response with 'Vary: *' header.");
  },
};

export const other_methods_find_nothing = {
  async test() {
    strictEqual(await caches.default.match(new Request(url, { method: 'POST' })), undefined);
    strictEqual(await caches.default.delete(new Request(url, { method: 'POST' })), false);
  },
};

export const names_have_a_limit = {
  async test() {
    await rejects(caches.open('x'.repeat(1024)), { name: 'TypeError', message: 'Cache name is too long.' });
    ok((await caches.open('x')) instanceof Cache);
  },
};
