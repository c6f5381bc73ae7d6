// Fuzzes what parses inside a host, where V8 is and sanitizers are not: tools/fuzz_host.mjs [seconds each] [name...]. Workers change well-formed
// inputs at random and hand them to the natives; a round must end with an answer, and the host must live. A failure prints the seed
// of its round; exit code 1.
import { sleep, startPlatform } from '../tests/e2e/platform.mjs';

const [seconds = '60', ...names] = process.argv.slice(2);
const roundMs = 100;  // of wall time; the CPU limit lies well above

// Each body sees `random(n)` (0 … n-1), `mutate(bytes)`, and makes inputs until `late()`; exceptions of the code under test are caught there.
const targets = {
  zlib: `
    const inputs = [zlib.gzipSync(sample), zlib.deflateSync(sample), zlib.deflateRawSync(sample), zlib.brotliCompressSync(sample)];
    const unpack = [zlib.gunzipSync, zlib.inflateSync, zlib.inflateRawSync, zlib.brotliDecompressSync, zlib.unzipSync];
    if (zlib.zstdCompressSync) { inputs.push(zlib.zstdCompressSync(sample)); unpack.push(zlib.zstdDecompressSync); }
    while (!late()) attempt(() => unpack[random(unpack.length)](mutate(inputs[random(inputs.length)]), { chunkSize: 64 + random(1000), finishFlush: random(6), maxOutputLength: 1 << random(24), windowBits: random(20), dictionary: random(3) ? undefined : mutate(sample) }));`,
  handles: `
    const kinds = [zlib.createGzip, zlib.createGunzip, zlib.createDeflateRaw, zlib.createInflateRaw, zlib.createInflate, zlib.createBrotliCompress, zlib.createBrotliDecompress, zlib.createUnzip];
    while (!late()) {
      let one;
      attempt(() => { one = kinds[random(kinds.length)]({ level: random(12) - 1, memLevel: random(11), windowBits: random(18), strategy: random(6), flush: random(7), chunkSize: random(4000) }); });
      if (!one) continue;
      one.on('error', () => {}).on('data', () => {});
      const handle = one._handle;
      for (let i = random(6); i >= 0; i -= 1) {
        attempt(() => [
          () => one.reset(), () => one.close(), () => one.destroy(),
          () => handle?.writeSync(random(7), mutate(sample), random(9000) - 10, random(9000), Buffer.alloc(random(9000)), random(9000), random(9000)),
          () => handle?.init(random(20), random(12), random(12), random(6), new Uint32Array(random(3)), () => {}, undefined), () => handle?.close(), () => handle?.reset(),
        ][random(7)]());
      }
      await null;
    }`,
  streams: `
    const inputs = [zlib.gzipSync(sample), zlib.deflateSync(sample), zlib.deflateRawSync(sample)];
    while (!late()) await new Response(new Blob([mutate(inputs[random(3)])]).stream().pipeThrough(new DecompressionStream(['gzip', 'deflate', 'deflate-raw'][random(3)]))).arrayBuffer().catch(() => {});
  `,
  form_data: `
    const form = bytes('--b\\r\\nContent-Disposition: form-data; name="a"; filename="c%22d"\\r\\nContent-Type: text/plain\\r\\n\\r\\nvalue\\r\\n--b\\r\\ncontent-disposition: form-data; name=b; filename*=utf-8\\'\\'x\\r\\n\\r\\n\\u00e4\\r\\n--b--\\r\\n');
    const types = ['multipart/form-data; boundary=b', 'multipart/form-data; boundary="b"', 'multipart/form-data', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=' + 'b'.repeat(80)];
    while (!late()) await new Response(mutate(form), { headers: { 'content-type': types[random(types.length)] } }).formData().then((f) => [...f].length, () => {});`,
  html: `
    const html = bytes('<!doctype html><html><head><title>x</title><script>if (a < b) "</scr" + "ipt>"</script></head><body class="a b" id=c><p>text &amp; <b>bold<!-- note --></b><br/><svg><![CDATA[x]]></svg><textarea></textarea></body></html>');
    while (!late()) {
      const r = new HTMLRewriter();
      attempt(() => r.on(['*', 'p', '.a > #c', 'b:nth-child(2n+1)', '[class~=a]', text(mutate(bytes('a > b, c[d="e" i]')))][random(6)], { element(e) { attempt(() => e[['before', 'after', 'prepend', 'append', 'setInnerContent', 'remove', 'removeAndKeepContent', 'setAttribute'][random(8)]]('x<y', 'z')); }, text(t) { if (!random(3)) t.replace('q'); }, comments(c) { c.text = 'n'; } }));
      await Promise.resolve().then(() => r.transform(new Response(mutate(html))).text()).catch(() => {});
    }`,
  urls: `
    const url = bytes('https://user:pass@ex\\u00e4mple.com:8080/a/../b/%2e?c=d&e=f#g'), pattern = bytes('https://*.example.com:80/:a/(b+)?{/c}*#d');
    while (!late()) {
      attempt(() => new URL(text(mutate(url)), random(2) ? undefined : 'http://x/').searchParams.append('a', 'b'));
      attempt(() => new URLPattern(text(mutate(pattern)), 'http://x/').exec(text(mutate(url))));
    }`,
  clone: `
    const value = () => [1, 2n, 'text', null, new Date(0), /x/g, new Map([[1, { a: [] }]]), new Set([1]), new Uint8Array(random(100)), new Error('e'), new ArrayBuffer(random(100)), new Headers({ a: 'b' }), new Blob(['x']), [, 1], Object(1n), new RangeError('r')][random(16)];
    const make = (depth) => random(2) && depth < 5 ? Array.from({ length: random(4) }, () => make(depth + 1)) : value();
    while (!late()) {
      attempt(() => { const one = make(0); structuredClone(one, random(3) ? undefined : { transfer: [new ArrayBuffer(8)] }); });
      await env.SELF.echo(make(0), make(0)).catch(() => {});
    }`,
  crypto: `
    const { privateKey, publicKey } = crypto_.generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const inputs = [privateKey.export({ type: 'pkcs8', format: 'der' }), publicKey.export({ type: 'spki', format: 'der' }), bytes(privateKey.export({ type: 'pkcs8', format: 'pem' }))];
    while (!late()) {
      const input = mutate(inputs[random(3)]);
      attempt(() => crypto_.createPrivateKey({ key: Buffer.from(input), format: ['der', 'pem'][random(2)], type: ['pkcs8', 'sec1', 'pkcs1'][random(3)] }));
      attempt(() => crypto_.createPublicKey({ key: Buffer.from(input), format: ['der', 'pem'][random(2)], type: ['spki', 'pkcs1'][random(2)] }));
      await crypto.subtle.importKey(['pkcs8', 'spki', 'raw'][random(3)], input, { name: 'ECDSA', namedCurve: 'P-256' }, true, []).catch(() => {});
      attempt(() => new crypto_.X509Certificate(input));
    }`,
};

const worker = (body) => `import zlib from 'node:zlib';
import crypto_ from 'node:crypto';
import { Buffer } from 'node:buffer';
import { WorkerEntrypoint } from 'cloudflare:workers';
export default class extends WorkerEntrypoint {
  async echo(...all) { return all; }
  async fetch(request) {
    const env = this.env;
    const query = new URL(request.url).searchParams;
    let state = Number(query.get('seed')) >>> 0;
    const random = (below) => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.floor((state / 2 ** 32) * below); };
    const bytes = (text) => new TextEncoder().encode(text);
    const text = (bytes) => new TextDecoder().decode(bytes);
    const attempt = (f) => { try { return f(); } catch {} };
    const sample = Buffer.from('the quick brown fox jumps over the lazy dog. '.repeat(20));
    let rounds = 0;
    const mutate = (input) => {
      let out = Uint8Array.from(input);
      for (let i = random(5); i > 0; i -= 1) {
        const at = random(out.length + 1);
        const kind = random(5);
        if (kind === 0) out[at] = random(256);
        else if (kind === 1) out[at] ^= 1 << random(8);
        else if (kind === 2) out = out.slice(0, at);
        else if (kind === 3) out = Uint8Array.from([...out.slice(0, at), ...out.slice(random(out.length + 1)).slice(0, 200)]);
        else out = Uint8Array.from([...out.slice(0, at), ...Array.from({ length: random(20) }, () => random(256)), ...out.slice(at)]);
      }
      return out;
    };
    const late = () => (rounds += 1) > Number(query.get('inputs'));
    ${body}
    return new Response(String(rounds));
  }
}`;

const platform = await startPlatform({ hosts: 1, args: ['--log-level', 'warn', '--set', 'limits.cpu_ms=20000', '--set', 'limits.wall_ms=30000'] });
let failed = 0;
try {
  for (const [name, body] of Object.entries(targets).filter(([one]) => !names.length || names.includes(one))) {
    await platform.uploadWorker('fuzz', worker(body), { compatibility_flags: ['nodejs_compat'], bindings: [{ type: 'service', name: 'SELF', service: 'fuzz' }] });
    const before = platform.logEntries().filter(({ event }) => event === 'host_ended').length;
    let inputs = 50;
    let total = 0;
    const problems = [];
    for (const end = Date.now() + Number(seconds) * 1000; Date.now() < end && problems.length < 3;) {
      const seed = Math.floor(Math.random() * 2 ** 32);
      const began = Date.now();
      const answer = await platform.request({ worker: 'fuzz', path: `/?seed=${seed}&inputs=${inputs}`, timeoutMs: 60_000 }).catch((error) => ({ body: error.message }));
      // Turned away, as the round before was a long one; or stopped by a limit, which is in order for what is made at random.
      if (answer.status === 503 && /1105|1102/.test(answer.body)) {
        inputs = Math.max(10, inputs >> 1);
        await sleep(200);
        continue;
      }
      if (answer.status !== 200) problems.push(`seed ${seed}, ${inputs} inputs: ${answer.status ?? ''} ${answer.body.slice(0, 300)}`);
      total += inputs;
      if (Date.now() - began < roundMs) inputs = Math.min(inputs * 2, 100_000);
    }
    const ended = platform.logEntries().filter(({ event }) => event === 'host_ended').length - before;
    const bad = problems.length || ended;
    failed += bad ? 1 : 0;
    console.log(`host ${name}: ${bad ? `FAILED (hosts ended: ${ended})\n${problems.join('\n')}` : `clean after ${total} inputs in ${seconds} s`}`);
  }
} finally {
  await platform.stop();
}
process.exit(failed ? 1 : 0);
