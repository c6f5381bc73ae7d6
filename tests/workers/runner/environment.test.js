// What every worker test may count on; see tests/workers/README.md.
function equal(actual, expected) {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`expected ${right}, got ${left}`);
}

export default {
  async fetch(request) {
    return new Response(`${request.method} ${new URL(request.url).pathname}`);
  },
};

export const bindings_carry_their_values = {
  test(ctrl, env) {
    equal([env.TEXT, env.JSON, env.SECRET], ['a text', { list: [1, 2, 3] }, 'a secret']);
  },
};

export const a_service_binding_reaches_the_default_export = {
  async test(ctrl, env) {
    const response = await env.SELF.fetch('https://self.example/path', { method: 'PUT' });
    equal([response.status, await response.text()], [200, 'PUT /path']);
  },
};

export const kv_keeps_values_metadata_and_order = {
  async test(ctrl, env) {
    await env.KV.put('b', 'two', { metadata: { n: 2 } });
    await env.KV.put('a', 'one');
    equal(await env.KV.get('a'), 'one');
    equal(await env.KV.get('missing'), null);
    const { value, metadata } = await env.KV.getWithMetadata('b');
    equal([value, metadata], ['two', { n: 2 }]);
    const { keys, list_complete: complete } = await env.KV.list();
    equal([keys.map((key) => key.name), complete], [['a', 'b'], true]);
    await env.KV.delete('a');
    equal(await env.KV.get('a'), null);
  },
};

export const context_is_handed_over = {
  test(ctrl, env, ctx) {
    equal(typeof ctx.waitUntil, 'function');
  },
};
