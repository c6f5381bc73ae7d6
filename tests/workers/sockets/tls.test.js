import { connect } from 'cloudflare:sockets';
import { equal, fails, ok } from './check.js';

const encode = (text) => new TextEncoder().encode(text);

async function exchange(socket, text, length = text.length) {
  const writer = socket.writable.getWriter();
  await writer.write(encode(text));
  writer.releaseLock();
  const reader = socket.readable.getReader();
  let got = '';
  while (got.length < length) {
    const { value, done } = await reader.read();
    if (done) break;
    got += new TextDecoder().decode(value);
  }
  reader.releaseLock();
  return got;
}

const message = (run) => {
  try {
    return run() && 'no error';
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};

export const talksUnderTls = {
  async test(ctrl, { SERVERS }) {
    const socket = connect({ hostname: 'localhost', port: SERVERS.tls }, { secureTransport: 'on' });
    await socket.opened;
    equal(socket.secureTransport, 'on');
    equal(await exchange(socket, 'secret'), 'secret');
    await socket.close();
  },
};

export const connectsAgainToTheSameServer = {
  async test(ctrl, { SERVERS }) {
    for (let i = 0; i < 3; i += 1) {
      const socket = connect({ hostname: 'localhost', port: SERVERS.tls }, { secureTransport: 'on' });
      equal(await exchange(socket, `secret ${i}`), `secret ${i}`);
      await socket.close();
    }
  },
};

export const theEndTravelsUnderTls = {
  async test(ctrl, { SERVERS }) {
    const socket = connect({ hostname: 'localhost', port: SERVERS.tls }, { secureTransport: 'on', allowHalfOpen: true });
    const writer = socket.writable.getWriter();
    await writer.write(new Uint8Array(300_000).fill(1));
    await writer.close();
    const all = await new Response(socket.readable).arrayBuffer();
    equal(all.byteLength, 300_000);
  },
};

export const refusesACertificateThatNobodyVouchesFor = {
  async test(ctrl, { SERVERS }) {
    const socket = connect({ hostname: 'localhost', port: SERVERS.untrusted }, { secureTransport: 'on' });
    await fails(() => socket.opened);
    await fails(() => socket.closed);
  },
};

export const refusesACertificateForAnotherName = {
  async test(ctrl, { SERVERS }) {
    const socket = connect({ hostname: '127.0.0.1', port: SERVERS.tls }, { secureTransport: 'on' });
    await fails(() => socket.opened);
  },
};

export const upgrades = {
  async test(ctrl, { SERVERS }) {
    const socket = connect({ hostname: 'localhost', port: SERVERS.starttls }, { secureTransport: 'starttls' });
    equal(await exchange(socket, 'plain'), 'plain');
    equal(await exchange(socket, 'STARTTLS', 2), 'GO');
    const secure = socket.startTls();
    ok(secure !== socket);
    equal(secure.secureTransport, 'on');
    await socket.closed;
    equal(socket.upgraded, true);
    equal(secure.upgraded, false);
    equal((await secure.opened).remoteAddress, `localhost:${SERVERS.starttls}`);
    equal(await exchange(secure, 'secret'), 'secret');
    await secure.close();
    await secure.closed;
  },
};

export const upgradesOnlyWhatWasMeantToBe = {
  async test(ctrl, { SERVERS }) {
    const plain = connect({ hostname: 'localhost', port: SERVERS.echo });
    equal(message(() => plain.startTls()),
      'TypeError: The `secureTransport` socket option must be set to \'starttls\' for startTls to be used.');
    const secure = connect({ hostname: 'localhost', port: SERVERS.tls }, { secureTransport: 'on' });
    equal(message(() => secure.startTls()), 'TypeError: Cannot startTls on a TLS socket.');
    const closed = connect({ hostname: 'localhost', port: SERVERS.echo }, { secureTransport: 'starttls' });
    await closed.opened;
    await closed.close();
    equal(message(() => closed.startTls()), 'TypeError: The connection was closed before startTls could be started.');
    await Promise.all([plain.close(), secure.close()]);
  },
};
