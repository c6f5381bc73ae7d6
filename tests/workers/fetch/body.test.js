import { equal, rejects, throws } from '../check.js';

const kUsed = 'Body has already been used. It can only be used once. Use tee() first if you need to read it twice.';
const bytes = (text) => new TextEncoder().encode(text);

function streamOf(...chunks) {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

export default {
  async fetch(request) {
    switch (new URL(request.url).pathname) {
      case '/echo': return new Response(request.body);
      case '/twice': {
        const copy = request.clone();
        return new Response(`${await request.text()}${await copy.text()}`);
      }
      case '/stream': return new Response(streamOf(bytes('one,'), bytes('two,'), bytes('three')));
      case '/strings': return new Response(streamOf('no bytes'));
      case '/fixed': {
        const { readable, writable } = new FixedLengthStream(5);
        const writer = writable.getWriter();
        writer.write(bytes('hello')).then(() => writer.close());
        return new Response(readable);
      }
      case '/json': return Response.json(await request.json());
      case '/bytes': return new Response(await request.bytes());
      case '/late': {
        const { readable, writable } = new IdentityTransformStream();
        request.body.pipeTo(writable);
        return new Response(readable);
      }
      default: return new Response(null);
    }
  },
};

const post = (env, path, body) => env.SELF.fetch(`http://self.example${path}`, { method: 'POST', body });

export const every_reader_gives_its_type = {
  async test() {
    const make = () => new Response('{"a":"ä"}', { headers: { 'content-type': 'application/json' } });
    equal(await make().text(), '{"a":"ä"}');
    equal(await make().json(), { a: 'ä' });
    const buffer = await make().arrayBuffer();
    equal([buffer instanceof ArrayBuffer, buffer.byteLength], [true, 10]);
    const array = await make().bytes();
    equal([array instanceof Uint8Array, array.length], [true, 10]);
    const blob = await make().blob();
    equal([blob instanceof Blob, blob.size, blob.type], [true, 10, 'application/json']);
  },
};

export const a_body_is_read_once = {
  async test() {
    const response = new Response('x');
    equal(response.bodyUsed, false);
    await response.text();
    equal(response.bodyUsed, true);
    for (const method of ['text', 'json', 'arrayBuffer', 'bytes', 'blob', 'formData']) {
      const used = new Response('x', { headers: { 'content-type': 'application/x-www-form-urlencoded' } });
      await used.text();
      await rejects(used[method](), 'TypeError', kUsed);
    }
    const empty = new Response(null);
    await empty.text();
    equal([await empty.text(), empty.bodyUsed], ['', false]);
  },
};

export const anything_becomes_a_body = {
  async test() {
    const read = (body) => new Response(body).text();
    equal(await read(5), '5');
    equal(await read({ toString: () => 'object' }), 'object');
    equal(await read(new URLSearchParams([['a', 'b c'], ['d', '&']])), 'a=b+c&d=%26');
    equal(await read(bytes('view').subarray(1)), 'iew');
    equal(await read(bytes('buffer').buffer), 'buffer');
    equal(await read(new DataView(bytes('data').buffer, 1, 2)), 'at');
    equal(await read(new Blob(['bl', 'ob'])), 'blob');
    equal(await read(streamOf(bytes('str'), bytes('eam'))), 'stream');
    equal(await read(''), '');
  },
};

export const text_drops_a_byte_order_mark_and_repairs = {
  async test() {
    equal(await new Response('\ufeffx').text(), 'x');
    equal(await new Response(new Uint8Array([0xef, 0xbb, 0xbf, 0x78])).text(), 'x');
    equal(await new Response(new Uint8Array([0xff, 0x78])).text(), '\ufffdx');
  },
};

export const bad_json_is_a_syntax_error = {
  async test() {
    await rejects(new Response('x').json(), 'SyntaxError');
    await rejects(new Response('').json(), 'SyntaxError');
    await rejects(new Response(null).json(), 'SyntaxError');
  },
};

export const body_is_one_stream = {
  async test() {
    const response = new Response('hello');
    const { body } = response;
    equal([body instanceof ReadableStream, response.body === body, response.bodyUsed], [true, true, false]);
    const reader = body.getReader();
    await rejects(response.text(), 'TypeError', 'locked');
    const { value, done } = await reader.read();
    equal([new TextDecoder().decode(value), done, response.bodyUsed], ['hello', false, true]);
    equal((await reader.read()).done, true);
  },
};

export const body_streams_support_byob = {
  async test() {
    const reader = new Response('hello').body.getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint8Array(3));
    equal(new TextDecoder().decode(value), 'hel');
  },
};

export const a_used_body_keeps_its_stream = {
  async test() {
    const response = new Response('x');
    await response.text();
    equal(response.body instanceof ReadableStream, true);
    equal(response.bodyUsed, true);
  },
};

export const used_and_locked_streams_are_refused = {
  async test() {
    const used = new Response('x').body;
    await new Response(used).text();
    throws(() => new Response(used), 'TypeError', 'cannot be used as a body');
    const locked = new Response('x').body;
    locked.getReader();
    throws(() => new Response(locked), 'TypeError', 'locked to a reader');
  },
};

export const streams_must_yield_bytes = {
  async test(ctrl, env) {
    await rejects(new Response(streamOf('text')).text(), 'TypeError', 'This ReadableStream did not return bytes.');
  },
};

export const async_iterables_are_bodies = {
  async test() {
    async function* generate() {
      yield bytes('a');
      yield bytes('b');
    }
    equal(await new Response(generate()).text(), 'ab');
  },
};

export const a_failing_stream_rejects_the_reader = {
  async test() {
    const stream = new ReadableStream({ pull() { throw new RangeError('broken'); } });
    await rejects(new Response(stream).text(), 'RangeError', 'broken');
  },
};

export const clone_of_a_stream = {
  async test() {
    const first = new Response(streamOf(bytes('a'), bytes('b')));
    const second = first.clone();
    equal([await first.text(), await second.text()], ['ab', 'ab']);
  },
};

export const bodies_travel_between_workers = {
  async test(ctrl, env) {
    equal(await (await post(env, '/echo', 'text')).text(), 'text');
    equal(await (await post(env, '/echo', streamOf(bytes('a'), bytes('b')))).text(), 'ab');
    equal(await (await post(env, '/twice', 'x')).text(), 'xx');
    equal(await (await post(env, '/json', '{"a":1}')).json(), { a: 1 });
    equal([...await (await post(env, '/bytes', new Uint8Array([0, 255]))).bytes()], [0, 255]);
    equal(await (await post(env, '/stream', 'x')).text(), 'one,two,three');
    equal(await (await post(env, '/late', 'piped')).text(), 'piped');
  },
};

export const large_bodies_arrive_whole = {
  async test(ctrl, env) {
    const size = 3_000_000;
    const large = new Uint8Array(size).map((_, i) => i % 251);
    const back = await (await post(env, '/echo', large)).bytes();
    equal([back.length, back[0], back[size - 1], back[1_234_567]], [size, large[0], large[size - 1], large[1_234_567]]);
  },
};

export const a_fixed_length_stream_is_a_body = {
  async test(ctrl, env) {
    equal(await (await post(env, '/fixed', 'x')).text(), 'hello');
  },
};

export const a_response_can_be_read_in_pieces = {
  async test(ctrl, env) {
    const response = await post(env, '/stream', 'x');
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body) text += decoder.decode(chunk, { stream: true });
    equal(text, 'one,two,three');
  },
};

export const a_returned_response_may_be_another_workers = {
  async test(ctrl, env) {
    const inner = await post(env, '/stream', 'x');
    const outer = new Response(inner.body, { status: 201, headers: inner.headers });
    equal([outer.status, await outer.text(), inner.bodyUsed], [201, 'one,two,three', true]);
  },
};

export const what_makes_a_text_of_itself_is_that_text = {
  async test() {
    class Named {
      *[Symbol.iterator]() { yield new TextEncoder().encode('chunks'); }
      toString() { return 'text'; }
    }
    equal(await new Response(new Named()).text(), 'text');
    const chunks = { *[Symbol.iterator]() { yield new TextEncoder().encode('chunks'); } };
    equal(await new Response(chunks).text(), 'chunks');
    equal(await new Response([new TextEncoder().encode('array')]).text(), 'array');
  },
};
