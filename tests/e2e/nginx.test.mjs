// A thousand odd requests, each sent to nginx, to Atoll, and to Atoll through nginx. Where two servers on one path read a request in two
// ways, requests get smuggled. So: what nginx refuses, Atoll refuses; what both take, they read alike; each difference is listed
// below with its reason; and behind nginx nobody ever gets an answer that belongs to another request.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { echoHeader, echoWorker, startRecorder } from './nginx/recorder.mjs';
import { reasonsFrom } from './nginx/reasons.mjs';
import { requests } from './nginx/requests.mjs';
import { startNginx } from './nginx/server.mjs';
import { startPlatform } from './platform.mjs';
import { exchange } from './raw_http.mjs';

// Atoll refuses, nginx does not.
const stricter = [
  { reason: 'a line ends with a carriage return and a line feed, never with one of them', cases: [
    /\\n6"$/, /"chunked\\r(\\r)?"$/, /"5\\r"$/, /X(: y|:)?\\n/, /^host: .*\\nX/, /X: a\\n/, /X: a\\r\\r/, /^chunk end: "\\n"/, /^last chunk: "0\\n/, /^last chunk: "0\\r\\n\\n/, /^last chunk: "0\\r\\nX: y(\\r)?\\n(\\r)?\\n"/,
    /^sequence: (a line feed|line feeds|a carriage return (before|between)|a length behind a line feed)/] },
  { reason: 'a header name is a token; nginx passes over lines whose name is none', cases: [
    /length line: "Content-Length(;:|=)/, /length line: "Content\xadLength/, /coding line.*: "(Transfer-Encoding;:|\\"Transfer|Transfer-\xa0)/, /^header: "X([^ -~]|[(),/;<=>?@[\]{}]|\\\\|\\")?(: a)?"$/] },
  { reason: 'a header value holds no control characters', cases: [/^header.*: "X: (\\u00(01|0b|1b)|\\b|\\f|\x7f)"$/] },
  { reason: 'trailers are header lines like others, and bounded', cases: [/^last chunk: "0\\r\\n(\\u0000|X : y|X\\r|: y| X: y|X: a\\r\\n b|X: \\u0000|X\\u0000|GET|X: y\\r\\n(GET|X: y)|\xe4)/, /^big: a trailer of 1 MiB/] },
  { reason: 'a chunk size is up to 15 digits and nothing else; extensions hold no control characters and are bounded', cases: [
    /^chunk size: "(00000000000000005|0{35}5|5 |5\\t|5 ;a|5 5|5;\\u0000|5;a\\u0001|5;a\x7f)"$/, /^last chunk: "(0{22}|0 |0\\t)/, /^big: (a chunk extension of 1 MiB|many small chunks with extensions)/] },
  { reason: 'a chunk of another size than announced', cases: [/^chunk size: "6"$/] },
  { reason: 'a length of more than 19 digits', cases: [/^length: "0{19}5"/] },
  { reason: 'one blank between the parts of a request line, and a version of two digits', cases: [/^request line: "GET( | \/case-@@@@ ) ?\/?.*HTTP\/1\.1"/, /^request line: ".*HTTP\/1\.(10|01|1 )"/] },
  { reason: 'a method of more than 32 letters', cases: [/^method: "A{33}/] },
  { reason: 'a target has no fragment', cases: [/^target: ".*#/] },
  { reason: 'other schemes than http and https are somebody else\'s', cases: [/^target: "(ftp|ws|gopher|h-t\.t\+p):/] },
  { reason: 'a host is a name or an address, with a port of digits perhaps; nginx serves any', cases: [
    /^host: ".*[%?#@<>{}|^`\\\x80-\xff]/, /^host: "(\[::1|\[\]|\[x\]|\[::1\]x)"/, /^host: "(\.echo|echo.*:(x|99999|-1|80:80)")/, /^target: "http:\/\/echo\.atoll\.localhost:99999/] },
  { reason: 'no Worker lives at another host', cases: [/^host: "(echo\.atoll\.localhost[,;]|\[::1\]"|\[::1\]:80|127|0x7f|2130706433|-|\*|\(x\)|['$&+=!~_]x|a|xn--0)/, /^target: "http:\/\/(\[::1\]|other|127)/, /^big: a host of 100 KiB/,
    /^sequence: (after HTTP\/1\.0 without host|an absolute target and another host)/] },
  { reason: 'nobody knows an expectation other than 100-continue', cases: [/^expect: /, /^sequence: after an unknown expectation/] },
  { reason: 'more than 256 headers', cases: [/^big: 300 headers/] },
  { reason: 'at most four blank lines before a request', cases: [/^sequence: (many blank lines|nothing but line ends)/] },
];

// nginx refuses, Atoll does not.
const looser = [
  { reason: 'a path names no file: escapes are the Worker\'s to read, and dots end at the root as in every URL', cases: [/^target: "\/case-@@@@%(00|2|zz)?"$/, /^target: "\/\.\.\//, /^big: a target of dots/] },
  { reason: 'OPTIONS * is a proper request, which no Worker answers', cases: [/^sequence: OPTIONS \*/] },
];

let platform;
let recorder;
let nginx;

before(async () => {
  platform = await startPlatform();
  await platform.uploadWorker('echo', echoWorker);
  recorder = await startRecorder();
  nginx = await startNginx({ recorder: recorder.address, atoll: platform.http });
});
after(async () => {
  await nginx?.stop();
  await recorder?.stop();
  await platform?.stop();
});

// The requests that were served, in order: each as [method, target, body].
async function servedOf(address, text, options) {
  const { responses } = await exchange(address, text, options);
  return responses.filter(({ headers }) => headers[echoHeader]).map(({ headers }) => JSON.parse(decodeURIComponent(headers[echoHeader])));
}

async function lookAt({ text }, options) {
  const [byNginx, byAtoll, throughBoth] = await Promise.all([nginx.addresses.recorder, platform.http, nginx.addresses.atoll]
    .map((address) => servedOf(address, text, options)));
  return { byNginx, byAtoll, throughBoth };
}

// Whether `some` are among `all`, in the same order.
function areAmong(some, all) {
  let at = 0;
  for (const one of all) if (at < some.length && one.join() === some[at].join()) at += 1;
  return at === some.length;
}

function judge({ byNginx, byAtoll, throughBoth }, number) {
  const own = new RegExp(`-${String(number).padStart(4, '0')}|^/[^-]*$`);
  for (const [, target] of [...byNginx, ...byAtoll, ...throughBoth]) if (!own.test(target)) return `an answer to somebody else's ${target}`;
  if (!areAmong(throughBoth, byNginx)) return 'behind nginx Atoll sees what nginx did not send';
  if (!areAmong(byAtoll, byNginx)) return 'looser';
  return byAtoll.length === byNginx.length ? 'same' : 'stricter';
}

test('what nginx refuses, Atoll refuses; what both take, they read alike; behind nginx nobody gets another\'s answer', async () => {
  const reasons = reasonsFrom({ stricter, looser });
  const queue = requests.entries();
  const again = [];
  await Promise.all(Array.from({ length: 24 }, async () => {
    for (const [number, request] of queue) {
      if (!reasons.accept(request.name, judge(await lookAt(request), number))) again.push(number);
    }
  }));
  // Once more without haste: on a busy machine an answer may have been late.
  const wrong = [];
  for (const number of again) {
    const { name } = requests[number];
    const seen = await lookAt(requests[number], { quietMs: 2000 });
    const verdict = judge(seen, number);
    if (!reasons.accept(name, verdict)) wrong.push(`${name}: ${verdict}: ${JSON.stringify(seen).slice(0, 400)}`);
    if (wrong.length === 40) break;
  }
  console.log(`${requests.length} requests: ${JSON.stringify(reasons.counts)}, ${again.length} looked at twice`);
  assert.deepEqual(wrong, []);
  assert.deepEqual(reasons.unused(), [], 'these differences are listed and do not exist');
});
