// What an answer costs in JavaScript alone: startFetch() over natives that do nothing. Run with
// Node: time and allocated bytes a request.
import { join } from 'node:path';
import vm from 'node:vm';
import esbuild from 'esbuild';

const kRounds = 300_000;

const bundle = esbuild
                   .buildSync({
                     entryPoints: [join(import.meta.dirname, '../main.js')],
                     bundle: true,
                     format: 'iife',
                     globalName: 'builtins',
                     write: false,
                   })
                   .outputFiles[0]
                   .text;

const handlers = {
  'new Response("hello")': '({ fetch() { return new Response("hello"); } })',
  'async handler': '({ async fetch() { return new Response("hello"); } })',
  'one request header':
      '({ fetch(request) { return new Response(request.headers.get("host")); } })',
  'response with headers':
      '({ fetch() { return new Response("hello", { headers: { "Content-Type": "text/html", "X-A": "b" } }); } })',
  'Response.json': '({ fetch() { return Response.json({ a: 1 }); } })',
  'dispatch': '({ fetch(request, env) { return env.D.get("name").fetch(request); } })',
};

// Everything runs inside one realm, as it does on the platform.
const harness = `(async (bundleOf, source, rounds, heapUsed, now) => {
  let answered = 0;
  let response;
  const answer = Promise.resolve();
  const natives = {
    now: () => 0, requireInvocation() {}, respond() { answered++; }, invocationFailed(name, message) { throw new Error(message); },
    messageHeader: () => 'worker.example', messageHeaders: () => [], dispatchGet: () => 1, subfetch: () => answer.then(response),
    waitUntilBegin() {}, waitUntilEnd() {},
  };
  const exports = bundleOf(natives);
  exports.installGlobals(globalThis);
  response = () => exports.makeIncomingResponse(1, 200, 'OK', true, 'http://worker.example/');
  exports.prepareWorker({ bindings: [['D', 'dispatch_namespace', 1]], flags: {} });
  exports.registerExports({ default: (0, eval)(source) });
  const { startFetch } = exports;
  const run = async (rounds) => {
    for (let i = 0; i < rounds; i++) {
      startFetch(i, 'GET', 'http://worker.example/path', false, undefined, undefined, undefined);
      if (i % 64 === 63) await null;
    }
    for (let i = 0; i < 10; i++) await null;
  };
  await run(50_000);
  answered = 0;
  let [allocated, last] = [0, heapUsed()];
  const started = now();
  for (let part = 0; part < 300; part++) {
    await run(rounds / 300);
    const heap = heapUsed();
    if (heap > last) allocated += (heap - last) / (rounds / 300);
    last = heap;
  }
  if (answered !== rounds) throw new Error(answered + ' answers to ' + rounds + ' requests');
  return [(now() - started) * 1e6 / rounds, allocated / 300];
})`;

async function measure(source) {
  const context = vm.createContext({});
  const bundleOf =
      vm.runInContext(`(natives) => { 'use strict'; ${bundle}; return builtins; }`, context);
  const [nanoseconds, bytes] = await vm.runInContext(harness, context)(
      bundleOf, source, kRounds, () => process.memoryUsage().heapUsed, () => performance.now());
  return [nanoseconds.toFixed(0), bytes.toFixed(0)];
}

for (const [name, source] of Object.entries(handlers)) {
  const [nanoseconds, bytes] = await measure(source);
  console.log(`${name.padEnd(26)} ${nanoseconds.padStart(6)} ns  ${bytes.padStart(5)} bytes`);
}
