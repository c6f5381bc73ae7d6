import { connect } from 'cloudflare:sockets';
import { equal, ok } from './check.js';

function failure(...args) {
  try {
    const socket = connect(...args);
    socket.opened.catch(() => {});
    socket.closed.catch(() => {});
    return 'made';
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

let atTheTop;
try {
  connect('127.0.0.1:1');
} catch (error) {
  atTheTop = error.message;
}

export const isRefusedInGlobalScope = {
  test() {
    ok(atTheTop.startsWith('Disallowed operation called within global scope.'), atTheTop);
  },
};

export const refusesWhatIsNoAddress = {
  test() {
    const unsupported = 'TypeError: Specified address is empty string, contains unsupported characters or is too long.';
    equal(failure('127.0.0.1'), 'TypeError: Specified address is missing port.');
    equal(failure('localhost'), 'TypeError: Specified address is missing port.');
    equal(failure(''), 'TypeError: Specified address is missing hostname.');
    equal(failure(':80'), 'TypeError: Specified address could not be parsed.');
    equal(failure('a b:80'), 'TypeError: Specified address could not be parsed.');
    equal(failure('host:port'), 'TypeError: Specified address could not be parsed.');
    equal(failure('host:99999'), 'TypeError: Specified address could not be parsed.');
    equal(failure('user@host:80'), unsupported);
    equal(failure('host:80/path'), unsupported);
    equal(failure(`${'a'.repeat(256)}:80`), unsupported);
    equal(failure({ hostname: 'a b', port: 80 }), unsupported);
    equal(failure({ hostname: '', port: 80 }), 'made');
  },
};

export const refusesDictionariesWithoutTheirMembers = {
  test() {
    for (const wrong of [{}, { hostname: 'a' }, { hostname: 'a', port: 65536 }, { hostname: 'a', port: -1 }]) {
      ok(failure(wrong).startsWith('TypeError: '), JSON.stringify(wrong));
    }
    ok(failure().startsWith('TypeError: '));
  },
};

export const refusesUnknownTransports = {
  test() {
    equal(failure('localhost:1', { secureTransport: 'maybe' }),
      'TypeError: Unsupported value in secureTransport socket option: maybe');
    equal(failure('localhost:1', { secureTransport: undefined }), 'made');
    equal(failure('localhost:1', undefined), 'made');
  },
};

export const pointsToFetchOnWebPorts = {
  async test() {
    for (const port of [80, 443]) {
      const socket = connect({ hostname: 'name.invalid', port });
      const error = await socket.opened.catch((reason) => reason);
      equal(error.message, 'proxy request failed, cannot connect to the specified address. It looks like you might be trying to ' +
        'connect to a HTTP-based service — consider using fetch instead');
    }
  },
};
