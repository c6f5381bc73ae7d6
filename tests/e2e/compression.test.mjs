// Answers are compressed for clients that accept it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import http from 'node:http';
import { startPlatform } from './platform.mjs';

const worker = `
const text = 'a line that comes again and again\\n'.repeat(1000);
const answers = {
  '/text': () => new Response(text, { headers: { etag: '"one"' } }),
  '/short': () => new Response('short'),
  '/image': () => new Response(text, { headers: { 'content-type': 'image/png' } }),
  '/fixed': () => new Response(text, { headers: { 'cache-control': 'no-transform' } }),
  '/own': () => new Response(text, { headers: { 'content-encoding': 'gzip' } }),
  '/stream': () => {
    const { readable, writable } = new TransformStream();
    (async () => {
      const writer = writable.getWriter();
      await writer.write(new TextEncoder().encode('first'));
      await scheduler.wait(200);
      await writer.write(new TextEncoder().encode(text));
      await writer.close();
    })();
    return new Response(readable, { headers: { 'content-type': 'text/html' } });
  },
};
export default { fetch: (request) => answers[new URL(request.url).pathname]() };`;

const text = 'a line that comes again and again\n'.repeat(1000);
let platform;

before(async () => {
  platform = await startPlatform();
  await platform.uploadWorker('page', worker);
});
after(() => platform?.stop());

// → { headers, body: Buffer, first: Buffer, the first piece of it }
function get(path, accepted, method = 'GET') {
  const [hostname, port] = platform.http.split(':');
  const headers = { host: `page.${platform.domain}`, ...(accepted && { 'accept-encoding': accepted }) };
  return new Promise((done, fail) => {
    http.request({ hostname, port, path, method, headers }, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => done({ headers: response.headers, body: Buffer.concat(pieces), pieces }));
    }).on('error', fail).end();
  });
}

test('in the coding that the client likes best', async () => {
  const brotli = await get('/text', 'gzip, deflate, br');
  assert.equal(brotli.headers['content-encoding'], 'br');
  assert.equal(brotli.headers.vary, 'Accept-Encoding');
  assert.equal(brotli.headers.etag, 'W/"one"');
  assert.ok(brotli.body.length < 1000);
  assert.equal(brotliDecompressSync(brotli.body).toString(), text);
  const gzip = await get('/text', 'gzip');
  assert.equal(gzip.headers['content-encoding'], 'gzip');
  assert.equal(gunzipSync(gzip.body).toString(), text);
});

test('not unasked, and not where it is of no use or forbidden', async () => {
  for (const [path, accepted] of [['/text'], ['/text', 'br;q=0'], ['/short', 'br'], ['/image', 'br'], ['/fixed', 'br']]) {
    const answer = await get(path, accepted);
    assert.equal(answer.headers['content-encoding'], undefined, path);
    assert.ok(Number(answer.headers['content-length']) > 0, path);
  }
  const head = await get('/text', 'br', 'HEAD');
  assert.equal(head.headers['content-length'], String(text.length));
});

test('what a Worker has put into a coding itself keeps it', async () => {
  const own = await get('/own', 'br, gzip');
  assert.equal(own.headers['content-encoding'], 'gzip');
  assert.equal(gunzipSync(own.body).toString(), text);
});

test('a stream is not held back', async () => {
  const { headers, body, pieces } = await get('/stream', 'gzip');
  assert.equal(headers['content-encoding'], 'gzip');
  assert.equal(gunzipSync(body).toString(), 'first' + text);
  assert.ok(pieces.length > 1);
});
