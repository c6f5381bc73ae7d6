import { equal, rejects } from '../check.js';

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/throw') throw new RangeError('thrown by the other side');
    if (pathname === '/forward') return env.SELF.fetch(new Request('http://self.example/target', request));
    if (pathname === '/redirect') return Response.redirect('http://self.example/target');
    return new Response(`${request.method} ${pathname} ${request.headers.get('x-a')} ${await request.text()}`, {
      status: 203, headers: { 'x-back': 'yes' },
    });
  },
};

export const a_fetcher_takes_what_fetch_takes = {
  async test(ctrl, env) {
    const send = async (...parameters) => (await env.SELF.fetch(...parameters)).text();
    equal(await send('http://self.example/a'), 'GET /a null ');
    equal(await send(new URL('http://self.example/b')), 'GET /b null ');
    equal(await send('http://self.example/c', { method: 'post', body: 'text', headers: { 'x-a': '1' } }), 'POST /c 1 text');
    equal(await send(new Request('http://self.example/d', { method: 'PUT', body: 'x' })), 'PUT /d null x');
    equal(await send(new Request('http://self.example/e', { method: 'PUT', body: 'x' }), { method: 'POST', headers: { 'x-a': '2' } }),
          'POST /e 2 x');
  },
};

export const a_response_carries_everything = {
  async test(ctrl, env) {
    const response = await env.SELF.fetch('http://self.example/a');
    equal([response.status, response.ok, response.headers.get('x-back'), response.type, response.redirected, response instanceof Response],
          [203, true, 'yes', 'default', false, true]);
    equal(await response.text(), 'GET /a null ');
  },
};

export const requests_can_be_forwarded = {
  async test(ctrl, env) {
    const response = await env.SELF.fetch('http://self.example/forward', { method: 'POST', body: 'body', headers: { 'x-a': 'kept' } });
    equal(await response.text(), 'POST /target kept body');
  },
};

export const redirects_of_a_binding_are_handed_back_when_asked = {
  async test(ctrl, env) {
    const response = await env.SELF.fetch('http://self.example/redirect', { redirect: 'manual' });
    equal([response.status, response.headers.get('location')], [302, 'http://self.example/target']);
  },
};

export const exceptions_tunnel_through = {
  async test(ctrl, env) {
    await rejects(env.SELF.fetch('http://self.example/throw'), 'RangeError', 'thrown by the other side');
  },
};

export const bad_requests_reject = {
  async test(ctrl, env) {
    for (const send of [(...args) => fetch(...args), (...args) => env.SELF.fetch(...args)]) {
      await rejects(send('/relative'), 'TypeError', 'Invalid URL: /relative');
      await rejects(send('http://self.example', { body: 'x' }), 'TypeError', 'cannot have a body');
      const used = new Request('http://self.example', { method: 'POST', body: 'x' });
      await used.text();
      await rejects(send(used), 'TypeError');
    }
    await rejects(fetch('ftp://a.example/'), 'TypeError', 'Fetch API cannot load: ftp://a.example/');
    await rejects((async () => fetch())(), 'TypeError');
  },
};

export const an_aborted_signal_rejects_at_once = {
  async test(ctrl, env) {
    await rejects(env.SELF.fetch('http://self.example/a', { signal: AbortSignal.abort() }), 'AbortError');
    const reason = new RangeError('mine');
    await rejects(env.SELF.fetch('http://self.example/a', { signal: AbortSignal.abort(reason) }), 'RangeError', 'mine');
    await rejects(fetch('http://self.example/a', { signal: AbortSignal.abort(reason) }), 'RangeError', 'mine');
  },
};

export const a_signal_that_never_fires_changes_nothing = {
  async test(ctrl, env) {
    const { signal } = new AbortController();
    equal((await env.SELF.fetch('http://self.example/a', { signal })).status, 203);
  },
};
