import { equal, rejects, throws } from '../check.js';

export default {
  async fetch(request) {
    const info = {
      method: request.method, url: request.url, redirect: request.redirect, hasBody: request.body !== null, bodyUsed: request.bodyUsed,
      aborted: request.signal.aborted,
    };
    return Response.json({ ...info, text: await request.text(), after: request.bodyUsed });
  },
};

const make = (init, url = 'http://a.example/') => new Request(url, init);

export const urls_are_absolute_and_serialised = {
  test() {
    equal(make({}, ' http://a.example/b?x y"<>#f').url, 'http://a.example/b?x%20y%22%3C%3E#f');
    equal(make({}, new URL('HTTP://A.example:80/../b')).url, 'http://a.example/b');
    equal(make({}, { toString: () => 'http://o.example' }).url, 'http://o.example/');
    equal(make({}, 'http://u:p@a.example/').url, 'http://u:p@a.example/');
    for (const bad of ['/path', 'http://', '', 'nonsense', undefined]) throws(() => new Request(bad), 'TypeError', 'Invalid URL');
    throws(() => new Request(), 'TypeError');
  },
};

export const methods_are_normalised = {
  test() {
    equal(['get', 'Post', 'PUT', 'patch', 'DELETE', 'options', 'HEAD'].map((method) => make({ method }).method),
          ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD']);
    equal(make().method, 'GET');
    for (const method of ['a b', '', 'CONNECT', null]) throws(() => make({ method }), 'TypeError', 'Invalid HTTP method string');
  },
};

export const defaults_and_ignored_members = {
  test() {
    const request = make({ mode: 'bogus', credentials: 'bogus', referrer: 'x', window: 5 });
    equal([request.redirect, request.bodyUsed, request.body, request.integrity, request.keepalive, request.cache],
          ['follow', false, null, '', false, undefined]);
    equal(['mode' in request, 'credentials' in request, 'destination' in request], [false, false, false]);
    equal(Object.prototype.toString.call(request), '[object Request]');
    equal(make({ redirect: 'manual' }).redirect, 'manual');
  },
};

export const unsupported_members_throw = {
  test() {
    throws(() => make({ redirect: 'error' }), 'TypeError', 'must be one of "follow" or "manual"');
    throws(() => make({ redirect: 'x' }), 'TypeError', 'Invalid redirect value');
    for (const cache of ['default', 'force-cache', 'only-if-cached', 'x']) {
      throws(() => make({ cache }), 'TypeError', `Unsupported cache mode: ${cache}`);
    }
    equal([make({ cache: 'no-store' }).cache, make({ cache: 'no-cache' }).cache], ['no-store', 'no-cache']);
    throws(() => make({ signal: 5 }), 'TypeError', 'AbortSignal');
    throws(() => make({ integrity: 'sha256-x' }), 'TypeError', 'integrity');
    throws(() => make({ cf: 5 }), 'TypeError');
    throws(() => make(5), 'TypeError');
    throws(() => make({ headers: 5 }), 'TypeError');
  },
};

export const get_and_head_have_no_body = {
  test() {
    throws(() => make({ body: 'x' }), 'TypeError', 'Request with a GET or HEAD method cannot have a body.');
    throws(() => make({ method: 'HEAD', body: 'x' }), 'TypeError', 'cannot have a body');
    equal(make({ body: null }).body, null);
  },
};

export const body_sets_the_content_type = {
  test() {
    const type = (body) => make({ method: 'POST', body }).headers.get('content-type');
    equal([type('x'), type(new URLSearchParams('a=b')), type(new Blob(['x'], { type: 'A/b' })), type(new Uint8Array(1))],
          ['text/plain;charset=UTF-8', 'application/x-www-form-urlencoded;charset=UTF-8', 'a/b', null]);
    equal(make({ method: 'POST', body: 'x', headers: { 'Content-Type': 'own' } }).headers.get('content-type'), 'own');
  },
};

export const a_request_from_a_request_takes_the_body_over = {
  async test() {
    const first = make({ method: 'POST', body: 'text', headers: { a: 'b' } });
    const second = new Request(first);
    equal([first.bodyUsed, second.bodyUsed, second.method, second.headers.get('a'), await second.text()],
          [true, false, 'POST', 'b', 'text']);
    throws(() => new Request(first), 'TypeError', 'Cannot reconstruct a Request with a used body.');
    await rejects(first.text(), 'TypeError');
  },
};

export const init_overrides_the_request = {
  async test() {
    const first = make({ method: 'POST', body: 'text', headers: { a: 'b' } });
    const second = new Request(first, { method: 'PUT', headers: { c: 'd' }, body: 'other' });
    equal([second.method, second.headers.get('a'), second.headers.get('c'), await second.text(), first.bodyUsed],
          ['PUT', null, 'd', 'other', false]);
    equal(await first.text(), 'text');
    equal(await new Request(first, { body: 'again' }).text(), 'again');
    const third = make({ method: 'POST', body: 'text' });
    throws(() => new Request(third, { method: 'GET' }), 'TypeError', 'cannot have a body');
  },
};

export const a_request_serves_as_init = {
  test() {
    const init = make({ method: 'DELETE', headers: { a: 'b' } });
    const request = new Request('http://b.example/', init);
    equal([request.url, request.method, request.headers.get('a')], ['http://b.example/', 'DELETE', 'b']);
  },
};

export const clone_gives_both_the_whole_body = {
  async test() {
    const first = make({ method: 'POST', body: 'text', headers: { a: 'b' } });
    const second = first.clone();
    second.headers.set('a', 'c');
    equal([await second.text(), await first.text(), first.headers.get('a'), second.headers.get('a'), second.url],
          ['text', 'text', 'b', 'c', first.url]);
    throws(() => first.clone(), 'TypeError');
  },
};

export const cf_is_carried_and_copied = {
  test() {
    const first = make({ cf: { a: 1 } });
    const second = new Request(first);
    second.cf.a = 2;
    equal([first.cf, second.cf, new Request(first, { cf: { b: 1 } }).cf, make().cf ?? null], [{ a: 1 }, { a: 2 }, { b: 1 }, null]);
    equal(first.cf === first.cf, true);
  },
};

export const the_signal_is_the_one_given = {
  test() {
    const controller = new AbortController();
    const request = make({ signal: controller.signal });
    controller.abort();
    equal([request.signal.aborted, make().signal.aborted, make({ signal: null }).signal.aborted], [true, false, false]);
    equal(new Request(request).signal.aborted, true);
  },
};

export const a_handler_sees_the_request = {
  async test(ctrl, env) {
    const response = await env.SELF.fetch('http://self.example/path?q=1', { method: 'PUT', body: 'käse' });
    equal(await response.json(), {
      method: 'PUT', url: 'http://self.example/path?q=1', redirect: 'manual', hasBody: true, bodyUsed: false, aborted: false, text: 'käse',
      after: true,
    });
    const bare = await env.SELF.fetch(new Request('http://self.example/'));
    equal(await bare.json(), {
      method: 'GET', url: 'http://self.example/', redirect: 'manual', hasBody: false, bodyUsed: false, aborted: false, text: '', after: false,
    });
  },
};

export const attributes_need_a_request = {
  test() {
    for (const name of ['method', 'url', 'headers', 'redirect', 'signal', 'cf', 'cache']) {
      const { get } = Object.getOwnPropertyDescriptor(Request.prototype, name);
      throws(() => get.call({}), 'TypeError');
    }
    throws(() => Request.prototype.clone.call({}), 'TypeError', 'Illegal invocation');
  },
};
