import { equal, throws } from '../check.js';

export default {
  async fetch(request) {
    const { headers } = request;
    switch (new URL(request.url).pathname) {
      case '/immutable':
        try {
          headers.set('a', 'b');
        } catch (error) {
          return new Response(`${error.name}: ${error.message}`);
        }
        return new Response('changed');
      case '/all': return Response.json([...headers].filter(([name]) => name.startsWith('x-')));
      case '/one': return Response.json([headers.get('X-One'), headers.has('x-one'), headers.get('x-none'), headers.has('x-none')]);
      case '/cookies': {
        const response = new Response('cookies');
        response.headers.append('Set-Cookie', 'a=1');
        response.headers.append('set-cookie', 'b=2, 3');
        return response;
      }
      case '/copy': {
        const copy = new Request(request);
        copy.headers.set('x-one', 'changed');
        copy.headers.append('x-two', '2');
        return Response.json([...copy.headers].filter(([name]) => name.startsWith('x-')).concat([[headers.get('x-one')]]));
      }
      default: return new Response('', { headers });
    }
  },
};

const text = async (env, path, headers) => (await env.SELF.fetch(`http://self.example${path}`, { headers })).text();

export const names_are_lower_case_sorted_and_combined = {
  test() {
    const headers = new Headers([['B', '1'], ['a', '2'], ['b', '3']]);
    equal([...headers], [['a', '2'], ['b', '1, 3']]);
    equal([...headers.keys()], ['a', 'b']);
    equal([...headers.values()], ['2', '1, 3']);
    equal(headers.get('B'), '1, 3');
  },
};

export const every_form_of_init_is_taken = {
  test() {
    equal([...new Headers()], []);
    equal([...new Headers(undefined)], []);
    equal([...new Headers({ A: 1, b: true })], [['a', '1'], ['b', 'true']]);
    equal([...new Headers(new Map([['A', 'b']]))], [['a', 'b']]);
    equal([...new Headers(new Headers({ x: 'y' }))], [['x', 'y']]);
    equal([...new Headers((function* pairs() { yield ['k', 'v']; })())], [['k', 'v']]);
    throws(() => new Headers('text'), 'TypeError', 'is not of type');
    throws(() => new Headers(null), 'TypeError', 'is not of type');
    throws(() => new Headers([['one']]), 'TypeError', 'exactly two elements');
    throws(() => new Headers([['one', 'two', 'three']]), 'TypeError', 'exactly two elements');
  },
};

export const a_copy_is_independent = {
  test() {
    const first = new Headers({ a: '1' });
    const second = new Headers(first);
    second.set('a', '2');
    equal([first.get('a'), second.get('a')], ['1', '2']);
  },
};

export const values_are_trimmed_and_checked = {
  test() {
    equal(new Headers([['a', ' \t x y \r\n']]).get('a'), 'x y');
    for (const bad of ['a\0b', 'a\nb', 'a\rb']) throws(() => new Headers({ a: bad }), 'TypeError', 'Invalid header value.');
    throws(() => new Headers().append('a b', 'c'), 'TypeError', 'Invalid header name.');
    throws(() => new Headers().get('a b'), 'TypeError', 'Invalid header name.');
    throws(() => new Headers().has('(x)'), 'TypeError', 'Invalid header name.');
  },
};

export const set_append_and_delete = {
  test() {
    const headers = new Headers();
    headers.append('X', '1');
    headers.append('x', '2');
    headers.append('y', '3');
    equal(headers.get('x'), '1, 2');
    headers.set('X', '4');
    equal([...headers], [['x', '4'], ['y', '3']]);
    headers.delete('x');
    headers.delete('nothing');
    equal([headers.has('x'), headers.get('x'), headers.has('Y')], [false, null, true]);
  },
};

export const set_cookie_stays_separate = {
  test() {
    const headers = new Headers([['set-cookie', 'a=1'], ['x', 'y'], ['Set-Cookie', 'b=2']]);
    equal(headers.getSetCookie(), ['a=1', 'b=2']);
    equal(headers.getAll('Set-Cookie'), ['a=1', 'b=2']);
    equal([...headers], [['set-cookie', 'a=1'], ['set-cookie', 'b=2'], ['x', 'y']]);
    throws(() => headers.getAll('x'), 'TypeError', 'Set-Cookie');
    headers.delete('set-cookie');
    equal(headers.getSetCookie(), []);
  },
};

export const for_each_passes_value_name_and_headers = {
  test() {
    const seen = [];
    const headers = new Headers({ b: '2', a: '1' });
    headers.forEach(function each(value, name, object) { seen.push([value, name, object === headers, this.tag]); }, { tag: 't' });
    equal(seen, [['1', 'a', true, 't'], ['2', 'b', true, 't']]);
    throws(() => headers.forEach(5), 'TypeError');
  },
};

export const the_interface_looks_as_it_should = {
  test() {
    equal(Object.prototype.toString.call(new Headers()), '[object Headers]');
    equal(Object.keys(globalThis).includes('Headers'), false);
    throws(() => Headers.prototype.get.call({}, 'a'), 'TypeError', 'Illegal invocation');
    throws(() => new Headers().get(), 'TypeError');
    throws(() => Headers(), 'TypeError');
    equal(typeof new Headers().entries().next, 'function');
  },
};

export const incoming_headers_cannot_be_changed = {
  async test(ctrl, env) {
    equal(await text(env, '/immutable'), "TypeError: Can't modify immutable headers.");
  },
};

export const incoming_headers_can_be_read = {
  async test(ctrl, env) {
    equal(await text(env, '/all', [['X-B', '1'], ['x-a', '2'], ['x-b', '3']]), '[["x-a","2"],["x-b","1, 3"]]');
    equal(await text(env, '/one', { 'x-one': 'here' }), '["here",true,null,false]');
  },
};

export const a_copied_request_has_headers_of_its_own = {
  async test(ctrl, env) {
    equal(await text(env, '/copy', { 'x-one': 'first' }), '[["x-one","changed"],["x-two","2"],["first"]]');
  },
};

export const response_headers_arrive_and_are_immutable = {
  async test(ctrl, env) {
    const response = await env.SELF.fetch('http://self.example/cookies');
    equal(response.headers.getSetCookie(), ['a=1', 'b=2, 3']);
    throws(() => response.headers.set('a', 'b'), 'TypeError', 'immutable');
    const copy = new Response(response.body, response);
    copy.headers.set('a', 'b');
    equal([copy.headers.get('a'), copy.headers.getSetCookie(), await copy.text()], ['b', ['a=1', 'b=2, 3'], 'cookies']);
  },
};

export const headers_of_a_request_can_be_returned = {
  async test(ctrl, env) {
    const response = await env.SELF.fetch('http://self.example/', { headers: { 'x-echo': 'yes' } });
    equal(response.headers.get('X-Echo'), 'yes');
    await response.arrayBuffer();
  },
};

export const unicode_values_survive = {
  async test(ctrl, env) {
    const headers = new Headers({ 'x-name': 'Žluťoučký \u{1f40e}' });
    equal(headers.get('x-name'), 'Žluťoučký \u{1f40e}');
    equal(JSON.parse(await text(env, '/all', headers)), [['x-name', 'Žluťoučký \u{1f40e}']]);
  },
};
