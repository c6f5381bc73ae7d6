// EventSource over a fetcher and over a stream.
import { equal, throws } from '../check.js';

const kStream = { headers: { 'content-type': 'text/event-stream; charset=utf-8' } };

const answers = {
  '/headers': ({ headers }) => new Response(`data: ${headers.get('accept')} ${headers.get('cache-control')}\n\n`, kStream),
  '/404': () => new Response('data: x\n\n', { ...kStream, status: 404 }),
  '/html': () => new Response('data: x\n\n', { headers: { 'content-type': 'text/html' } }),
  '/again': ({ headers }) => new Response(`retry: 1\nid: ${Number(headers.get('last-event-id') ?? 0) + 1}\ndata: part\n\n`, kStream),
};

export default {
  fetch(request) { return answers[new URL(request.url).pathname](request); },
};

const encoder = new TextEncoder();
const streamOf = (...chunks) => new ReadableStream({
  start(controller) {
    for (const chunk of chunks) controller.enqueue(typeof chunk === 'string' ? encoder.encode(chunk) : chunk);
  },
});

// All message events until `count` have come.
function collect(source, count, types = ['message']) {
  return new Promise((resolve) => {
    const seen = [];
    for (const type of types) {
      source.addEventListener(type, (event) => {
        seen.push([event.type, event.data, event.lastEventId]);
        if (seen.length === count) {
          source.close();
          resolve(seen);
        }
      });
    }
  });
}

export const linesMayEndInThreeWaysAndBeCutAnywhere = {
  async test() {
    const text = '\uFEFFdata: one\r\ndata:two\rdata\n\r\n: a comment\nid: 7\nevent: other\ndata:  é✓ \n\ndata: last\n\n';
    const bytes = encoder.encode(text);
    for (const size of [1, 2, 3, 7, bytes.length]) {
      const chunks = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
      const source = EventSource.from(streamOf(...chunks));
      equal(await collect(source, 3, ['message', 'other']),
          [['message', 'one\ntwo\n', ''], ['other', ' é✓ ', '7'], ['message', 'last', '7']]);
    }
  },
};

export const aStreamThatEndsIsAnError = {
  async test() {
    const source = EventSource.from(new Response('data: x\n\ndata: never').body);
    equal([source.readyState, source.url === '' || source.url === null], [EventSource.OPEN, true]);
    const seen = [];
    source.onmessage = ({ data }) => seen.push(data);
    await new Promise((resolve) => { source.onerror = resolve; });
    equal([seen, source.readyState], [['x'], EventSource.CLOSED]);
  },
};

export const aFetcherIsAskedForAnEventStream = {
  async test(ctrl, env) {
    const source = new EventSource('https://self.example/headers', { fetcher: env.SELF });
    equal([source.readyState, source.url, source.withCredentials], [0, 'https://self.example/headers', false]);
    let origin;
    source.addEventListener('message', (event) => { origin = event.origin; });
    equal(await collect(source, 1), [['message', 'text/event-stream no-cache', '']]);
    equal([origin, source.readyState], ['https://self.example', 2]);
  },
};

export const wrongAnswersCloseIt = {
  async test(ctrl, env) {
    for (const path of ['/404', '/html']) {
      const source = new EventSource(`https://self.example${path}`, { fetcher: env.SELF });
      source.onopen = () => { throw new Error('opened'); };
      const event = await new Promise((resolve) => { source.onerror = resolve; });
      equal([source.readyState, event instanceof ErrorEvent], [2, true]);
    }
  },
};

export const itConnectsAgainWithTheLastId = {
  async test(ctrl, env) {
    const source = new EventSource('https://self.example/again', { fetcher: env.SELF });
    equal(await collect(source, 2), [['message', 'part', '1'], ['message', 'part', '2']]);
  },
};

export const wrongArguments = {
  test() {
    throws(() => new EventSource('nowhere'), 'SyntaxError', "Cannot open an EventSource to 'nowhere'.");
    throws(() => new EventSource('https://a.example', { withCredentials: true }), 'NotSupportedError');
    throws(() => EventSource.from({}), 'TypeError');
    const stream = new ReadableStream();
    stream.getReader();
    throws(() => EventSource.from(stream), 'TypeError', 'locked');
  },
};
