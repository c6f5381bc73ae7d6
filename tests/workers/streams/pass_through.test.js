// Bodies that are piped through streams which change nothing, and what the pipe hears of it.
import { equal } from './check.js';

const made = {
  identity: () => new IdentityTransformStream(),
  transform: () => new TransformStream(),
};

const size = 300_000;
const content = () => new Uint8Array(size).map((_, i) => i % 253);

async function sum(response) {
  let [length, total] = [0, 0];
  for (const byte of await response.bytes()) {
    length += 1;
    total += byte;
  }
  return [length, total];
}
const expected = content().reduce((total, byte) => total + byte, 0);

// Answers with what was sent, by way of the stream that the path names.
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname === '/source') return new Response(content());
    if (url.pathname === '/fixed-source') {
      const { readable, writable } = new FixedLengthStream(size);
      ctx.waitUntil(request.body.pipeTo(writable));
      return new Response(readable);
    }
    const { readable, writable } = made[url.pathname.slice(1)]();
    const response = await env.SELF.fetch('https://a.example/source');
    const piped = response.body.pipeTo(writable);
    ctx.waitUntil(piped.catch(() => {}));
    return new Response(readable, { headers: { 'x-locked': `${response.body.locked} ${writable.locked}` } });
  },
};

export const bytesArriveThroughEach = {
  async test(ctrl, { SELF }) {
    for (const name of Object.keys(made)) {
      const response = await SELF.fetch(`https://a.example/${name}`);
      equal(response.headers.get('x-locked'), 'true true');
      equal(await sum(response), [size, expected]);
    }
  },
};

export const aFixedLengthIsKept = {
  async test(ctrl, { SELF }) {
    const response = await SELF.fetch('https://a.example/fixed-source', { method: 'POST', body: content() });
    equal(await sum(response), [size, expected]);
  },
};

export const aReaderOfTheOtherSideGetsTheSame = {
  async test(ctrl, { SELF }) {
    for (const name of Object.keys(made)) {
      const { body } = await SELF.fetch('https://a.example/source');
      const { readable, writable } = made[name]();
      const piped = body.pipeTo(writable);
      let length = 0;
      for await (const chunk of readable) length += chunk.length;
      equal(length, size);
      equal(await piped, undefined);
    }
  },
};

export const thePipeEndsWhenTheBodyHasBeenRead = {
  async test(ctrl, { SELF }) {
    for (const name of Object.keys(made)) {
      const { body } = await SELF.fetch('https://a.example/source');
      const { readable, writable } = made[name]();
      let ended = false;
      const piped = body.pipeTo(writable).then(() => { ended = true; });
      await scheduler.wait(5);
      equal(ended, false);
      equal(await sum(new Response(readable)), [size, expected]);
      await piped;
      equal(body.locked, false);
      equal(writable.locked, false);
    }
  },
};

export const cancellingTheResponseEndsThePipe = {
  async test(ctrl, { SELF }) {
    for (const name of Object.keys(made)) {
      const { body } = await SELF.fetch('https://a.example/source');
      const { readable, writable } = made[name]();
      const piped = body.pipeTo(writable).then(() => 'ended', () => 'failed');
      await new Response(readable).body.cancel();
      if (!['ended', 'failed'].includes(await piped)) throw new Error('it neither ended nor failed');
    }
  },
};

export const piecesOfSeveralBodiesStandBehindOneAnother = {
  async test(ctrl, { SELF }) {
    const { readable, writable } = new IdentityTransformStream();
    const writing = (async () => {
      const writer = writable.getWriter();
      await writer.write(new Uint8Array([1]));
      writer.releaseLock();
      for (let i = 0; i < 2; i++) {
        const { body } = await SELF.fetch('https://a.example/source');
        await body.pipeTo(writable, { preventClose: true });
      }
      await writable.close();
    })();
    equal(await sum(new Response(readable)), [2 * size + 1, 2 * expected + 1]);
    await writing;
  },
};

export const aClonedResponseIsWholeTwice = {
  async test(ctrl, { SELF }) {
    const { body } = await SELF.fetch('https://a.example/source');
    const { readable, writable } = new IdentityTransformStream();
    const piped = body.pipeTo(writable);
    const response = new Response(readable);
    const copy = response.clone();
    const sums = await Promise.all([sum(response), sum(copy)]);
    equal(sums, [[size, expected], [size, expected]]);
    await piped;
  },
};
