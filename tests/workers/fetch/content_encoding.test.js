import { equal, rejects } from '../check.js';

const text = 'all work and no play '.repeat(1000);
const coded = (encoding, init) => ({ headers: { 'content-encoding': encoding }, ...init });

async function compressed(format) {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const [, action, encoding] = pathname.split('/');
    const inner = () => env.SELF.fetch(`http://self.example/whole/${encoding}`);
    switch (action) {
      case 'whole': return new Response(text, coded(encoding));
      case 'bytes': return new Response(new TextEncoder().encode(text), coded(encoding));
      case 'stream': {
        const { readable, writable } = new TransformStream();
        const writer = writable.getWriter();
        writer.write(new TextEncoder().encode(text.slice(0, 100)));
        writer.write(new TextEncoder().encode(text.slice(100)));
        writer.close();
        return new Response(readable, coded(encoding));
      }
      case 'manual': return new Response(await compressed('gzip'), coded(encoding, { encodeBody: 'manual' }));
      case 'lie': return new Response('not compressed', coded('gzip', { encodeBody: 'manual' }));
      case 'proxy': return inner();
      case 'copy': {
        const response = await inner();
        return new Response(response.body, response);
      }
      case 'bare': return new Response((await inner()).body);
      case 'other': return new Response((await inner()).body, coded(encoding === 'gzip' ? 'br' : 'gzip'));
      default: return new Response(await request.text());
    }
  },
};

const get = (env, path, init) => env.SELF.fetch(`http://self.example/${path}`, init);

export const a_named_coding_is_applied_and_undone = {
  async test(ctrl, env) {
    for (const action of ['whole', 'bytes', 'stream', 'proxy', 'copy']) {
      for (const encoding of ['gzip', 'br', 'identity', 'x-own']) {
        const response = await get(env, `${action}/${encoding}`);
        equal([action, response.headers.get('content-encoding')], [action, encoding]);
        equal(await response.text(), text);
      }
    }
  },
};

export const every_way_of_reading_decodes = {
  async test(ctrl, env) {
    const response = await get(env, 'whole/gzip');
    let read = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) read += chunk;
    equal(read, text);
    equal((await (await get(env, 'whole/br')).bytes()).length, text.length);
    equal((await (await get(env, 'whole/br')).blob()).size, text.length);
    const [one, two] = (await get(env, 'whole/gzip')).body.tee();
    equal([await new Response(one).text(), await new Response(two).text()], [text, text]);
    const cloned = await get(env, 'whole/gzip');
    equal([await cloned.clone().text(), await cloned.text()], [text, text]);
  },
};

export const headers_decide_what_goes_out = {
  async test(ctrl, env) {
    for (const encoding of ['gzip', 'br']) {
      const bare = await get(env, `bare/${encoding}`);
      equal([bare.headers.get('content-encoding'), await bare.text()], [null, text]);
      equal(await (await get(env, `other/${encoding}`)).text(), text);
    }
  },
};

export const a_script_may_compress_by_itself = {
  async test(ctrl, env) {
    equal(await (await get(env, 'manual/gzip')).text(), text);
    await rejects((await get(env, 'lie/gzip')).text(), 'TypeError', 'Gzip decompression failed.');
  },
};

export const requests_are_not_decoded = {
  async test(ctrl, env) {
    const body = await compressed('gzip');
    const response = await get(env, 'echo', { method: 'POST', body, headers: { 'content-encoding': 'gzip' } });
    equal((await response.text()) === text, false);
    // A response's body that becomes a request's is what scripts would read.
    const inner = await get(env, 'whole/gzip');
    equal(await (await get(env, 'echo', { method: 'POST', body: inner.body })).text(), text);
  },
};
