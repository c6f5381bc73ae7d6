import { equal, rejects, throws } from '../check.js';

const kRange = 'Responses may only be constructed with status codes in the range 200 to 599, inclusive.';

export const defaults = {
  async test() {
    const response = new Response();
    equal([response.status, response.statusText, response.ok, response.redirected, response.url, response.type, response.body,
           response.bodyUsed, response.webSocket, [...response.headers]],
          [200, '', true, false, '', 'default', null, false, null, []]);
    equal(await response.text(), '');
    equal(Object.prototype.toString.call(response), '[object Response]');
    equal([new Response('x', null).status, new Response('x', undefined).status, new Response(undefined).body], [200, 200, null]);
  },
};

export const status_must_be_in_range = {
  test() {
    for (const status of [0, 99, 100, 102, 199, 600, 1000, -1, NaN, null, 'abc', 65736]) {
      throws(() => new Response(null, { status }), 'RangeError', kRange);
    }
    equal([200, 201, 599, '404', 200.7, undefined].map((status) => new Response(null, { status }).status),
          [200, 201, 599, 404, 200, 200]);
    equal([new Response(null, { status: 299 }).ok, new Response(null, { status: 300 }).ok], [true, false]);
    throws(() => new Response(null, { status: 101 }), 'RangeError', kRange);
  },
};

export const null_body_statuses_take_no_body = {
  test() {
    for (const status of [204, 205, 304]) {
      throws(() => new Response('x', { status }), 'TypeError', 'Response with null body status (101, 204, 205, or 304) cannot have a body.');
      equal(new Response(null, { status }).status, status);
    }
    equal(new Response('', { status: 204 }).status, 204);
  },
};

export const status_text_and_other_members_are_checked = {
  test() {
    equal(new Response(null, { statusText: 'Fine' }).statusText, 'Fine');
    throws(() => new Response(null, { statusText: 'a\nb' }), 'TypeError', 'Invalid statusText');
    throws(() => new Response(null, { encodeBody: 'x' }), 'TypeError', 'encodeBody');
    throws(() => new Response(null, { webSocket: 5, status: 101 }), 'TypeError', 'WebSocket');
    throws(() => new Response('x', 5), 'TypeError');
    throws(() => new Response('x', { headers: null }), 'TypeError');
    equal(new Response('x', { encodeBody: 'manual' }).status, 200);
  },
};

export const cf_is_kept = {
  test() {
    const response = new Response('x', { cf: { a: 1 } });
    const clone = response.clone();
    equal([response.cf, clone.cf, clone.cf === response.cf, new Response('y', response).cf], [{ a: 1 }, { a: 1 }, false, { a: 1 }]);
  },
};

export const a_response_serves_as_init = {
  async test() {
    const first = new Response('body', { status: 201, statusText: 'Made', headers: { a: 'b' } });
    const second = new Response(first.body, first);
    second.headers.set('a', 'c');
    equal([second.status, second.statusText, second.headers.get('a'), first.headers.get('a'), second.headers.get('content-type')],
          [201, 'Made', 'c', 'b', 'text/plain;charset=UTF-8']);
    equal([await second.text(), first.bodyUsed], ['body', true]);
  },
};

export const json = {
  async test() {
    const response = Response.json({ a: [1] });
    equal([response.status, [...response.headers], await response.text()], [200, [['content-type', 'application/json']], '{"a":[1]}']);
    const other = Response.json('x', { status: 201, headers: { 'Content-Type': 'x/y' } });
    equal([other.status, other.headers.get('content-type'), await other.json()], [201, 'x/y', 'x']);
    throws(() => Response.json(1n), 'TypeError');
    throws(() => Response.json(), 'TypeError');
    throws(() => Response.json(1, { status: 204 }), 'TypeError', 'null body status');
  },
};

export const redirect = {
  test() {
    const response = Response.redirect('http://a.example/b c');
    equal([response.status, response.headers.get('location'), response.body], [302, 'http://a.example/b%20c', null]);
    throws(() => response.headers.set('a', 'b'), 'TypeError', 'immutable');
    equal([301, 302, 303, 307, 308, '301', undefined].map((status) => Response.redirect('http://a.example', status).status),
          [301, 302, 303, 307, 308, 301, 302]);
    for (const status of [200, 300, 304, null]) {
      throws(() => Response.redirect('http://a.example', status), 'RangeError', 'is not a redirect status code');
    }
    throws(() => Response.redirect('/relative'), 'TypeError', 'Unable to parse URL: /relative');
  },
};

export const error = {
  test() {
    const response = Response.error();
    equal([response.status, response.type, response.ok, response.statusText, response.body, response.clone().type],
          [0, 'error', false, '', null, 'error']);
  },
};

export const clone = {
  async test() {
    const first = new Response('text', { status: 202, headers: { a: 'b' } });
    const second = first.clone();
    second.headers.set('a', 'c');
    equal([second.status, first.headers.get('a'), await first.text(), await second.text()], [202, 'b', 'text', 'text']);
    throws(() => first.clone(), 'TypeError');
    const bytes = new Response(new Uint8Array([1, 2]));
    const copy = bytes.clone();
    equal([[...await bytes.bytes()], [...await copy.bytes()]], [[1, 2], [1, 2]]);
  },
};

export const members_cannot_be_written = {
  test() {
    const response = new Response('x');
    throws(() => { response.status = 5; }, 'TypeError');
    throws(() => Object.getOwnPropertyDescriptor(Response.prototype, 'status').get.call({}), 'TypeError');
    throws(() => Response('x'), 'TypeError');
    equal(typeof Body === 'function' && response instanceof Body, true);
  },
};

export const request_and_response_share_no_brand = {
  async test() {
    await rejects((async () => Response.prototype.text.call({}))(), 'TypeError', 'Illegal invocation');
    throws(() => Response.prototype.clone.call(new Request('http://a.example')), 'TypeError', 'Illegal invocation');
    throws(() => new Body(), 'TypeError', 'Illegal constructor');
  },
};

export default {
  fetch(request) {
    const status = Number(new URL(request.url).searchParams.get('status'));
    return new Response(null, { status });
  },
};

export const what_comes_over_a_binding_looks_as_over_http = {
  async test(ctrl, { SELF }) {
    const ask = (status, method = 'GET') => SELF.fetch(`https://self.example/?status=${status}`, { method });
    const missing = await ask(404);
    equal([missing.statusText, missing.body instanceof ReadableStream, await missing.text()], ['Not Found', true, '']);
    for (const [status, text] of [[204, 'No Content'], [205, 'Reset Content'], [304, 'Not Modified']]) {
      const none = await ask(status);
      equal([none.status, none.statusText, none.body, await none.text()], [status, text, null, '']);
    }
    equal((await ask(200, 'HEAD')).body, null);
  },
};
