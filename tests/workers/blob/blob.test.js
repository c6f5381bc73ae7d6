import { equal, rejects, throws } from '../check.js';

export const parts_are_joined = {
  async test() {
    const blob = new Blob(['a', new Uint8Array([98]), new Uint8Array([99, 100]).buffer, new Blob(['e']), new DataView(new ArrayBuffer(1)), 5]);
    equal([blob.size, await blob.text()], [7, 'abcde\u00005']);
    equal([new Blob().size, new Blob([]).size, await new Blob(['ä']).text()], [0, 0, 'ä']);
    throws(() => new Blob('text'), 'TypeError');
    throws(() => new Blob({}), 'TypeError');
  },
};

export const the_type_is_lower_case = {
  test() {
    equal([new Blob([], { type: 'A/B' }).type, new Blob([]).type, new Blob([], { type: undefined }).type], ['a/b', '', '']);
  },
};

export const a_slice_is_a_range = {
  async test() {
    const blob = new Blob(['0123456789'], { type: 'x/y' });
    const text = (...range) => blob.slice(...range).text();
    equal([await text(), await text(2), await text(2, 5), await text(-3), await text(-3, -1), await text(5, 2), await text(8, 99)],
          ['0123456789', '23456789', '234', '789', '78', '', '89']);
    equal([blob.slice(0, 1).type, blob.slice(0, 1, 'A/b').type], ['', 'a/b']);
    equal(await blob.slice(2, 8).slice(1, 3).text(), '34');
  },
};

export const contents_are_copies = {
  async test() {
    const source = new Uint8Array([1, 2]);
    const blob = new Blob([source]);
    source[0] = 9;
    const first = await blob.bytes();
    first[1] = 9;
    equal([[...await blob.bytes()], (await blob.arrayBuffer()).byteLength], [[1, 2], 2]);
  },
};

export const a_blob_streams = {
  async test() {
    let size = 0;
    for await (const chunk of new Blob(['hello', 'world']).stream()) size += chunk.length;
    equal(size, 10);
    equal(await new Response(new Blob(['x', 'y']).stream()).text(), 'xy');
    equal((await new Response(new Blob([]).stream()).text()), '');
  },
};

export const files_have_names = {
  async test() {
    const file = new File(['text'], 'name.txt', { type: 'text/plain', lastModified: 5 });
    equal([file instanceof Blob, file.name, file.size, file.type, file.lastModified, await file.text()],
          [true, 'name.txt', 4, 'text/plain', 5, 'text']);
    equal(typeof new File([], 'x').lastModified, 'number');
    equal([file.slice(0, 2) instanceof File, await file.slice(0, 2).text()], [false, 'te']);
    throws(() => new File(['x']), 'TypeError');
    equal([Object.prototype.toString.call(file), Object.prototype.toString.call(new Blob())], ['[object File]', '[object Blob]']);
  },
};

export const a_body_gives_its_blob = {
  async test() {
    const blob = await new Response('text', { headers: { 'content-type': 'text/x' } }).blob();
    equal([blob.type, await blob.text(), new Response(blob).headers.get('content-type')], ['text/x', 'text', 'text/x']);
  },
};

export const methods_need_a_blob = {
  async test() {
    throws(() => Object.getOwnPropertyDescriptor(Blob.prototype, 'size').get.call({}), 'TypeError');
    await rejects((async () => Blob.prototype.text.call({}))(), 'TypeError');
  },
};
