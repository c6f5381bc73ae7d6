// Sockets as arguments and results of remote calls.
import { WorkerEntrypoint } from 'cloudflare:workers';
import { equal, ok } from './check.js';

const encode = (text) => new TextEncoder().encode(text);

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
    text += new TextDecoder().decode(value);
  }
  reader.releaseLock();
  return text;
}

export class Echo extends WorkerEntrypoint {
  async connect(socket) {
    const writer = socket.writable.getWriter();
    for await (const chunk of socket.readable) await writer.write(chunk);
    await writer.close().catch(() => {});
  }
}

export class Remote extends WorkerEntrypoint {
  async talk(socket, text) {
    const { remoteAddress } = await socket.opened;
    await send(socket, text);
    const answer = await receive(socket, text.length);
    await socket.close();
    return [remoteAddress, answer, socket.secureTransport];
  }
  take() { return 'taken'; }
}

const nameOfError = async (action) => {
  try {
    await action();
  } catch (error) {
    return error.name;
  }
  return 'none';
};

export const aSocketIsGivenToAnotherWorker = {
  async test(ctrl, { ECHO, REMOTE }) {
    const socket = ECHO.connect('echo:7');
    await socket.opened;
    equal(await REMOTE.talk(socket, 'hello'), ['echo:7', 'hello', 'off']);
  },
};

export const onlyOneThatHasOpened = {
  async test(ctrl, { ECHO, REMOTE }) {
    const socket = ECHO.connect('echo:7');
    equal(await nameOfError(() => REMOTE.take(socket)), 'DataCloneError');
    await socket.opened;
    equal(await REMOTE.take(socket), 'taken');
  },
};

export const notOneThatIsInUse = {
  async test(ctrl, { ECHO, REMOTE }) {
    const socket = ECHO.connect('echo:7');
    await socket.opened;
    const reader = socket.readable.getReader();
    ok(await nameOfError(() => REMOTE.take(socket)) !== 'none');
    reader.releaseLock();
    await socket.close();
  },
};

export const whatIsGivenAwayCannotBeUsed = {
  async test(ctrl, { ECHO, REMOTE }) {
    const socket = ECHO.connect('echo:7');
    await socket.opened;
    equal(await REMOTE.take(socket), 'taken');
    ok(await nameOfError(() => REMOTE.take(socket)) !== 'none');
    ok(await nameOfError(() => send(socket, 'lost')) !== 'none');
  },
};

export const webSocketsDoNotTravel = {
  async test(ctrl, { REMOTE }) {
    const [client, server] = Object.values(new WebSocketPair());
    equal(await nameOfError(() => REMOTE.take(client)), 'DataCloneError');
    server.accept();
    equal(await nameOfError(() => REMOTE.take(new Response(null, { status: 101, webSocket: client }))), 'DataCloneError');
  },
};
