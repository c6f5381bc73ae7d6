import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MiniPlatform } from '../../webapi/testing/mini_platform.mjs';

async function start(body, parameters) {
  const platform = new MiniPlatform();
  await platform.add('customer', `export default {
    fetch(request, env, ctx) {
      if (request.url.endsWith('/throw')) throw new TypeError('from the customer');
      return Response.json([request.method, ctx.props]);
    },
  }`);
  await platform.add('main', `export default { async fetch(request, env) { ${body} } }`, {
    bindings: [['D', 'dispatch_namespace', 1, parameters]],
  });
  return platform;
}

const kInOneLine =
    `return new Response(await (async () => { try { return await work(); } catch (e) { return e.name + ': ' + e.message; } })());`;

test('a user Worker is reached by name', async () => {
  const platform = await start('return env.D.get("customer").fetch(request);');
  assert.equal(
      (await platform.fetch('main', 'http://a.example/', { method: 'PUT' })).text, '["PUT",{}]');
  assert.deepEqual(
      platform.lastDispatch, { name: 'customer', cpuMs: -1, subRequests: -1, outbound: undefined });
});

test('arguments become a copy in ctx.props', async () => {
  const platform =
      await start('return env.D.get("customer", { plan: "free", list: [1] }).fetch(request);');
  assert.equal((await platform.fetch('main')).text, '["GET",{"plan":"free","list":[1]}]');
});

test('limits are handed over', async () => {
  const platform = await start(
      'return env.D.get("customer", {}, { limits: { cpuMs: 10, subRequests: 5 } }).fetch(request);');
  await platform.fetch('main');
  assert.deepEqual([platform.lastDispatch.cpuMs, platform.lastDispatch.subRequests], [10, 5]);
});

test('a missing Worker shows at first use', async () => {
  const platform =
      await start(`const worker = env.D.get("nobody"); const work = () => worker.fetch(request); ${
          kInOneLine}`);
  assert.equal((await platform.fetch('main')).text, 'Error: Worker not found.');
});

test('exceptions tunnel to the dispatcher', async () => {
  const platform = await start(
      `const work = () => env.D.get("customer").fetch("http://a.example/throw"); ${kInOneLine}`);
  assert.equal((await platform.fetch('main')).text, 'TypeError: from the customer');
});

test('wrong arguments throw where get() is called', async () => {
  for (const [call, part] of [['get()', 'TypeError'],
           ['get("a", 5)', 'not an object'],
           ['get("a", {}, 5)', 'not an object'],
           ['get("a", {}, { limits: { cpuMs: "x" } })', 'limits.cpuMs'],
           ['get("a", {}, { limits: { cpuMs: 0 } })', 'limits.cpuMs'],
           ['get("a", {}, { limits: { subRequests: -1 } })', 'limits.subRequests'],
           ['get("a", { f() {} })', 'could not be cloned'],
           [
             'get("a", {}, { outbound: { undeclared: 1 } })',
             'The outbound parameter "undeclared" is not declared'
           ],
  ]) {
    const platform = await start(
        `const work = async () => { env.D.${call}; return 'no error'; }; ${kInOneLine}`);
    assert.match(
        (await platform.fetch('main')).text, new RegExp(part.replace(/[.()]/g, '\\$&')), call);
  }
});

test('declared outbound parameters are handed over', async () => {
  const platform = await start(
      'return env.D.get("customer", {}, { outbound: { a: [1] } }).fetch(request);', ['a', 'b']);
  await platform.fetch('main');
  assert.ok(platform.lastDispatch.outbound.byteLength > 0);
});

test('a Fetcher may be awaited', async () => {
  const platform = await start('return (await env.D.get("customer")).fetch(request);');
  assert.equal((await platform.fetch('main')).text, '["GET",{}]');
});
