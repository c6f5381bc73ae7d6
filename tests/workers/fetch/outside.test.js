// fetch() to an origin on this machine.
import { equal, rejects } from '../check.js';

const echo = async (env, init, path = '/echo') => (await fetch(env.ORIGIN + path, init)).json();
const headersOf = (answer) => answer.headers.filter(([name]) => !name.startsWith('cf-'));

export const a_request_arrives_as_it_was_made = {
  async test(ctrl, env) {
    const host = new URL(env.ORIGIN).host;
    let answer = await echo(env, undefined, '/echo?a=%20b#fragment');
    equal([answer.method, answer.url, answer.body], ['GET', '/echo?a=%20b', '']);
    equal(headersOf(answer).find(([name]) => name === 'host'), ['host', host]);
    answer = await echo(env, { method: 'POST', body: 'täxt', headers: { 'X-One': '1', cookie: 'a=b' } });
    equal([answer.method, answer.body], ['POST', 'täxt']);
    const seen = Object.fromEntries(answer.headers);
    equal([seen['x-one'], seen.cookie, seen['content-length'], seen['content-type'], seen['transfer-encoding']],
          ['1', 'a=b', '5', 'text/plain;charset=UTF-8', undefined]);
  },
};

export const framing_is_the_platforms = {
  async test(ctrl, env) {
    const host = new URL(env.ORIGIN).host;
    const answer = await echo(env, {
      method: 'POST', body: 'four',
      headers: { host: 'elsewhere.example', 'content-length': '1', connection: 'close', 'transfer-encoding': 'chunked' },
    });
    const seen = Object.fromEntries(answer.headers);
    equal([answer.body, seen.host, seen['content-length'], seen['transfer-encoding']], ['four', host, '4', undefined]);
  },
};

export const every_kind_of_body_arrives = {
  async test(ctrl, env) {
    const send = async (body) => {
      const { headers, body: text } = await echo(env, { method: 'POST', body });
      const seen = Object.fromEntries(headers);
      return [text, seen['content-type'] ?? null, seen['content-length'] ?? seen['transfer-encoding']];
    };
    equal(await send(new TextEncoder().encode('bytes')), ['bytes', null, '5']);
    equal(await send(new Blob(['blob'], { type: 'text/x' })), ['blob', 'text/x', '4']);
    equal(await send(new URLSearchParams({ a: 'b c' })), ['a=b+c', 'application/x-www-form-urlencoded;charset=UTF-8', '5']);
    equal(await send(new Blob(['stream']).stream()), ['stream', null, '6']);
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    writer.write(new TextEncoder().encode('some'));
    writer.write(new TextEncoder().encode('thing'));
    writer.close();
    equal(await send(readable), ['something', null, 'chunked']);
    const fixed = new FixedLengthStream(4);
    const short = fixed.writable.getWriter();
    short.write(new TextEncoder().encode('four'));
    short.close();
    equal(await send(fixed.readable), ['four', null, '4']);
    const [text, type] = await send(Object.entries({ f: 'v' }).reduce((form, [k, v]) => (form.set(k, v), form), new FormData()));
    equal([text.includes('name="f"'), type.startsWith('multipart/form-data; boundary=')], [true, true]);
    equal(await send(''), ['', 'text/plain;charset=UTF-8', '0']);
  },
};

export const a_response_arrives_whole = {
  async test(ctrl, env) {
    const response = await fetch(`${env.ORIGIN}/status/418?x-a=1&set-cookie=a&set-cookie=b`);
    equal([response.status, response.statusText, response.ok, response.url], [418, "I'm a Teapot", false, `${env.ORIGIN}/status/418?x-a=1&set-cookie=a&set-cookie=b`]);
    equal([response.headers.get('x-a'), response.headers.getSetCookie()], ['1', ['a', 'b']]);
    equal(await response.text(), 'text');
    for (const status of [204, 304]) {
      const empty = await fetch(`${env.ORIGIN}/status/${status}`);
      equal([empty.status, empty.body], [status, null]);
    }
    const head = await fetch(`${env.ORIGIN}/bytes/1000`, { method: 'HEAD' });
    equal([head.status, head.headers.get('content-length'), await head.text()], [200, '1000', '']);
  },
};

export const large_bodies_pass_both_ways = {
  async test(ctrl, env) {
    for (const query of ['', '?chunked']) {
      const bytes = await (await fetch(`${env.ORIGIN}/bytes/3000000${query}`)).bytes();
      equal([bytes.length, bytes[0], bytes.at(-1)], [3000000, 120, 120]);
    }
    const sent = new Uint8Array(2000000).fill(7);
    const back = await (await fetch(`${env.ORIGIN}/pipe`, { method: 'POST', body: sent })).bytes();
    equal([back.length, back.every((byte) => byte === 7)], [2000000, true]);
    const through = await fetch(`${env.ORIGIN}/pipe`, { method: 'POST', body: (await fetch(`${env.ORIGIN}/bytes/1000000`)).body });
    equal((await through.bytes()).length, 1000000);
  },
};

export const bodies_stream_in_both_directions_at_once = {
  async test(ctrl, env) {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const response = await fetch(`${env.ORIGIN}/pipe`, { method: 'POST', body: readable });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (const word of ['one', 'two', 'three']) {
      writer.write(new TextEncoder().encode(word));
      equal((await reader.read()).value, word);
    }
    writer.close();
    equal((await reader.read()).done, true);
  },
};

export const codings_are_undone = {
  async test(ctrl, env) {
    for (const coding of ['gzip', 'br', 'identity']) {
      const response = await fetch(`${env.ORIGIN}/coded/${coding}`);
      equal([response.headers.get('content-encoding'), await response.text()], [coding, 'coded text']);
    }
  },
};

export const redirects = {
  async test(ctrl, env) {
    const to = (status, location, init) => fetch(`${env.ORIGIN}/to/${status}?${encodeURIComponent(location)}`, init);
    const followed = await to(302, '/status/200');
    equal([followed.redirected, followed.url, await followed.text()], [true, `${env.ORIGIN}/status/200`, 'text']);
    const manual = await to(302, '/status/200', { redirect: 'manual' });
    equal([manual.status, manual.headers.get('location'), manual.redirected], [302, '/status/200', false]);
    const posted = await (await to(303, '/echo', { method: 'POST', body: 'x' })).json();
    equal([posted.method, posted.body], ['GET', '']);
    const kept = await (await to(307, '/echo', { method: 'POST', body: 'x' })).json();
    equal([kept.method, kept.body], ['POST', 'x']);
  },
};

export const signals_stop_requests = {
  async test(ctrl, env) {
    const name = crypto.randomUUID();
    const never = `${env.ORIGIN}/never?${name}`;
    await rejects(fetch(never, { signal: AbortSignal.timeout(30) }), 'TimeoutError');
    const controller = new AbortController();
    const pending = fetch(never, { signal: controller.signal });
    await scheduler.wait(30);
    controller.abort(new RangeError('mine'));
    await rejects(pending, 'RangeError', 'mine');
    await scheduler.wait(30);
    equal(await (await fetch(`${env.ORIGIN}/aborted/${name}`)).text(), '2');

    const late = new AbortController();
    const response = await fetch(`${env.ORIGIN}/slow/5000?body`, { signal: late.signal });
    const text = response.text();
    late.abort();
    await rejects(text, 'AbortError');
  },
};

export const origins_that_fail = {
  async test(ctrl, env) {
    const response = await fetch(`${env.ORIGIN}/broken`);
    equal(response.status, 200);
    await rejects(response.text(), 'Error', 'Network connection lost.');
    await rejects(fetch(`${env.ORIGIN}/raw?`), 'Error', 'Network connection lost.');
    await rejects(fetch('http://127.0.0.1:1/'), 'Error');
  },
};

export const an_answer_may_come_before_the_body_is_sent = {
  async test(ctrl, env) {
    const response = await fetch(`${env.ORIGIN}/early`, { method: 'POST', body: new Uint8Array(100000) });
    equal([response.status, await response.text()], [413, 'too large']);
  },
};

export const unread_bodies_do_not_stand_in_the_way = {
  async test(ctrl, env) {
    for (let i = 0; i < 20; i += 1) await fetch(`${env.ORIGIN}/bytes/100000`);
    equal((await fetch(`${env.ORIGIN}/status/200`)).status, 200);
    const response = await fetch(`${env.ORIGIN}/bytes/10000000`);
    await response.body.cancel();
  },
};

export const beacons_are_sent_and_not_waited_for = {
  async test(ctrl, env) {
    equal(navigator.sendBeacon(`${env.ORIGIN}/echo`, 'beacon'), true);
    equal(navigator.sendBeacon(`${env.ORIGIN}/echo`), true);
  },
};

export const a_request_that_no_cache_shall_answer_says_so = {
  async test(ctrl, env) {
    for (const cache of ['no-store', 'no-cache']) {
      const seen = Object.fromEntries((await echo(env, { cache })).headers);
      equal([seen['cache-control'], seen.pragma], ['no-cache', 'no-cache']);
    }
    const own = Object.fromEntries((await echo(env, { cache: 'no-store', headers: { 'cache-control': 'max-age=1' } })).headers);
    equal(own['cache-control'], 'max-age=1');
    await rejects(fetch(`${env.ORIGIN}/echo`, { cache: 'no-store', cf: { cacheTtl: 300 } }), 'TypeError', 'is not compatible with cache');
  },
};

export const many_requests_at_once = {
  async test(ctrl, env) {
    const answers = await Promise.all(Array.from({ length: 300 }, async (_, index) => (await fetch(`${env.ORIGIN}/late/20?${index}`)).text()));
    equal([answers.length, answers.every((text) => text === 'late')], [300, true]);
  },
};
