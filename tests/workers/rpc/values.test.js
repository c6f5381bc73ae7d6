import { RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';
import { equal, rejects } from '../check.js';

class OwnError extends RangeError {
  name = 'OwnError';
}
class Plain {
  a = 1;
}

export class Remote extends WorkerEntrypoint {
  echo(value) { return value; }
  fail(how) {
    switch (how) {
      case 'type': throw new TypeError('a type error');
      case 'own': throw new OwnError('an own error');
      case 'properties': throw Object.assign(new Error('with more'), { code: 'E1', list: [1, { a: 2 }], retryable: true });
      case 'uncloneable': throw Object.assign(new Error('with a function'), { action() {} });
      case 'dom': throw new DOMException('not found', 'NotFoundError');
      default: return Promise.reject(new SyntaxError('rejected'));
    }
  }
  bad() { return { plain: new Plain() }; }
  async read(stream) { return new Response(stream).text(); }
  stream(count) {
    let sent = 0;
    return new ReadableStream({
      type: 'bytes',
      pull(controller) {
        if (sent === count) controller.close();
        else controller.enqueue(new TextEncoder().encode(`chunk ${sent++};`));
      },
    });
  }
  async write(writable) {
    const writer = writable.getWriter();
    await writer.write(new TextEncoder().encode('written '));
    await writer.write(new TextEncoder().encode('over there'));
    await writer.close();
  }
  failing() {
    return new ReadableStream({ type: 'bytes', pull() { throw new Error('the source fails'); } });
  }
  async describe(request) { return [request.method, request.url, request.headers.get('x-a'), await request.text()]; }
  response(status) { return new Response('the body', { status, headers: { 'x-b': 'b' } }); }
  headers(headers) { headers.append('x-a', '2'); return headers; }
}

async function caught(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

export const errors_keep_name_and_message = {
  async test(ctrl, { REMOTE }) {
    await rejects(REMOTE.fail('type'), 'TypeError', 'a type error');
    await rejects(REMOTE.fail('later'), 'SyntaxError', 'rejected');
    const own = await caught(REMOTE.fail('own'));
    equal([own instanceof Error, own.message.includes('an own error')], [true, true]);
    const type = await caught(REMOTE.fail('type'));
    equal([type instanceof TypeError, type.message], [true, 'a type error']);
  },
};

export const errors_keep_their_own_properties = {
  async test(ctrl, { REMOTE }) {
    const error = await caught(REMOTE.fail('properties'));
    equal([error.message, error.code, error.list, error.retryable], ['with more', 'E1', [1, { a: 2 }], true]);
    equal((await caught(REMOTE.fail('uncloneable'))).message, 'with a function');
  },
};

export const errors_are_values_too = {
  async test(ctrl, { REMOTE }) {
    const error = await REMOTE.echo(new TypeError('a value'));
    equal([error instanceof TypeError, error.message], [true, 'a value']);
  },
};

export const what_cannot_be_cloned_is_refused = {
  async test(ctrl, { REMOTE }) {
    await rejects((async () => REMOTE.echo(new Plain()))(), 'DataCloneError', 'Plain');
    await rejects((async () => REMOTE.echo({ at: [Symbol('s')] }))(), 'DataCloneError');
    await rejects((async () => REMOTE.echo(new WeakMap()))(), 'DataCloneError');
    await rejects(REMOTE.bad(), 'DataCloneError', 'Plain');
  },
};

export const readable_streams_travel_both_ways = {
  async test(ctrl, { REMOTE }) {
    equal(await REMOTE.read(new Blob(['sent to the other side']).stream()), 'sent to the other side');
    const stream = await REMOTE.stream(3);
    equal(await new Response(stream).text(), 'chunk 0;chunk 1;chunk 2;');
    const long = await REMOTE.echo(new Blob([new Uint8Array(300_000).fill(7)]).stream());
    const bytes = new Uint8Array(await new Response(long).arrayBuffer());
    equal([bytes.length, bytes.every((byte) => byte === 7)], [300_000, true]);
  },
};

export const a_stream_that_was_sent_is_locked = {
  async test(ctrl, { REMOTE }) {
    const stream = new Blob(['x']).stream();
    await REMOTE.read(stream);
    await rejects((async () => stream.getReader())(), 'TypeError');
    await rejects((async () => REMOTE.read(stream))(), 'TypeError');
  },
};

export const writable_streams_are_written_by_the_other_side = {
  async test(ctrl, { REMOTE }) {
    const { readable, writable } = new IdentityTransformStream();
    const [text] = await Promise.all([new Response(readable).text(), REMOTE.write(writable)]);
    equal(text, 'written over there');
  },
};

export const a_failing_source_fails_the_reader = {
  async test(ctrl, { REMOTE }) {
    const error = await caught((async () => new Response(await REMOTE.failing()).text())());
    equal(error instanceof Error, true);
  },
};

export const requests_responses_and_headers_are_values = {
  async test(ctrl, { REMOTE }) {
    const request = new Request('https://a.example/b', { method: 'POST', body: 'the body', headers: { 'x-a': '1' } });
    equal(await REMOTE.describe(request), ['POST', 'https://a.example/b', '1', 'the body']);
    const response = await REMOTE.response(404);
    equal([response.status, response.headers.get('x-b'), await response.text()], [404, 'b', 'the body']);
    const headers = await REMOTE.headers(new Headers({ 'x-a': '1' }));
    equal([...headers], [['x-a', '1, 2']]);
  },
};

export const a_target_inside_a_map_is_a_stub = {
  async test(ctrl, { REMOTE }) {
    class Target extends RpcTarget {
      hello() { return 'hello'; }
    }
    const back = await REMOTE.echo(new Map([['t', new Target()]]));
    equal(await back.get('t').hello(), 'hello');
  },
};

export const compressed_bodies_arrive_as_scripts_see_them = {
  async test(ctrl, { SELF, REMOTE }) {
    const compressed = await SELF.fetch('https://self.example/', { headers: { 'x-coding': 'gzip' } });
    equal(await new Response(await REMOTE.echo(compressed.body)).text(), 'text of the default export');
    const whole = await REMOTE.echo(await SELF.fetch('https://self.example/', { headers: { 'x-coding': 'gzip' } }));
    equal([whole.headers.get('content-encoding'), await whole.text()], ['gzip', 'text of the default export']);
  },
};

export default {
  fetch(request) {
    return new Response('text of the default export', { headers: { 'content-encoding': request.headers.get('x-coding') } });
  },
};
