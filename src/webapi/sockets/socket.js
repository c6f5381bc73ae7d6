// The module cloudflare:sockets:
// https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/
import {channelOfHost} from './virtual_hosts.js';
import {
  Error, PromisePrototypeThen, PromiseResolve, RegExpPrototypeExec, StringPrototypeSlice,
  StringPrototypeStartsWith, TypeError,
} from '../internal/primordials.js';
import {createDOMException} from '../internal/dom_exception.js';
import {
  defineInterface, illegalConstructor, isObject, kInternal, toDOMString, toInteger, toUnsignedShort,
} from '../internal/webidl.js';
import {createURL} from '../url/url.js';
import {Connection} from './connection.js';

const kHostCharacters = /^[A-Za-z0-9._:[\]-]{1,255}$/;

// Of a socket on its way to another Worker.
export let isSocket, describeSocket, giveSocket;

class Socket {
  #connection;
  #info;
  #host;
  #options;
  #secureTransport;

  constructor(key, connection, info, host, options, secureTransport) {
    if (key !== kInternal) illegalConstructor();
    this.#connection = connection;
    this.#info = info;
    this.#host = host;
    this.#options = options;
    this.#secureTransport = secureTransport;
  }

  get readable() { return this.#connection.readable; }
  get writable() { return this.#connection.writable; }
  get opened() { return this.#connection.opened.promise; }
  get closed() { return this.#connection.closed.promise; }
  get upgraded() { return this.#connection.upgraded; }
  get secureTransport() { return this.#secureTransport; }

  close() { return this.#connection.close(); }

  static {
    isSocket = (value) => isObject(value) && #connection in value;

    // What receivedSocket() needs beside the connection.
    describeSocket = (socket) => {
      const connection = socket.#connection;
      if (connection.isOpening) {
        throw createDOMException(
            'A Socket can only be serialized after it has opened. Await `socket.opened` before transferring the socket ' +
            'over RPC.',
            'DataCloneError');
      }
      if (connection.isGone) {
        throw createDOMException('A Socket that is closed cannot be serialized.', 'DataCloneError');
      }
      return [socket.#info, socket.#options.allowHalfOpen, socket.#secureTransport];
    };

    giveSocket = (socket) => socket.#connection.give();
  }

  startTls(options = undefined) {
    const name = serverNameIn(options);
    const connection = this.#connection;
    if (this.#secureTransport === 'on') throw new TypeError('Cannot startTls on a TLS socket.');
    if (connection.isGone && !connection.upgraded) {
      throw new TypeError('The connection was closed before startTls could be started.');
    }
    if (this.#secureTransport !== 'starttls') {
      throw new TypeError(
          'The `secureTransport` socket option must be set to \'starttls\' for startTls to be used.');
    }
    const host = this.#host;
    if (host === undefined) {
      throw new TypeError(
          'startTls has already been called on this socket, or the socket was transferred over RPC.');
    }
    this.#host = undefined;
    return makeSocket(connection.upgrade(name ?? host), {...this.#info}, host, this.#options, 'on');
  }
}
defineInterface(Socket, 'Socket');

function makeSocket(opening, info, host, options, secureTransport) {
  const connection = new Connection(opening, info, options.allowHalfOpen, options.highWaterMark);
  return new Socket(kInternal, connection, info, host, options, secureTransport);
}

const kInboundOptions = {__proto__: null, allowHalfOpen: false, highWaterMark: undefined};

// The socket for a `connect` handler: {socket, connection} around what natives know as `number`.
export function inboundSocket(number, localAddress) {
  const info = {localAddress};
  const connection = new Connection(PromiseResolve([number]), info, false, undefined);
  const socket = new Socket(kInternal, connection, info, undefined, kInboundOptions, 'off');
  return {__proto__: null, socket, connection};
}

// One that another Worker has given away. It has no host any more, so TLS cannot be started on it.
export function receivedSocket(number, description) {
  const [info, allowHalfOpen, secureTransport] = description;
  const options = {__proto__: null, allowHalfOpen, highWaterMark: undefined};
  return makeSocket(PromiseResolve([number]), info, undefined, options, secureTransport);
}

function dictionary(value, name) {
  if (value === undefined || value === null) return undefined;
  if (isObject(value)) return value;
  throw new TypeError(`Incorrect type: ${name} is not an object.`);
}

function serverNameIn(value) {
  const name = dictionary(value, 'the TLS options')?.expectedServerHostname;
  return name === undefined ? undefined : toDOMString(name);
}

function socketOptions(value) {
  const given = dictionary(value, 'the socket options');
  const allowHalfOpen = given?.allowHalfOpen;
  const highWaterMark = given?.highWaterMark;
  const secureTransport = given?.secureTransport;
  const transport = secureTransport === undefined ? 'off' : toDOMString(secureTransport);
  if (transport !== 'off' && transport !== 'on' && transport !== 'starttls') {
    throw new TypeError(`Unsupported value in secureTransport socket option: ${transport}`);
  }
  return {
    __proto__: null,
    allowHalfOpen: !!allowHalfOpen,
    highWaterMark: highWaterMark === undefined ? undefined : toInteger(highWaterMark, 64, false, 1),
    secureTransport: transport,
  };
}

function withoutBrackets(host) {
  return StringPrototypeStartsWith(host, '[') ? StringPrototypeSlice(host, 1, -1) : host;
}

// What connect() was given, as {text, host, port}.
function socketAddress(value) {
  let text;
  let host;
  let port;
  if (isObject(value)) {
    const {hostname} = value;
    const number = value.port;
    if (hostname === undefined || number === undefined) {
      throw new TypeError('Incorrect type for the address: it needs a hostname and a port.');
    }
    host = toDOMString(hostname);
    port = toUnsignedShort(number, 1);
    text = `${host}:${port}`;
  } else {
    text = toDOMString(value);
    let url;
    try {
      url = createURL(`fake://${text}`);
    } catch {
      throw new TypeError('Specified address could not be parsed.');
    }
    host = url.hostname;
    port = +url.port;
    if (host === '') throw new TypeError('Specified address is missing hostname.');
    if (url.port === '') throw new TypeError('Specified address is missing port.');
  }
  if (RegExpPrototypeExec(kHostCharacters, text) === null) {
    throw new TypeError(
        'Specified address is empty string, contains unsupported characters or is too long.');
  }
  return {__proto__: null, text, host: withoutBrackets(host), port};
}

const kCannotConnect = 'proxy request failed, cannot connect to the specified address';
const kUseFetch =
    '. It looks like you might be trying to connect to a HTTP-based service — consider using fetch instead';

export function connect(address, options = undefined) {
  return connectThrough(0, address, options);
}

// Through a service, which has that channel number; 0: to the outside.
export function connectThrough(channel, address, options) {
  natives.requireInvocation();
  const {text, host, port} = socketAddress(address);
  const chosen = socketOptions(options);
  const {secureTransport} = chosen;
  if (channel === 0) channel = channelOfHost(host);
  const opening = PromisePrototypeThen(
      natives.socketOpen(channel, host, port, secureTransport === 'on', host, text), undefined,
      (cause) => {
        const hint = port === 80 || port === 443 ? kUseFetch : '';
        throw new Error(kCannotConnect + hint, {__proto__: null, cause});
      });
  return makeSocket(opening, {remoteAddress: text}, host, chosen, secureTransport);
}
