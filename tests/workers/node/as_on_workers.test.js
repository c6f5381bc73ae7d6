// Where Node's modules follow what Workers have, rather than Node.
import { strict as assert } from 'node:assert';
import { createHmac, getHashes, hkdfSync } from 'node:crypto';
import { createRequire } from 'node:module';
import process from 'node:process';
import { StringDecoder } from 'node:string_decoder';
import { pathToFileURL } from 'node:url';
import zlib from 'node:zlib';
import { WorkerEntrypoint } from 'cloudflare:workers';

export class Remote extends WorkerEntrypoint {
  list() { return [1, 2]; }
}

export const a_buffer_is_alone_in_its_memory = {
  test() {
    assert.equal(Buffer.from('text').buffer.byteLength, 4);
    assert.equal(Buffer.from([1, 2, 3]).byteOffset, 0);
    assert.equal(Buffer.poolSize, 0);
  },
};

export const every_hash_that_is_listed_can_derive = {
  test() {
    for (const hash of getHashes()) {
      assert.equal(hkdfSync(hash, 'key', 'salt', 'info', 5).byteLength, 5, hash);
      createHmac(hash, 'key').update('x').digest();
    }
  },
};

export const process_tells_of_rejections = {
  async test() {
    const unhandled = Promise.withResolvers();
    const handled = Promise.withResolvers();
    const onUnhandled = (reason, promise) => unhandled.resolve([reason, promise]);
    process.once('unhandledRejection', onUnhandled);
    process.once('rejectionHandled', (promise) => handled.resolve([promise]));
    const error = new Error('nobody cares');
    const rejected = Promise.reject(error);
    const [reason, promise] = await unhandled.promise;
    assert.equal(reason, error);
    assert.equal(promise, rejected);
    rejected.catch(() => {});
    assert.equal((await handled.promise)[0], rejected);
    assert.equal(process.listenerCount('unhandledRejection'), 0);
  },
};

export const a_decoder_with_a_damaged_state_refuses = {
  test() {
    const damaged = (index, value) => {
      const decoder = new StringDecoder();
      decoder[Object.getOwnPropertySymbols(decoder)[0]][index] = value;
      return () => decoder.write(Buffer.from('x'));
    };
    assert.throws(damaged(5, 100), { message: 'Buffered bytes cannot exceed 4' });
    assert.throws(damaged(4, 100), { message: 'Missing bytes cannot exceed 4' });
    assert.throws(damaged(6, 100), { message: 'Invalid StringDecoder state' });
    const decoder = new StringDecoder();
    decoder[Object.getOwnPropertySymbols(decoder)[0]] = Buffer.alloc(1);
    assert.throws(() => decoder.write(Buffer.from('x')), { message: 'Invalid StringDecoder' });
  },
};

export const modules_are_refused_in_these_words = {
  async test() {
    assert.throws(() => createRequire('no path'), { message: /The argument must be a file URL object/ });
    assert.throws(() => createRequire(new URL('https://example.org')), { message: /The argument must be a file URL object/ });
    assert.throws(() => createRequire('file://test?query'), { message: /must not have query string parameters/ });
    await assert.rejects(import('node:nothing'), { message: 'No such module "node:nothing".' });
  },
};

export const paths_become_urls = {
  test() {
    assert.equal(pathToFileURL('\\\\?\\C:\\a\\b.txt', { windows: true }).href, 'file:///C:/a/b.txt');
    assert.equal(pathToFileURL('/a~b', { windows: false }).href, 'file:///a%7Eb');
  },
};

export const a_limit_that_is_out_of_range_reaches_the_callback = {
  async test() {
    const error = await new Promise((resolve) => { zlib.deflate('data', { maxOutputLength: 0 }, resolve); });
    assert.equal(error.name, 'RangeError');
    assert.throws(() => zlib.zstdDecompressSync(Buffer.from('no frame of zstd')), /Zstd decompression failed/);
  },
};

export const a_call_to_another_worker_is_a_promise_to_assert = {
  async test(ctrl, env, ctx) {
    await assert.rejects(() => ctx.exports.Remote.nothing(), { name: 'TypeError' });
    await assert.doesNotReject(() => ctx.exports.Remote.list());
  },
};
