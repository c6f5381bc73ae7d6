// fetch() to the outside, seen from outside: what goes over the wire, and what it costs the host.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { eventually, residentBytes, startPlatform } from './platform.mjs';

const MiB = 1024 * 1024;
const packed = gzipSync('the same text again and again. '.repeat(1000));
let platform;
let origin;
let originUrl;
let secure;
let folder;
const seen = { aborted: 0 };

before(async () => {
  origin = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://origin');
    if (url.pathname === '/large') {
      let left = Number(url.searchParams.get('bytes'));
      if (url.searchParams.has('length')) response.setHeader('content-length', left);
      const part = Buffer.alloc(256 * 1024, 'x');
      const pump = () => {
        while (left > 0) {
          left -= part.length;
          if (!response.write(part)) {
            response.once('drain', pump);
            return;
          }
        }
        response.end();
      };
      pump();
    } else if (url.pathname === '/count') {
      let bytes = 0;
      request.on('data', (chunk) => { bytes += chunk.length; });
      request.on('end', () => response.end(String(bytes)));
    } else if (url.pathname === '/gzip') {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain', 'content-length': packed.length }).end(packed);
    } else if (url.pathname === '/never') {
      response.on('close', () => { seen.aborted += 1; });
    }
  });
  await new Promise((listening) => { origin.listen(0, '127.0.0.1', listening); });
  originUrl = `http://127.0.0.1:${origin.address().port}`;
  folder = mkdtempSync(join(tmpdir(), 'fetch-test-'));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')],
    { stdio: 'ignore' });
  let connections = 0;
  secure = https.createServer({ key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) },
    (request, response) => {
      request.on('data', () => {}).on('end', () => response.end(`${request.headers.host} ${connections}`));
    });
  secure.on('secureConnection', () => { connections += 1; });
  await new Promise((listening) => { secure.listen(0, '127.0.0.1', listening); });
  platform = await startPlatform({ args: ['--egress-allow', '127.0.0.1/32', '--ca-file', join(folder, 'cert.pem')] });
  const bindings = [{ type: 'plain_text', name: 'ORIGIN', text: originUrl }];
  const target = "const { pathname, search } = new URL(request.url); const target = env.ORIGIN + pathname + search;";
  await platform.uploadWorker('proxy', `export default { fetch(request, env) { ${target} return fetch(target, request); } }`, { bindings });
  await platform.uploadWorker('reader', `export default { async fetch(request, env) {
    ${target}
    let bytes = 0;
    for await (const chunk of (await fetch(target)).body) bytes += chunk.length;
    return new Response(String(bytes));
  } }`, { bindings });
  await platform.uploadWorker('coder', `export default { fetch(request) {
    const coding = new URL(request.url).pathname.slice(1);
    return new Response('some text '.repeat(1000), { headers: { 'content-encoding': coding } });
  } }`);
});
after(async () => {
  await platform?.stop();
  secure?.closeAllConnections();
  secure?.close();
  if (folder) rmSync(folder, { recursive: true });
  origin?.closeAllConnections();
  origin?.close();
});

test('TLS with a verified certificate, one connection for requests after one another', async () => {
  const port = secure.address().port;
  await platform.uploadWorker('secure', `export default { async fetch() {
    const texts = [];
    for (let i = 0; i < 3; i += 1) texts.push(await (await fetch('https://localhost:${port}/', { method: 'PUT', body: 'x' })).text());
    let failure;
    try { await fetch('https://127.0.0.1:${port}/'); } catch (error) { failure = error.message; }
    return Response.json({ texts, failure });
  } }`);
  const { texts, failure } = JSON.parse((await ask('secure', '/')).bytes);
  assert.deepEqual(texts, Array(3).fill(`localhost:${port} 1`));
  assert.match(failure, /certificate/);
});

function ask(worker, path, { method = 'GET', headers = {}, body } = {}) {
  const [hostname, port] = platform.http.split(':');
  return new Promise((done, fail) => {
    const request = http.request({ hostname, port, path, method, agent: false, headers: { host: `${worker}.${platform.domain}`, ...headers } }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => done({ status: response.statusCode, headers: response.headers, bytes: Buffer.concat(chunks) }));
    });
    request.on('error', fail);
    if (body) body(request);
    else request.end();
  });
}

// Counts a response's bytes without keeping them, and how much the host grew meanwhile.
function drain(worker, path) {
  const [hostname, port] = platform.http.split(':');
  const [host] = platform.hosts();
  const before = residentBytes(host);
  return new Promise((done, fail) => {
    http.get({ hostname, port, path, agent: false, headers: { host: `${worker}.${platform.domain}` } }, (response) => {
      let [bytes, peak, next] = [0, 0, 0];
      response.on('data', (chunk) => {
        bytes += chunk.length;
        if (bytes < next) return;
        next += 16 * MiB;
        peak = Math.max(peak, residentBytes(host));
      });
      response.on('error', fail);
      response.on('end', () => done({ bytes, grown: peak - before, headers: response.headers }));
    }).on('error', fail);
  });
}

for (const [query, framing] of [['&length', 'content-length'], ['', 'transfer-encoding']]) {
  test(`200 MiB pass through in constant memory, with ${framing}`, async () => {
    const { bytes, grown, headers } = await drain('proxy', `/large?bytes=${200 * MiB}${query}`);
    assert.equal(bytes, 200 * MiB);
    assert.ok(headers[framing], 'the framing is the origin\'s');
    assert.ok(grown < 40 * MiB, `the host grew by ${(grown / MiB).toFixed(0)} MiB`);
  });
}

test('a Worker reads 200 MiB chunk by chunk within its memory', async () => {
  const { bytes } = await ask('reader', `/large?bytes=${200 * MiB}`);
  assert.equal(String(bytes), String(200 * MiB));
});

test('200 MiB are uploaded through in constant memory', async () => {
  const [host] = platform.hosts();
  const before = residentBytes(host);
  let peak = 0;
  const { bytes } = await ask('proxy', '/count', {
    method: 'POST',
    headers: { 'content-length': 200 * MiB },
    body(request) {
      let left = 200;
      const part = Buffer.alloc(MiB, 'y');
      const pump = () => {
        while (left > 0) {
          left -= 1;
          if (left % 20 === 0) peak = Math.max(peak, residentBytes(host));
          if (!request.write(part)) {
            request.once('drain', pump);
            return;
          }
        }
        request.end();
      };
      pump();
    },
  });
  assert.equal(String(bytes), String(200 * MiB));
  assert.ok(peak - before < 40 * MiB, `the host grew by ${((peak - before) / MiB).toFixed(0)} MiB`);
});

test('a compressed response that nobody reads goes through byte by byte', async () => {
  const { headers, bytes } = await ask('proxy', '/gzip');
  assert.equal(headers['content-encoding'], 'gzip');
  assert.equal(headers['content-length'], String(packed.length));
  assert.deepEqual(bytes, packed);
  assert.equal(String((await ask('reader', '/gzip')).bytes), String(gunzipSync(packed).length));
});

test('a Worker that names a coding gets its answer compressed', async () => {
  for (const [coding, undo] of [['gzip', gunzipSync], ['br', brotliDecompressSync]]) {
    const { headers, bytes } = await ask('coder', `/${coding}`);
    assert.equal(headers['content-encoding'], coding);
    assert.ok(bytes.length < 1000);
    assert.equal(String(undo(bytes)), 'some text '.repeat(1000));
  }
  assert.equal((await ask('coder', '/gzip', { method: 'HEAD' })).bytes.length, 0);
});

test('a client that leaves ends the request to the origin', async () => {
  const [hostname, port] = platform.http.split(':');
  const before = seen.aborted;
  const request = http.get({ hostname, port, path: '/never', agent: false, headers: { host: `proxy.${platform.domain}` } });
  request.on('error', () => {});
  await new Promise((done) => { setTimeout(done, 100); });
  request.destroy();
  await eventually('the origin to see it', () => seen.aborted === before + 1);
});
