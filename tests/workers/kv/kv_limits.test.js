// What the service itself refuses; the reference runtime leaves these checks to it.
import { equal, rejects } from '../check.js';

const now = () => Math.floor(Date.now() / 1000);

export const times_to_live_are_checked = {
  async test(ctrl, { KV }) {
    const put = (options) => KV.put('ttl', 'x', options);
    await rejects(put({ expirationTtl: 30 }), 'Error', 'KV PUT failed: 400 Invalid expiration_ttl of 30. Expiration TTL must be at least 60.');
    await rejects(put({ expirationTtl: 0 }), 'Error', 'Invalid expiration_ttl of 0. Please specify integer greater than 0.');
    await rejects(put({ expirationTtl: 'x' }), 'Error', 'Invalid expiration_ttl of 0. Please specify integer greater than 0.');
    await rejects(put({ expiration: 1 }), 'Error', 'KV PUT failed: 400 Invalid expiration of 1. Please specify integer greater than');
    const soon = now() + 10;
    await rejects(put({ expiration: soon }), 'Error', `Invalid expiration of ${soon}. Expiration times must be at least 60 seconds`);
    await put({ expirationTtl: 60 });
    const later = now() + 100;
    await put({ expiration: later });
    const { keys } = await KV.list({ prefix: 'ttl' });
    equal(keys, [{ name: 'ttl', expiration: later }]);
  },
};

export const sizes_are_limited = {
  async test(ctrl, { KV }) {
    await rejects(KV.put('m', 'x', { metadata: 'y'.repeat(1023) }), 'Error', 'KV PUT failed: 413 Metadata length of 1025 exceeds limit of 1024.');
    await KV.put('m', 'x', { metadata: 'y'.repeat(1022) });
    const limit = 25 * 1024 * 1024;
    await rejects(KV.put('big', 'x'.repeat(limit + 1)), 'Error', `KV PUT failed: 413 Value length of ${limit + 1} exceeds limit of ${limit}.`);
    await rejects(KV.put('big', new Uint8Array(limit + 1)), 'Error', 'KV PUT failed: 413 Value length');
  },
};

export const list_limits_are_checked = {
  async test(ctrl, { KV }) {
    await rejects(KV.list({ limit: 0 }), 'Error', 'Invalid key_count_limit of 0. Please specify an integer greater than 0.');
    await rejects(KV.list({ limit: 1001 }), 'Error', 'KV GET failed: 400 Invalid key_count_limit of 1001. Please specify an integer less than 1000.');
    await rejects(KV.list({ prefix: 'p'.repeat(513) }), 'Error', 'KV GET failed: 414 UTF-8 encoded length of 513');
  },
};

export const bulk_limits_are_checked = {
  async test(ctrl, { KV }) {
    const keys = Array.from({ length: 101 }, (_, i) => `k${i}`);
    await rejects(KV.get(keys), 'Error', 'KV GET_BULK failed: 400 You can request a maximum of 100 keys');
    equal((await KV.get(keys.slice(1))).size, 100);
    await rejects(KV.get([]), 'Error', 'KV GET_BULK failed: 400');
    await rejects(KV.get(['a'], 'stream'), 'Error', '"stream" is not a valid type. Use "json" or "text"');
    await KV.put('no json', 'x');
    await rejects(KV.get(['no json'], 'json'), 'Error', 'At least one of the requested keys corresponds to a non-JSON value');
  },
};

export const cache_ttl_is_checked = {
  async test(ctrl, { KV }) {
    await rejects(KV.get('a', { cacheTtl: 10 }), 'Error', 'KV GET failed: 400 Invalid cache_ttl of 10. Cache TTL must be at least 30.');
  },
};
