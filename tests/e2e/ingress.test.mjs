// The ingress speaks strict HTTP/1.1: it serves what the standard allows and refuses what smuggling needs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startPlatform } from './platform.mjs';
import { exchange } from './raw_http.mjs';

let platform;
const host = 'echo.atoll.localhost';
const send = (text, options) => exchange(platform.http, text, options);
const statuses = ({ responses }) => responses.map(({ status }) => status);

before(async () => {
  platform = await startPlatform();
  await platform.uploadWorker('echo', `export default {
    async fetch(request) {
      const body = await request.text();
      return new Response(request.method + ' ' + new URL(request.url).pathname + ' ' + body, {
        headers: { 'x-length': String(body.length) },
      });
    },
  };`);
});
after(() => platform?.stop());

test('keep-alive: several requests on one connection, in order when pipelined', async () => {
  const one = (path) => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const { responses, closed } = await send(one('/a') + one('/b') + one('/c'));
  assert.deepEqual(responses.map(({ body }) => body), ['GET /a ', 'GET /b ', 'GET /c ']);
  assert.equal(closed, false);
});

test('Connection: close is honoured, and HTTP/1.0 closes by itself', async () => {
  const asked = await send(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, { quietMs: 2000 });
  assert.deepEqual([statuses(asked), asked.closed], [[200], true]);
});

test('chunked and length-framed bodies arrive whole, also split and with extensions and trailers', async () => {
  const chunked = await send(`POST / HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: t\r\n\r\n`);
  assert.equal(chunked.responses[0]?.body, 'POST / abcde');
  const framed = await send(`POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\n\r\nabcdeGET /next HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  assert.deepEqual(framed.responses.map(({ body }) => body), ['POST / abcde', 'GET /next ']);
});

test('HEAD gets the headers and no body', async () => {
  const { text, responses } = await send(`HEAD /x HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, { quietMs: 2000 });
  assert.equal(responses[0].status, 200);
  assert.ok(text.endsWith('\r\n\r\n'), text);
});

test('Expect: 100-continue is answered before the body is sent', async () => {
  const { text } = await send(`POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n`);
  assert.match(text, /^HTTP\/1\.1 100 /);
});

test('ambiguous framing is refused and the connection closed', async () => {
  const refused = {
    'both framings': 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'two lengths that differ': 'Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef',
    'a length list that differs': 'Content-Length: 5, 6\r\n\r\nabcdef',
    'a signed length': 'Content-Length: +5\r\n\r\nabcde',
    'a length that is no number': 'Content-Length: five\r\n\r\nabcde',
    'a length beyond 64 bits': 'Content-Length: 99999999999999999999999\r\n\r\n',
    'an unknown transfer coding': 'Transfer-Encoding: gzip\r\n\r\n',
    'chunked not last': 'Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n',
    'chunked twice': 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'an obscured transfer coding': 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
    'a space before the colon': 'Content-Length : 5\r\n\r\nabcde',
    'a folded header': 'X-Fold: a\r\n b\r\n\r\n',
    'a NUL in a value': 'X-Nul: a\0b\r\n\r\n',
    'a bare carriage return in a value': 'X-Cr: a\rb\r\n\r\n',
    'an empty header name': ': value\r\n\r\n',
    'a header without colon': 'nothing\r\n\r\n',
  };
  for (const [what, rest] of Object.entries(refused)) {
    const answer = await send(`POST / HTTP/1.1\r\nHost: ${host}\r\n${rest}GET /smuggled HTTP/1.1\r\nHost: ${host}\r\n\r\n`, { quietMs: 1500 });
    assert.ok([400, 501].includes(answer.responses[0]?.status), `${what}: ${answer.text.slice(0, 200)}`);
    assert.ok(answer.closed && answer.responses.length === 1 && !answer.text.includes('smuggled'), `${what}: the connection lived on`);
  }
});

test('broken chunks end the request and the connection', async () => {
  for (const chunks of ['zz\r\nabc\r\n0\r\n\r\n', '3\r\nabcXX0\r\n\r\n', '-1\r\n\r\n', 'fffffffffffffffff\r\n', '3 \nabc']) {
    const answer = await send(`POST / HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}GET /smuggled HTTP/1.1\r\nHost: ${host}\r\n\r\n`, { quietMs: 1500 });
    assert.ok(answer.closed && !answer.text.includes('smuggled'), `${JSON.stringify(chunks)}: ${answer.text.slice(0, 200)}`);
    assert.ok((answer.responses[0]?.status ?? 400) >= 400, answer.text.slice(0, 200));
  }
});

test('request lines and Host headers that the standard forbids are 400', async () => {
  for (const head of [
    'GET / HTTP/1.1\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: ${host}\r\nHost: other.atoll.localhost\r\n\r\n`,
    'GET / HTTP/1.1\r\nHost: a b\r\n\r\n',
    `GET  / HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    `GET /a b HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    `G<T / HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    `GET / HTTP/1.1 \r\nHost: ${host}\r\n\r\n`,
    `GET / HTTP/3.1\r\nHost: ${host}\r\n\r\n`,
    `GET / http/1.1\r\nHost: ${host}\r\n\r\n`,
    'hello\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
  ]) {
    const answer = await send(head, { quietMs: 1500 });
    assert.ok([400, 505].includes(answer.responses[0]?.status), `${JSON.stringify(head)}: ${answer.text.slice(0, 200)}`);
    assert.ok(answer.closed, `${JSON.stringify(head)}: not closed`);
  }
});

test('limits have their own statuses: 414 for the URL, 431 for headers', async () => {
  const url = await send(`GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`, { quietMs: 1500 });
  assert.equal(url.responses[0]?.status, 414, url.text.slice(0, 200));
  const bytes = await send(`GET / HTTP/1.1\r\nHost: ${host}\r\nX-Big: ${'a'.repeat(200_000)}\r\n\r\n`, { quietMs: 1500 });
  assert.equal(bytes.responses[0]?.status, 431, bytes.text.slice(0, 200));
  const many = Array.from({ length: 2000 }, (_, index) => `X-${index}: v\r\n`).join('');
  const count = await send(`GET / HTTP/1.1\r\nHost: ${host}\r\n${many}\r\n`, { quietMs: 1500 });
  assert.equal(count.responses[0]?.status, 431, count.text.slice(0, 200));
});

test('a body beyond the limit is 413 before it is read', async () => {
  const answer = await send(`POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 999999999999\r\n\r\n`, { quietMs: 1500 });
  assert.equal(answer.responses[0]?.status, 413, answer.text.slice(0, 200));
});

test('half a request is answered with 408 or closed after the header time-out', async () => {
  const answer = await send(`GET / HTTP/1.1\r\nHost: ${host}\r\nX-Half`, { quietMs: Infinity, timeoutMs: 25_000 });
  assert.ok(answer.closed, 'still open after 25 s');
  assert.ok(answer.text === '' || answer.responses[0]?.status === 408, answer.text.slice(0, 200));
});

test('an absolute-form target takes its host from the target', async () => {
  const answer = await send(`GET http://${host}/abs HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  assert.equal(answer.responses[0]?.body, 'GET /abs ');
});
