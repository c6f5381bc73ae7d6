import { connect } from 'cloudflare:sockets';
import { WorkerEntrypoint } from 'cloudflare:workers';
import { equal, fails, ok } from './check.js';

const encode = (text) => new TextEncoder().encode(text);
const decode = (bytes) => new TextDecoder().decode(bytes);

async function readAll(socket) {
  let text = '';
  for await (const chunk of socket.readable) text += decode(chunk);
  return text;
}

async function send(socket, text) {
  const writer = socket.writable.getWriter();
  await writer.write(encode(text));
  writer.releaseLock();
}

async function receive(socket, length) {
  const reader = socket.readable.getReader();
  let text = '';
  while (text.length < length) {
    const { value, done } = await reader.read();
    if (done) break;
    text += decode(value);
  }
  reader.releaseLock();
  return text;
}

// The default export: says what it was given.
export default {
  async connect(socket, env, ctx) {
    const { localAddress, remoteAddress } = await socket.opened;
    const writer = socket.writable.getWriter();
    await writer.write(encode(JSON.stringify({
      localAddress, remoteAddress: remoteAddress ?? null, text: env.TEXT, ctx: typeof ctx.waitUntil,
      secure: socket.secureTransport, upgraded: socket.upgraded,
    })));
    await writer.close();
  },
};

export class Echo extends WorkerEntrypoint {
  async connect(socket) {
    const writer = socket.writable.getWriter();
    for await (const chunk of socket.readable) await writer.write(chunk);
    await writer.close();
  }
}

// Passes the connection on to the address that the caller asked for.
export class Proxy extends WorkerEntrypoint {
  async connect(socket) {
    const { localAddress } = await socket.opened;
    const upstream = connect(localAddress, { allowHalfOpen: true });
    await Promise.all([socket.readable.pipeTo(upstream.writable), upstream.readable.pipeTo(socket.writable)]);
  }
}

export class Moody extends WorkerEntrypoint {
  async connect(socket) {
    const command = await receive(socket, 4);
    await send(socket, 'yes.');
    if (command === 'fail') throw new Error('in a mood');
    if (command === 'stay') await receive(socket, 1);
  }
}

export class Deaf extends WorkerEntrypoint {
  fetch() { return new Response('I only fetch'); }
}

export const reachesTheHandlerOfTheDefaultExport = {
  async test(ctrl, { PLAIN }) {
    const socket = PLAIN.connect('example.com:1234');
    const info = await socket.opened;
    equal(info.remoteAddress, 'example.com:1234');
    equal(JSON.parse(await readAll(socket)), {
      localAddress: 'example.com:1234', remoteAddress: null, text: 'a text', ctx: 'function',
      secure: 'off', upgraded: false,
    });
    equal(await socket.closed, undefined);
  },
};

export const takesAnAddressAsAnObject = {
  async test(ctrl, { PLAIN }) {
    const socket = PLAIN.connect({ hostname: 'db.internal', port: 5432 });
    equal(JSON.parse(await readAll(socket)).localAddress, 'db.internal:5432');
  },
};

export const talksBothWays = {
  async test(ctrl, { ECHO }) {
    const socket = ECHO.connect('echo:7');
    for (const word of ['one', 'two', 'three']) {
      await send(socket, word);
      equal(await receive(socket, word.length), word);
    }
    await socket.close();
    equal(await socket.closed, undefined);
  },
};

export const writesBeforeItIsOpen = {
  async test(ctrl, { ECHO }) {
    const socket = ECHO.connect('echo:7');
    await send(socket, 'early');
    equal(await receive(socket, 5), 'early');
    await socket.close();
  },
};

export const theEndOfWritingReachesTheHandler = {
  async test(ctrl, { ECHO }) {
    const socket = ECHO.connect('echo:7', { allowHalfOpen: true });
    await send(socket, 'to the end');
    const writer = socket.writable.getWriter();
    await writer.close();
    equal(await readAll(socket), 'to the end');
  },
};

export const carriesMuchMoreThanFitsIntoABuffer = {
  async test(ctrl, { ECHO }) {
    const socket = ECHO.connect('echo:7', { allowHalfOpen: true });
    const piece = new Uint8Array(50_000).map((_, i) => i % 251);
    const writing = (async () => {
      const writer = socket.writable.getWriter();
      for (let i = 0; i < 40; i++) await writer.write(piece);
      await writer.close();
    })();
    let size = 0;
    let wrong = 0;
    for await (const chunk of socket.readable) {
      for (let i = 0; i < chunk.length; i += 97) {
        if (chunk[i] !== ((size + i) % 50_000) % 251) wrong++;
      }
      size += chunk.length;
    }
    await writing;
    equal([size, wrong], [2_000_000, 0]);
  },
};

export const aHandlerMayPassTheConnectionOn = {
  async test(ctrl, { PROXY, SERVERS }) {
    const socket = PROXY.connect(`127.0.0.1:${SERVERS.greeting}`);
    equal(await readAll(socket), 'hello');
    const other = PROXY.connect(`127.0.0.1:${SERVERS.echo}`);
    await send(other, 'through');
    equal(await receive(other, 7), 'through');
    await other.close();
  },
};

export const theHandlersEndIsTheEndOfTheSocket = {
  async test(ctrl, { MOODY }) {
    const socket = MOODY.connect('moody:1');
    await send(socket, 'stop');
    equal(await readAll(socket), 'yes.');
    await fails(() => socket.writable.getWriter().write(encode('anybody there?')));
  },
};

export const anOpenSocketStaysOpenWhileTheHandlerRuns = {
  async test(ctrl, { MOODY }) {
    const socket = MOODY.connect('moody:1');
    await send(socket, 'stay');
    equal(await receive(socket, 4), 'yes.');
    await scheduler.wait(20);
    await send(socket, '!');
    equal(await readAll(socket), '');
  },
};

export const aHandlerThatFailsEndsTheConnection = {
  async test(ctrl, { MOODY }) {
    const socket = MOODY.connect('moody:1');
    await send(socket, 'fail');
    let text;
    try {
      text = await readAll(socket);
    } catch {
      text = 'error';
    }
    ok(text === 'yes.' || text === 'error', text);
  },
};

export const withoutAHandlerTheConnectionFails = {
  async test(ctrl, { DEAF }) {
    const socket = DEAF.connect('deaf:25');
    const opened = await socket.opened.then(() => 'opened', (error) => error.message);
    equal(opened, 'proxy request failed, cannot connect to the specified address');
    equal(await socket.closed.then(() => 'closed', () => 'failed'), 'failed');
    await fails(() => readAll(socket).then((text) => { if (text === '') throw new Error('end'); }));
  },
};

export const manyAtOnce = {
  async test(ctrl, { ECHO }) {
    const answers = await Promise.all(Array.from({ length: 5 }, async (_, i) => {
      const socket = ECHO.connect(`echo:${i + 1}`);
      await send(socket, `number ${i}`);
      const answer = await receive(socket, 8);
      await socket.close();
      return answer;
    }));
    equal(answers, ['number 0', 'number 1', 'number 2', 'number 3', 'number 4']);
  },
};

export const connectIsAMethodOfTheBindingNotOfTheWorker = {
  async test(ctrl, { ECHO }) {
    equal(typeof ECHO.connect, 'function');
    let error;
    try {
      ECHO.connect('no port');
    } catch (thrown) {
      error = thrown;
    }
    ok(error instanceof TypeError, String(error));
  },
};

export const aVirtualHostLeadsToAService = {
  async test(ctrl, env, ctx) {
    const address = ctx.mapVirtualHost(env.ECHO, 5432);
    ok(/^[0-9a-f]{32}\.workers\.alt:5432$/.test(address));
    equal(ctx.mapVirtualHost(env.ECHO, 1), address);
    ok(ctx.mapVirtualHost(env.PLAIN, 5432) !== address);
    const socket = connect(address);
    await send(socket, 'hello');
    equal(await receive(socket, 5), 'hello');
    await socket.close();
  },
};
