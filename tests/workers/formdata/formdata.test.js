import { equal, rejects, throws } from '../check.js';

export default {
  async fetch(request) {
    const form = await request.formData();
    const entries = [];
    for (const [name, value] of form) {
      entries.push([name, value instanceof File ? [value.name, value.type, [...await value.bytes()]] : value]);
    }
    return Response.json(entries);
  },
};

const parse = (body, type = 'multipart/form-data; boundary=abc') =>
  new Response(body, { headers: { 'content-type': type } }).formData();
const part = (headers, content) => `--abc\r\n${headers}\r\n\r\n${content}\r\n`;
const field = (name, value) => part(`Content-Disposition: form-data; name="${name}"`, value);

export const entries_keep_their_order = {
  test() {
    const form = new FormData();
    form.append('b', '1');
    form.append('a', 2);
    form.append('b', '3');
    equal([...form], [['b', '1'], ['a', '2'], ['b', '3']]);
    equal([form.get('b'), form.getAll('b'), form.has('a'), form.get('c'), form.getAll('c')], ['1', ['1', '3'], true, null, []]);
    form.set('b', '4');
    equal([...form], [['b', '4'], ['a', '2']]);
    form.delete('a');
    form.set('c', '5');
    equal([[...form.keys()], [...form.values()]], [['b', 'c'], ['4', '5']]);
    const seen = [];
    form.forEach((value, name) => seen.push([name, value]));
    equal(seen, [['b', '4'], ['c', '5']]);
  },
};

export const blobs_become_files = {
  async test() {
    const form = new FormData();
    form.append('file', new File(['text'], 'name.txt', { type: 'text/x' }));
    form.append('renamed', new File(['text'], 'name.txt'), 'other.txt');
    form.append('blob', new Blob(['abc'], { type: 'a/b' }), 'blob.bin');
    const files = form.getAll('file').concat(form.get('renamed'), form.get('blob'));
    equal(files.map((file) => [file instanceof File, file.name, file.type, file.size]),
          [[true, 'name.txt', 'text/x', 4], [true, 'other.txt', '', 4], [true, 'blob.bin', 'a/b', 3]]);
    throws(() => form.append('a'), 'TypeError');
  },
};

export const forms_travel = {
  async test(ctrl, env) {
    const form = new FormData();
    form.append('text', 'žluťoučký\r\nkůň');
    form.append('empty', '');
    form.append('file', new File([new Uint8Array([0, 13, 10, 45, 45, 255])], 'fi le.bin', { type: 'application/x-y' }));
    const response = await env.SELF.fetch('http://self.example/', { method: 'POST', body: form });
    equal(await response.json(), [
      ['text', 'žluťoučký\r\nkůň'], ['empty', ''], ['file', ['fi le.bin', 'application/x-y', [0, 13, 10, 45, 45, 255]]],
    ]);
  },
};

export const content_type_names_the_boundary = {
  async test() {
    const form = new FormData();
    form.append('a', 'b');
    const response = new Response(form);
    const type = response.headers.get('content-type');
    equal(/^multipart\/form-data; boundary=[-\w]{16,70}$/.test(type), true);
    const boundary = type.split('boundary=')[1];
    const text = new TextDecoder().decode(await response.bytes());
    equal(text.startsWith(`--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--${boundary}--`), true);
  },
};

export const multipart_is_parsed = {
  async test() {
    equal([...await parse(`${field('a', '1')}${field('b', '')}${field('a', 'x\r\ny')}--abc--`)], [['a', '1'], ['b', ''], ['a', 'x\r\ny']]);
    equal([...await parse(`${field('a', '1')}--abc--\r\n`, 'multipart/form-data; boundary="abc"')], [['a', '1']]);
    equal([...await parse(`${field('a', '1')}--abc--\r\n`, 'Multipart/Form-Data;charset=utf-8;boundary=abc')], [['a', '1']]);
    equal([...await parse('--abc--')].length, 0);
    equal([...await parse(`preamble\r\n${field('a', '1')}--abc--\r\nepilogue`)], [['a', '1']]);
    equal([...await parse(`${part('content-disposition: form-data;name="a"', '1')}--abc--`)], [['a', '1']]);
  },
};

export const files_are_parsed = {
  async test() {
    const body = part('Content-Disposition: form-data; name="f"; filename="a.txt"\r\nContent-Type: text/x', 'content');
    const form = await parse(`${body}${part('Content-Disposition: form-data; name="g"; filename="b"', '')}--abc--`);
    equal([...form].map(([name, file]) => [name, file.name, file.type, file.size]), [['f', 'a.txt', 'text/x', 7], ['g', 'b', '', 0]]);
    equal(await form.get('f').text(), 'content');
  },
};

export const a_boundary_within_the_content_is_content = {
  async test() {
    equal([...await parse(`${field('a', 'x--abc y\r\n--ab')}--abc--`)], [['a', 'x--abc y\r\n--ab']]);
  },
};

export const broken_multipart_is_refused = {
  async test() {
    await rejects(parse('nothing here'), 'TypeError', 'No initial boundary string');
    await rejects(parse(''), 'TypeError');
    await rejects(parse(`${part('X: y', '1')}--abc--`), 'TypeError', 'No valid Content-Disposition header found in FormData part.');
    await rejects(parse(`${part('Content-Disposition: form-data', '1')}--abc--`), 'TypeError', 'missing a name');
    await rejects(parse(`${part('Content-Disposition: attachment; name="a"', '1')}--abc--`), 'TypeError');
    await rejects(parse(field('a', '1')), 'TypeError');
    await rejects(parse('--abc\r\nContent-Disposition: form-data; name="a"'), 'TypeError');
  },
};

export const urlencoded_is_parsed = {
  async test() {
    equal([...await parse('a=b&c=%20+%C3%A4&d', 'application/x-www-form-urlencoded; charset=utf-8')],
          [['a', 'b'], ['c', '  ä'], ['d', '']]);
    equal([...await parse('', 'application/x-www-form-urlencoded')], []);
  },
};

export const other_types_are_refused = {
  async test() {
    await rejects(new Response(new Uint8Array(1)).formData(), 'TypeError', 'Parsing a Body as FormData requires a Content-Type header.');
    await rejects(parse('x', 'text/plain'), 'TypeError', 'Unrecognized Content-Type header value.');
    await rejects(parse('x', 'multipart/form-data'), 'TypeError', 'No boundary string in Content-Type header.');
  },
};

export const the_interface_looks_as_it_should = {
  test() {
    equal(Object.prototype.toString.call(new FormData()), '[object FormData]');
    throws(() => FormData.prototype.get.call({}, 'a'), 'TypeError');
    throws(() => FormData(), 'TypeError');
  },
};
