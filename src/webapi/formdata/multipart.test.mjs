import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MiniPlatform } from '../testing/mini_platform.mjs';

const platform = new MiniPlatform();
await platform.add('main', `export default {
  async fetch(request) {
    try {
      const form = await request.formData();
      if (request.headers.has('x-rewrite')) return new Response(form);
      return Response.json([...form].map(([name, value]) => [name, typeof value === 'string' ? value : [value.name, value.type, value.size]]));
    } catch (error) {
      return new Response(error.name + ': ' + error.message);
    }
  },
}`);

const send = (body, headers = []) => platform.fetch('main', 'http://a.example/', {
  method: 'POST',
  headers: ['content-type', 'multipart/form-data; boundary=b', ...headers],
  body,
});
const part = (headers, content) => `--b\r\n${headers}\r\n\r\n${content}\r\n`;
const field = (name, value) => part(`Content-Disposition: form-data; name="${name}"`, value);

test('a backslash quotes the next character, a per cent sign does not', async () => {
  const body = part('Content-Disposition: form-data; name="a%22b"; filename="c\\"d\\\\e.txt"', 'x');
  assert.equal((await send(`${body}--b--`)).text, '[["a%22b",["c\\"d\\\\e.txt","",1]]]');
});

test('an entry with an empty file name is a text', async () => {
  assert.equal(
      (await send(`${part('Content-Disposition: form-data; name="a"; filename=""', 'x')}--b--`))
          .text,
      '[["a","x"]]');
});

test('what is written is read back, byte for byte', async () => {
  const bytes = Buffer.from(Array.from({ length: 600 }, (_, i) => (i * 7) % 256));
  const body = Buffer.concat([
    Buffer.from(part('Content-Disposition: form-data; name="f"; filename="x"\r\nContent-Type: a/b',
        '').slice(0, -2)),
    bytes,
    Buffer.from(`\r\n${field('t', 'a\nb')}--b--`),
  ]);
  const rewritten = await send(body, ['x-rewrite', '1']);
  assert.ok(rewritten.bytes.includes(bytes));
  assert.ok(rewritten.text.includes('\r\n\r\na\r\nb\r\n'), 'line breaks in texts are CR LF');
  const again = await platform.fetch('main', 'http://a.example/', {
    method: 'POST',
    headers: ['content-type', rewritten.headers['content-type']],
    body: rewritten.bytes,
  });
  assert.equal(again.text, '[["f",["x","a/b",600]],["t","a\\r\\nb"]]');
});

test('lines may end with LF alone', async () => {
  assert.equal((await send('--b\nContent-Disposition: form-data; name="a"\n\nv\n--b--')).text,
      '[["a","v"]]');
});

test('a boundary must end its line', async () => {
  assert.match((await send(`--bogus\r\n${field('a', '1')}--b--`)).text,
      /^TypeError: A boundary of the multipart/);
});

test('a truncated body is refused', async () => {
  const whole = `${field('a', '1')}${field('b', '2')}--b--`;
  for (let length = 0; length < whole.length; length++) {
    assert.match(
        (await send(whole.slice(0, length))).text, /^TypeError: /, `the first ${length} bytes`);
  }
  assert.equal((await send(whole)).text, '[["a","1"],["b","2"]]');
});

test('parts and their headers have limits', async () => {
  assert.match(
      (await send(`${field('a', '').repeat(10_001)}--b--`)).text, /has more than 10000 parts/);
  assert.equal(
      JSON.parse((await send(`${field('a', '').repeat(10_000)}--b--`)).text).length, 10_000);
  assert.match((await send(`${field('a'.repeat(17_000), '1')}--b--`)).text, /exceed 16384 bytes/);
});

test('a long run of almost-boundaries is no trap', async () => {
  const content = '\r\n--'.repeat(200_000);
  const started = Date.now();
  assert.equal(
      JSON.parse((await send(`${field('a', content)}--b--`)).text)[0][1].length, content.length);
  assert.ok(Date.now() - started < 5000);
});
