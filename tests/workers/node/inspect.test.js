// How util.inspect() shows objects of the web platform.
import { inspect } from 'node:util';
import { equal } from '../check.js';

export default {
  fetch(request) {
    return new URL(request.url).pathname === '/empty' ? new Response(null, { status: 404 }) : new Response('text');
  },
};

export const attributes_are_shown = {
  test() {
    equal(inspect(new Blob(['abc'], { type: 'text/plain' })), "Blob { size: 3, type: 'text/plain' }");
    const file = new File(['1'], 'file.txt', { type: 'text/plain', lastModified: 1000 });
    equal(inspect(file), "File { name: 'file.txt', lastModified: 1000, size: 1, type: 'text/plain' }");
  },
};

export const entries_are_shown_as_pairs = {
  test() {
    equal(inspect(new Headers({ a: '1' })), "Headers(1) { 'a' => '1', [immutable]: false }");
    equal(inspect(new URLSearchParams('a=1&a=2')), "URLSearchParams(2) { 'a' => '1', 'a' => '2' }");
    equal(inspect(new URLSearchParams()), 'URLSearchParams(0) {}');
    const form = new FormData();
    form.set('text', 'hello');
    form.set('blob', new Blob(['x']));
    equal(inspect(form, { depth: 0 }), "FormData(2) { 'text' => 'hello', 'blob' => [File] }");
  },
};

export const streams_tell_their_state = {
  async test() {
    equal(inspect(new ReadableStream()), "ReadableStream {\n  locked: false,\n  [state]: 'readable',\n  [supportsBYOB]: false,\n  [length]: undefined\n}");
    const { body } = new Response('seven b');
    equal(inspect(body), "ReadableStream {\n  locked: false,\n  [state]: 'readable',\n  [supportsBYOB]: true,\n  [length]: 7n\n}");
    await new Response(body).text();
    equal(inspect(body).includes("[state]: 'closed'"), true);
  },
};

export const an_answer_shows_what_came = {
  async test(ctrl, { SELF }) {
    const text = inspect(await SELF.fetch('https://self.example/empty'));
    for (const part of ['status: 404', "statusText: 'Not Found'", 'ok: false', "type: 'default'", '[immutable]: true', '[length]: 0n']) {
      if (!text.includes(part)) throw new Error(`${part} is not in ${text}`);
    }
    equal(inspect(Blob.prototype).startsWith('Object'), true);
    equal(inspect({ deep: { er: { response: new Response() } } }), '{ deep: { er: { response: [Response] } } }');
  },
};
