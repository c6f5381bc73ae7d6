import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MiniPlatform } from '../testing/mini_platform.mjs';
import { Pipe } from '../testing/messages.mjs';

// `front` talks to `back` through env.BACK; returns the platform, which remembers what natives were
// given last.
async function pair(front,
    back =
        'export default { fetch(request) { return new Response(request.body, { headers: { "x-back": "1" } }); } }') {
  const platform = new MiniPlatform();
  await platform.add('back', back);
  await platform.add('main', `export default { ${front} }`,
      { bindings: [['BACK', 'service', platform.openChannel('back')]] });
  return platform;
}

const post = {
  method: 'POST',
  headers: ['x-a', '1'],
  body: 'body'
};

test('an untouched request is forwarded by its number, and so is the response', async () => {
  const platform = await pair('fetch(request, env) { return env.BACK.fetch(request); }');
  const answer = await platform.fetch('main', 'http://a.example/', post);
  assert.deepEqual([answer.text, answer.headers['x-back']], ['body', '1']);
  assert.equal(typeof platform.lastSubfetch.headers, 'number');
  assert.equal(platform.lastSubfetch.kind, 3);
  assert.equal(typeof platform.lastResponse.headers, 'number');
  assert.equal(platform.lastResponse.kind, 3);
});

test('looking at headers does not spoil the shortcut', async () => {
  const platform = await pair(`async fetch(request, env) {
    const { size } = new Map(request.headers);
    const response = await env.BACK.fetch(request);
    if (size === 0 || !response.headers.has('x-back')) throw new Error('no headers');
    return response;
  }`);
  await platform.fetch('main', 'http://a.example/', post);
  assert.deepEqual(
      [typeof platform.lastSubfetch.headers, platform.lastSubfetch.kind], ['number', 3]);
  assert.deepEqual(
      [typeof platform.lastResponse.headers, platform.lastResponse.kind], ['number', 3]);
});

test('reading the body attribute does not spoil it either', async () => {
  const platform = await pair(`async fetch(request, env) {
    const response = await env.BACK.fetch(request.url, { method: 'POST', body: request.body, headers: request.headers });
    return new Response(response.body, response);
  }`);
  const answer = await platform.fetch('main', 'http://a.example/', post);
  assert.equal(answer.text, 'body');
  assert.deepEqual(
      [typeof platform.lastSubfetch.headers, platform.lastSubfetch.kind], ['number', 3]);
  assert.deepEqual(
      [typeof platform.lastResponse.headers, platform.lastResponse.kind], ['number', 3]);
});

test('a changed copy sends its own list', async () => {
  const platform = await pair(`fetch(request, env) {
    const copy = new Request(request);
    copy.headers.set('x-b', '2');
    copy.headers.delete('x-a');
    return env.BACK.fetch(copy);
  }`);
  await platform.fetch('main', 'http://a.example/', post);
  assert.deepEqual(
      [[...platform.lastSubfetch.headers], platform.lastSubfetch.kind], [['x-b', '2'], 3]);
});

test(
    'strings and bytes go out as they are, with or without a detour through a stream', async () => {
      const platform = await pair(`fetch(request) {
    switch (new URL(request.url).pathname) {
      case '/string': return new Response('text');
      case '/bytes': return new Response(new Uint8Array([104, 105]));
      case '/stream': return new Response(new Response('text').body);
      case '/headers': return new Response('text', { headers: { 'Content-Type': 'x/y' } });
      case '/empty': return new Response(null);
    }
  }`);
      const kinds = [];
      for (const path of ['string', 'bytes', 'stream', 'headers', 'empty']) {
        const { text } = await platform.fetch('main', `http://a.example/${path}`);
        kinds.push([platform.lastResponse.kind, text, platform.lastResponse.contentType]);
      }
      assert.deepEqual(kinds, [
        [1, 'text', 'text/plain;charset=UTF-8'],
        [2, 'hi', undefined],
        [2, 'text', undefined],
        [1, 'text', 'text/plain;charset=UTF-8'],
        [0, '', undefined],
      ]);
    });

test('a stream goes through a sink and waits for its reader', async () => {
  const platform = await pair(`fetch() {
    let left = 40;
    return new Response(new ReadableStream({
      pull(controller) {
        globalThis.pulled = 40 - left;
        if (left-- === 0) controller.close();
        else controller.enqueue(new Uint8Array(16384).fill(left));
      },
    }));
  }`);
  const { worker } = await platform.add('slow', `export default {
    fetch() { return new Response(new ReadableStream({ pull(c) { globalThis.pulled = (globalThis.pulled ?? 0) + 1; c.enqueue(new Uint8Array(16384)); } })); }
  }`);
  const answer = await platform.fetch('main');
  assert.deepEqual([platform.lastResponse.kind, answer.bytes.length], [4, 40 * 16384]);

  const { body } =
      await worker.start({ method: 'GET', url: 'http://a.example/', headers: [], body: null });
  await new Promise((resolve) => {
    setTimeout(resolve, 20);
  });
  const { pulled } = worker.context;
  assert.ok(pulled > 0 && pulled < 10, `${pulled} chunks were made ahead of the reader`);
  body.cancel();
});

test('a stream that fails aborts its sink', async () => {
  const platform = await pair(`fetch() {
    return new Response(new ReadableStream({ pull(controller) { controller.error(new RangeError('torn')); } }));
  }`);
  await assert.rejects(platform.fetch('main'), /torn/);
});

test('a failing upload reaches the handler that reads it', async () => {
  const platform = await pair(`async fetch(request) {
    try {
      return new Response(await request.text());
    } catch (error) {
      return new Response('caught ' + error.message);
    }
  }`);
  const body = new Pipe();
  body.write(Buffer.from('part'));
  const answer = platform.fetch('main', 'http://a.example/', { method: 'POST', body });
  body.abort('gone');
  assert.equal((await answer).text, 'caught gone');
});

test('an abort rejects at once and tells C++', async () => {
  const platform = await pair(`async fetch(request, env) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new RangeError('enough')), 5);
    try {
      await env.BACK.fetch(request, { signal: controller.signal });
    } catch (error) {
      return new Response(error.message);
    }
  }`,
      'export default { fetch() { return new Promise(() => {}); } }');
  assert.equal((await platform.fetch('main')).text, 'enough');
  assert.equal(platform.aborted, 1);
});

test('fetch() uses channel 0 and its redirect mode', async () => {
  const platform = await pair(
      'fetch(request) { return fetch("https://b.example/x", { redirect: "manual", headers: { a: "b" } }); }');
  let seen;
  platform.internet = (message, redirect) => {
    seen = [message.method, message.url, message.headers, redirect];
    return { status: 301, statusText: 'Moved', headers: ['location', '/y'], body: null };
  };
  const answer = await platform.fetch('main');
  assert.deepEqual([answer.status, answer.statusText], [301, 'Moved']);
  assert.deepEqual(seen, ['GET', 'https://b.example/x', ['a', 'b'], 1]);
});

test('code of the script that runs while a request is sent does not mix bodies up', async () => {
  const platform = await pair(`async fetch(request, env) {
    const inner = [];
    const stream = (text) => new ReadableStream({
      start(controller) { controller.enqueue(new TextEncoder().encode(text)); controller.close(); },
    });
    const send = (text, cf) => env.BACK.fetch('http://b.example/', { method: 'POST', body: stream(text), cf });
    const request2 = new Request('http://b.example/', { method: 'POST', body: stream('outer'), cf: {} });
    request2.cf.toJSON = () => { inner.push(send('inner')); return {}; };
    const outer = await env.BACK.fetch(request2);
    return new Response(await outer.text() + ',' + await (await inner[0]).text());
  }`);
  assert.equal((await platform.fetch('main')).text, 'outer,inner');
});

test('an abort breaks a response off', async () => {
  const back = `export default { fetch() {
    return new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array([104])); } }));
  } }`;
  const attempt = (read) => `async fetch(request, env) {
    const controller = new AbortController();
    const response = await env.BACK.fetch(request, { signal: controller.signal });
    setTimeout(() => controller.abort(new RangeError('enough')), 5);
    try {
      ${read}
    } catch (error) {
      return new Response(error.message);
    }
  }`;
  for (
      const read of ['return new Response(await response.text());',
          'for await (const chunk of response.body);',
          'controller.abort(new RangeError("enough")); return new Response(await response.text());',
  ]) {
    assert.equal((await (await pair(attempt(read), back)).fetch('main')).text, 'enough', read);
  }
});

for (const transform of ['new IdentityTransformStream()', 'new TransformStream()', 'new FixedLengthStream(4)']) {
  test(`a body piped through ${transform} passes by its number, and the pipe hears of the end`, async () => {
    const platform = await pair(`async fetch(request, env, ctx) {
      if (request.url.endsWith('/piped')) return new Response(await globalThis.piped);
      const response = await env.BACK.fetch(request);
      const { readable, writable } = ${transform};
      globalThis.piped = response.body.pipeTo(writable).then(() => 'whole', (error) => error.message);
      const answer = new Response(readable, response);
      if (response.body.locked !== true || writable.locked !== true) throw new Error('not locked');
      globalThis.states = () => [readable.locked, writable.locked];
      return answer;
    }`);
    const answer = await platform.fetch('main', 'http://a.example/', post);
    assert.equal(answer.text, 'body');
    assert.equal(platform.lastResponse.kind, 3);
    assert.equal((await platform.fetch('main', 'http://a.example/piped')).text, 'whole');
  });
}

test('a pipe whose other end a script reads does its work', async () => {
  const platform = await pair(`async fetch(request, env) {
    const response = await env.BACK.fetch(request);
    const { readable, writable } = new IdentityTransformStream();
    const piped = response.body.pipeTo(writable);
    let text = '';
    for await (const chunk of readable) text += new TextDecoder().decode(chunk);
    await piped;
    return new Response(text);
  }`);
  const answer = await platform.fetch('main', 'http://a.example/', post);
  assert.equal(answer.text, 'body');
});

test('what might be told apart is piped by JavaScript', async () => {
  for (const [transform, options] of [
    ['new TransformStream({ flush() {} })', ''],
    ['new TransformStream(undefined, undefined, { highWaterMark: 1 })', ''],
    ['new TransformStream({ transform(chunk, controller) { controller.enqueue(chunk); } })', ''],
    ['new IdentityTransformStream()', '{ signal: new AbortController().signal }'],
    ['new IdentityTransformStream()', '{ preventCancel: true }'],
  ]) {
    const platform = await pair(`async fetch(request, env, ctx) {
      const response = await env.BACK.fetch(request);
      const { readable, writable } = ${transform};
      ctx.waitUntil(response.body.pipeTo(writable${options && ', ' + options}));
      return new Response(readable);
    }`);
    const answer = await platform.fetch('main', 'http://a.example/', post);
    assert.deepEqual([answer.text, platform.lastResponse.kind], ['body', 4], transform + options);
  }
});
