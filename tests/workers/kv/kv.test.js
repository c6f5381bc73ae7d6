import { equal, rejects } from '../check.js';

const later = async (call, value) => call(value);
const bytes = (text) => new TextEncoder().encode(text);

export const every_type_of_value = {
  async test(ctrl, { KV }) {
    await KV.put('types', '{"a":"ä"}');
    equal(await KV.get('types'), '{"a":"ä"}');
    equal(await KV.get('types', 'text'), '{"a":"ä"}');
    equal(await KV.get('types', 'json'), { a: 'ä' });
    equal(await KV.get('types', { type: 'json', cacheTtl: 60 }), { a: 'ä' });
    const buffer = await KV.get('types', 'arrayBuffer');
    equal([buffer instanceof ArrayBuffer, buffer.byteLength], [true, 10]);
    const stream = await KV.get('types', 'stream');
    equal([stream instanceof ReadableStream, await new Response(stream).text()], [true, '{"a":"ä"}']);
    equal([await KV.get('absent'), await KV.get('absent', 'json'), await KV.get('absent', 'stream')], [null, null, null]);
  },
};

export const everything_that_can_be_put = {
  async test(ctrl, { KV }) {
    await KV.put('put', '');
    equal(await KV.get('put'), '');
    await KV.put('put', bytes('view').subarray(1));
    equal(await KV.get('put'), 'iew');
    await KV.put('put', bytes('buffer').buffer);
    equal(await KV.get('put'), 'buffer');
    await KV.put('put', new Response('stream').body);
    equal(await KV.get('put'), 'stream');
    await KV.put('put', 5);
    equal(await KV.get('put'), '5');
    for (const value of [{}, [], new Date(), new Blob(['x'])]) {
      await rejects(KV.put('put', value), 'TypeError', 'KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams');
    }
    equal(await KV.get('put'), '5');
  },
};

export const metadata_comes_back = {
  async test(ctrl, { KV }) {
    await KV.put('with', 'value', { metadata: { a: [1, 'ä'] } });
    await KV.put('without', '"value"');
    const { value, metadata, cacheStatus } = await KV.getWithMetadata('with');
    equal([value, metadata, cacheStatus], ['value', { a: [1, 'ä'] }, null]);
    const other = await KV.getWithMetadata('without', 'json');
    equal([other.value, other.metadata], ['value', null]);
    const absent = await KV.getWithMetadata('absent', { type: 'stream' });
    equal([absent.value, absent.metadata], [null, null]);
    await KV.put('with', 'value');
    equal((await KV.getWithMetadata('with')).metadata, null);
  },
};

export const delete_removes = {
  async test(ctrl, { KV }) {
    await KV.put('gone', 'x');
    equal(await KV.delete('gone'), undefined);
    equal(await KV.get('gone'), null);
    await KV.delete('never there');
  },
};

export const keys_are_checked = {
  async test(ctrl, { KV }) {
    const long = 'k'.repeat(513);
    for (const [operation, call] of [
      ['GET', (key) => KV.get(key)], ['GET', (key) => KV.getWithMetadata(key)], ['PUT', (key) => KV.put(key, 'x')],
      ['DELETE', (key) => KV.delete(key)],
    ]) {
      await rejects(later(call, ''), 'TypeError', 'Key name cannot be empty.');
      await rejects(later(call, '.'), 'TypeError', '"." is not allowed as a key name.');
      await rejects(later(call, '..'), 'TypeError', '".." is not allowed as a key name.');
      await rejects(later(call, long), 'Error', `KV ${operation} failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.`);
    }
    await rejects(later(() => KV.get('ä'.repeat(257))), 'Error', 'UTF-8 encoded length of 514 exceeds');
    const most = 'ä'.repeat(256);
    await KV.put(most, 'longest');
    equal(await KV.get(most), 'longest');
    await KV.put('%2F a/b?c#d&e', 'odd');
    equal(await KV.get('%2F a/b?c#d&e'), 'odd');
    await KV.delete(most);
  },
};

export const unknown_types_are_refused = {
  async test(ctrl, { KV }) {
    await KV.put('t', 'no json');
    await rejects(KV.get('t', 'blob'), 'TypeError', 'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".');
    await rejects(KV.get('t', 'json'), 'SyntaxError');
  },
};

export const list_pages_through_the_keys = {
  async test(ctrl, { KV }) {
    for (const { name } of (await KV.list()).keys) await KV.delete(name);
    for (const key of ['p/c', 'p/a', 'p/b', 'q/a']) await KV.put(key, key, { metadata: { key } });
    const all = await KV.list();
    equal([all.keys.map(({ name }) => name), all.list_complete, 'cursor' in all, all.cacheStatus],
          [['p/a', 'p/b', 'p/c', 'q/a'], true, false, null]);
    equal(all.keys[0], { name: 'p/a', metadata: { key: 'p/a' } });
    const first = await KV.list({ prefix: 'p/', limit: 2 });
    equal([first.keys.map(({ name }) => name), first.list_complete, typeof first.cursor], [['p/a', 'p/b'], false, 'string']);
    const rest = await KV.list({ prefix: 'p/', limit: 2, cursor: first.cursor });
    equal([rest.keys.map(({ name }) => name), rest.list_complete], [['p/c'], true]);
    equal((await KV.list({ prefix: 'none' })).keys, []);
  },
};

export const bulk_get_returns_a_map = {
  async test(ctrl, { KV }) {
    await KV.put('m1', '1', { metadata: { m: 1 } });
    await KV.put('m2', '{"a":2}');
    const found = await KV.get(['m2', 'absent', 'm1']);
    equal([found instanceof Map, [...found].sort()], [true, [['absent', null], ['m1', '1'], ['m2', '{"a":2}']]]);
    equal((await KV.get(['m2'], 'json')).get('m2'), { a: 2 });
    equal((await KV.get(['m2'], { type: 'json' })).get('m2'), { a: 2 });
    const detailed = await KV.getWithMetadata(['m1', 'm2']);
    equal([detailed.get('m1').value, detailed.get('m1').metadata, detailed.get('m2').metadata], ['1', { m: 1 }, null]);
  },
};
