import { connect } from 'cloudflare:sockets';
import * as sockets from 'cloudflare:sockets';
import { equal, fails, ok } from './check.js';

const encode = (text) => new TextEncoder().encode(text);
const decode = (bytes) => new TextDecoder().decode(bytes);
async function readAll(socket) {
  let text = '';
  for await (const chunk of socket.readable) text += decode(chunk);
  return text;
}
const at = (port) => ({ hostname: '127.0.0.1', port });

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

export const readsWhatTheServerSays = {
  async test(ctrl, { SERVERS }) {
    const socket = connect(`127.0.0.1:${SERVERS.greeting}`);
    equal(await readAll(socket), 'hello');
    equal(await socket.closed, undefined);
  },
};

export const tellsTheAddressAsItWasGiven = {
  async test(ctrl, { SERVERS }) {
    const first = connect(at(SERVERS.echo));
    const info = await first.opened;
    equal(info.remoteAddress, `127.0.0.1:${SERVERS.echo}`);
    ok(!('localAddress' in info) || info.localAddress === undefined);
    const second = connect(`localhost:${SERVERS.echo}`);
    equal((await second.opened).remoteAddress, `localhost:${SERVERS.echo}`);
    await Promise.all([first.close(), second.close()]);
  },
};

export const writesBeforeItIsOpen = {
  async test(ctrl, { SERVERS }) {
    const socket = connect(at(SERVERS.echo));
    await send(socket, 'early');
    equal(await receive(socket, 5), 'early');
    await socket.close();
  },
};

export const closingTheWritableEndsWhatTheServerReads = {
  async test(ctrl, { SERVERS }) {
    const socket = connect(at(SERVERS.listener), { allowHalfOpen: true });
    await send(socket, 'twelve bytes');
    await socket.writable.close();
    equal(await readAll(socket), '12');
  },
};

export const withoutHalfOpenTheEndOfReadingClosesTheSocket = {
  async test(ctrl, { SERVERS }) {
    const socket = connect(at(SERVERS.greeting));
    equal(await readAll(socket), 'hello');
    await socket.closed;
    await fails(() => socket.writable.getWriter().write(encode('late')));
  },
};

export const withHalfOpenTheWritableStaysOpen = {
  async test(ctrl, { SERVERS }) {
    const socket = connect(at(SERVERS.greeting), { allowHalfOpen: true });
    equal(await readAll(socket), 'hello');
    const writer = socket.writable.getWriter();
    equal(writer.desiredSize, 1);
    await writer.close();
  },
};

export const closeFlushesFirst = {
  async test(ctrl, { SERVERS }) {
    const socket = connect(at(SERVERS.echo));
    const writer = socket.writable.getWriter();
    const writing = writer.write(new Uint8Array(1 << 20));
    equal(await socket.close(), undefined);
    await writing;
    equal(await socket.closed, undefined);
    equal(await socket.close(), undefined);
  },
};

export const closeEndsAReadThatWaits = {
  async test(ctrl, { SERVERS }) {
    const socket = connect(at(SERVERS.echo));
    await socket.opened;
    const reading = socket.readable.getReader().read();
    reading.catch(() => {});
    await socket.close();
    const error = await reading.catch((reason) => reason);
    equal(`${error.name}: ${error.message}`, 'TypeError: This socket has been closed.');
  },
};

export const aRefusedConnectionRejectsOpenedAndClosed = {
  async test(ctrl, { SERVERS }) {
    const socket = connect(at(SERVERS.closed));
    const message = 'proxy request failed, cannot connect to the specified address';
    equal((await socket.opened.catch((error) => error)).message, message);
    equal((await socket.closed.catch((error) => error)).message, message);
    equal(await socket.readable.getReader().read(), { value: undefined, done: true });
    await fails(() => socket.writable.getWriter().write(encode('x')));
  },
};

export const closeAfterAFailureFulfils = {
  async test(ctrl, { SERVERS }) {
    const socket = connect(at(SERVERS.closed));
    equal(await socket.close(), undefined);
  },
};

export const aResetConnectionFailsTheRead = {
  async test(ctrl, { SERVERS }) {
    const socket = connect(at(SERVERS.reset));
    await send(socket, 'x');
    const error = await receive(socket, 1).catch((reason) => reason);
    equal(error.message, 'Network connection lost.');
  },
};

export const hasTheMembersOfASocket = {
  async test(ctrl, { SERVERS }) {
    const socket = connect(at(SERVERS.echo));
    ok(socket.readable instanceof ReadableStream);
    ok(socket.writable instanceof WritableStream);
    ok(socket.readable === socket.readable);
    ok(socket.writable === socket.writable);
    ok(socket.closed === socket.closed);
    ok(socket.opened === socket.opened);
    equal(socket.upgraded, false);
    equal(socket.secureTransport, 'off');
    equal(connect(at(SERVERS.echo), { secureTransport: 'starttls' }).secureTransport, 'starttls');
    equal(Object.prototype.toString.call(socket), '[object Socket]');
    for (const name of ['readable', 'writable', 'closed', 'opened', 'upgraded', 'secureTransport', 'close', 'startTls']) {
      ok(name in Object.getPrototypeOf(socket), name);
      ok(!Object.hasOwn(socket, name), name);
    }
    ok(Object.keys(sockets).includes('connect'));
    await socket.close();
  },
};

export const readsByobAndInOrder = {
  async test(ctrl, { SERVERS }) {
    const socket = connect(at(SERVERS.echo));
    await send(socket, 'abcdef');
    const reader = socket.readable.getReader({ mode: 'byob' });
    const first = await reader.read(new Uint8Array(4));
    const second = await reader.read(new Uint8Array(4));
    equal(decode(first.value) + decode(second.value), 'abcdef');
    reader.releaseLock();
    await socket.close();
  },
};

export const pipesAMegabyteBothWays = {
  async test(ctrl, { SERVERS }) {
    const socket = connect(at(SERVERS.echo), { allowHalfOpen: true });
    const sending = new Blob([new Uint8Array(1 << 20).fill(7)]).stream().pipeTo(socket.writable);
    const received = new Uint8Array(await new Response(socket.readable).arrayBuffer());
    await sending;
    equal(received.length, 1 << 20);
    ok(received.every((byte) => byte === 7));
  },
};

export const refusesChunksThatAreNoBytes = {
  async test(ctrl, { SERVERS }) {
    const socket = connect(at(SERVERS.echo));
    const error = await socket.writable.getWriter().write({}).catch((reason) => reason);
    equal(error.name, 'TypeError');
    await socket.close();
  },
};

export const belongsToItsRequest = {
  async test(ctrl, { SERVERS, SELF }) {
    const socket = connect(at(SERVERS.echo));
    await socket.opened;
    globalThis.keptSocket = socket;
    const error = await (await SELF.fetch('http://self/use')).text();
    ok(error.startsWith('Cannot perform I/O on behalf of a different request.'), error);
    await socket.close();
  },
};

export default {
  async fetch() {
    try {
      await globalThis.keptSocket.readable.getReader().read();
      return new Response('read');
    } catch (error) {
      return new Response(error.message);
    }
  },
};
