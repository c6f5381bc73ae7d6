import { equal, rejects } from '../check.js';

export default {
  async fetch(request) {
    const url = new URL(request.url);
    const [, action, rest] = url.pathname.split('/');
    switch (action) {
      case 'to': return new Response('on the way', { status: Number(rest), headers: { location: '/target' } });
      case 'away': return Response.redirect('http://elsewhere.example/target');
      case 'loop': return Response.redirect(`http://self.example/loop/${Number(rest) + 1}`);
      case 'times': return Number(rest) === 0 ? new Response('arrived') : Response.redirect(`http://self.example/times/${rest - 1}`, 307);
      case 'bad': return new Response(null, { status: 302, headers: { location: 'http://' } });
      case 'nowhere': return new Response('no location', { status: 302 });
      default: {
        const names = ['authorization', 'content-type', 'x-own'];
        return Response.json([request.method, request.url, await request.text(), ...names.map((name) => request.headers.get(name))]);
      }
    }
  },
};

const post = (env, path, init) => env.SELF.fetch(`http://self.example${path}`, {
  method: 'POST', body: 'text', headers: { authorization: 'secret', 'x-own': 'kept' }, ...init,
});

export const methods_and_bodies_follow_the_standard = {
  async test(ctrl, env) {
    const target = 'http://self.example/target';
    for (const status of [301, 302, 303]) {
      const response = await post(env, `/to/${status}`);
      equal([response.redirected, response.url, await response.json()], [true, target, ['GET', target, '', 'secret', null, 'kept']]);
    }
    for (const status of [307, 308]) {
      equal(await (await post(env, `/to/${status}`)).json(), ['POST', target, 'text', 'secret', 'text/plain;charset=UTF-8', 'kept']);
    }
    equal(await (await post(env, '/to/302', { method: 'PUT' })).json(),
          ['PUT', target, 'text', 'secret', 'text/plain;charset=UTF-8', 'kept']);
    equal(await (await post(env, '/to/303', { method: 'PUT' })).json(), ['GET', target, '', 'secret', null, 'kept']);
  },
};

export const manual_redirects_are_handed_back = {
  async test(ctrl, env) {
    const response = await post(env, '/to/302', { redirect: 'manual' });
    equal([response.status, response.redirected, response.headers.get('location'), await response.text()],
          [302, false, '/target', 'on the way']);
  },
};

export const credentials_stay_at_their_origin = {
  async test(ctrl, env) {
    const response = await env.SELF.fetch('http://self.example/away', { headers: { authorization: 'secret', 'x-own': 'kept' } });
    equal(await response.json(), ['GET', 'http://elsewhere.example/target', '', null, null, 'kept']);
  },
};

export const many_redirects_are_followed_but_not_endlessly_many = {
  async test(ctrl, env) {
    equal(await (await post(env, '/times/15')).text(), 'arrived');
    await rejects(post(env, '/loop/0'), 'TypeError', 'Too many redirects');
  },
};

export const redirects_that_lead_nowhere = {
  async test(ctrl, env) {
    await rejects(post(env, '/bad'), 'TypeError');
    const response = await post(env, '/nowhere');
    equal([response.status, await response.text()], [302, 'no location']);
  },
};

export const a_stream_cannot_be_sent_twice = {
  async test(ctrl, env) {
    const body = () => new Blob(['text']).stream();
    await rejects(post(env, '/to/307', { body: new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(1));
        controller.close();
      },
    }) }), 'TypeError', 'one-time-use body');
    equal((await (await post(env, '/to/303', { body: body() })).json())[0], 'GET');
  },
};

export const data_urls_are_answered_on_the_spot = {
  async test() {
    const read = async (url) => {
      const response = await fetch(url);
      return [response.status, response.headers.get('content-type'), await response.text()];
    };
    equal(await read('data:text/plain,a%20b%2c'), [200, 'text/plain', 'a b,']);
    equal(await read('data:,x'), [200, 'text/plain;charset=US-ASCII', 'x']);
    equal(await read('data:text/html;charset=utf-8;base64,w6Q%3D'), [200, 'text/html;charset=utf-8', 'ä']);
    await rejects(fetch('data:text/plain'), 'TypeError');
  },
};
