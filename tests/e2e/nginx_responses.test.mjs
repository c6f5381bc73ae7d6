// Odd responses of an origin, read by nginx as a proxy and by fetch() in a Worker. What nginx refuses, fetch() refuses; what both take, they
// read alike; each difference is listed below with its reason. And whatever an origin sends behind a response, the next request on that
// connection or another is never answered with it.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { startOddOrigin } from './nginx/odd_origin.mjs';
import { responses } from './nginx/responses.mjs';
import { reasonsFrom } from './nginx/reasons.mjs';
import { startNginx } from './nginx/server.mjs';
import { startPlatform } from './platform.mjs';

// fetch() refuses, nginx does not.
const stricter = [
  { reason: 'a line ends with a carriage return and a line feed, never with one of them', cases: [
    /^status line: "HTTP\/1\.1 200 O\\nK"/, /^length: "5\\(r"|n6)/, /: "X: y\\n/, /^header: "X: a\\n/, /"chunked\\r"/, /^chunk end: "\\n"/, /^last chunk: "0(\\n|\\r\\n\\n|\\r\\nX: y\\n)/, /^sequence: (line feeds only|a line feed)/] },
  { reason: 'one blank before the status, which is 100 to 999, in version 1.0 to 1.9, and no control characters behind it', cases: [/^status line: "HTTP\/1\.1 ( 200|099|000|200 O\\u000)/, /^status line: "HTTP\/(0\.9|1\.10|2\.0) /,
    /^status line: "(\\r)?\\nHTTP\/1\.1 200 OK", closed/] },
  { reason: 'a length has up to 19 digits and nothing else, and says the same wherever it stands; nginx waits for the end of the connection otherwise', cases: [
    /^length: ".*", closed$/, /^length: "0{19}5"$/, /^length line: "Content-Length::", closed$/, /^length line: "Content-Length: [46]\\r/] },
  { reason: 'a transfer coding is "chunked" and nothing else, once; nginx takes whatever ends in it or passes it on', cases: [/^coding: "/] },
  { reason: 'a length and a transfer coding together are what smuggling is made of', cases: [/^(length, coding|coding, length)( line)?: "/, /^sequence: (length, then|coding, then|coding and)/] },
  { reason: 'HTTP/1.0 knows no transfer coding', cases: [/^sequence: coding in HTTP\/1\.0/] },
  { reason: 'a header name is a token, a colon follows', cases: [/^header: "X"/] },
  { reason: 'chunk sizes, extensions and trailers as in requests', cases: [/^chunk size: "(0{16}5|5 |5;\\u0000|6)"/, /^last chunk: "0( |\\r\\n(X : y|X\\r|X: \\u0000|HTTP))/, /^sequence: (a chunk extension|a trailer) of 1 MiB/] },
  { reason: 'more than 256 headers', cases: [/^sequence: 300 headers/] },
];

// nginx refuses, fetch() does not.
const looser = [
  { reason: 'interim responses are what the standard has them for; nginx takes them for the answer', cases: [/^sequence: (100|102|103) .*first/] },
];

const fetcher = `export default { async fetch(request) {
  const { searchParams } = new URL(request.url);
  const origin = 'http://' + searchParams.get('origin');
  const read = async (path) => {
    try {
      const response = await fetch(origin + path, { redirect: 'manual', signal: AbortSignal.timeout(Number(searchParams.get('ms'))) });
      return [response.status, new TextDecoder('latin1').decode(await response.arrayBuffer())];
    } catch (error) {
      return String(error);
    }
  };
  const number = searchParams.get('number');
  return Response.json({ odd: await read('/case-' + number), next: [await read('/next-' + number), await read('/after-' + number)] });
} };`;

let platform;
let nginx;
const origins = [];

before(async () => {
  platform = await startPlatform({ args: ['--egress-allow', '127.0.0.1/32'] });
  await platform.uploadWorker('fetcher', fetcher);
  for (let i = 0; i < 16; i += 1) origins.push(await startOddOrigin());
  nginx = await startNginx(Object.fromEntries(origins.map(({ address }, i) => [`odd${i}`, address])));
});
after(async () => {
  await nginx?.stop();
  for (const origin of origins) await origin.stop();
  await platform?.stop();
});

// [status, body] as nginx passes it on, or why there is none.
function throughNginx(address, path, timeout) {
  const [hostname, port] = address.split(':');
  return new Promise((done) => {
    const request = http.request({ hostname, port, path, agent: false, timeout }, (response) => {
      let body = '';
      response.setEncoding('latin1').on('data', (data) => { body += data; });
      response.on('error', () => {}).on('close', () => done(response.complete ? [response.statusCode, body] : 'cut off'));
    });
    request.on('timeout', () => request.destroy(new Error('late')));
    request.on('error', ({ message }) => done(message)).on('close', () => done('closed')).end();
  });
}

async function lookAt(number, origin, ms) {
  const byNginx = await throughNginx(nginx.addresses[`odd${origins.indexOf(origin)}`], `/case-${number}`, ms);
  const answer = await platform.request({ worker: 'fetcher', path: `/?origin=${origin.address}&number=${number}&ms=${ms}` });
  assert.equal(answer.status, 200, answer.body);
  const { odd, next } = JSON.parse(answer.body);
  return { byNginx, byFetch: odd, next };
}

function judge({ byNginx, byFetch, next }, number) {
  if (JSON.stringify(next) !== JSON.stringify([[200, `/next-${number}`], [200, `/after-${number}`]])) return 'the next answers are wrong';
  const nginxTook = Array.isArray(byNginx) && ![502, 504].includes(byNginx[0]);
  const fetchTook = Array.isArray(byFetch);
  if (nginxTook && fetchTook) return JSON.stringify(byNginx) === JSON.stringify(byFetch) ? 'same' : 'read differently';
  if (nginxTook === fetchTook) return 'same';
  return nginxTook ? 'stricter' : 'looser';
}

test('what nginx refuses, fetch() refuses; what both take, they read alike; no answer goes to the next request', async () => {
  const reasons = reasonsFrom({ stricter, looser });
  const queue = responses.entries();
  const again = [];
  await Promise.all(origins.map(async (origin) => {
    for (const [number, { name }] of queue) {
      if (!reasons.accept(name, judge(await lookAt(number, origin, 1000), number))) again.push(number);
    }
  }));
  // Once more without haste: on a busy machine an answer may have been late.
  const wrong = [];
  for (const number of again) {
    const { name } = responses[number];
    const seen = await lookAt(number, origins[0], 5000);
    const verdict = judge(seen, number);
    if (!reasons.accept(name, verdict)) wrong.push(`${name}: ${verdict}: ${JSON.stringify(seen).slice(0, 400)}`);
    if (wrong.length === 40) break;
  }
  console.log(`${responses.length} responses: ${JSON.stringify(reasons.counts)}, ${again.length} looked at twice`);
  assert.deepEqual(wrong, []);
  assert.deepEqual(reasons.unused(), [], 'these differences are listed and do not exist');
});
