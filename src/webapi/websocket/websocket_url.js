// The arguments of new WebSocket(): https://websockets.spec.whatwg.org/#dom-websocket-websocket
import {
  ArrayPrototypeIncludes, ArrayPrototypeJoin, RegExpPrototypeExec, StringPrototypeIncludes,
  StringPrototypeIndexOf, StringPrototypeLastIndexOf, StringPrototypeSlice,
  StringPrototypeStartsWith, SymbolIterator,
} from '../internal/primordials.js';
import {isObject, toDOMString, toSequence} from '../internal/webidl.js';
import {createDOMException} from '../internal/dom_exception.js';
import {parseAbsoluteUrl} from '../fetch/request.js';

const kToken = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export function syntaxError(message) { return createDOMException(message, 'SyntaxError'); }

// The URL that the opening handshake is sent to: http or https, without credentials.
export function toHandshakeUrl(url) {
  const href = parseAbsoluteUrl(url);
  if (href === undefined) throw syntaxError('WebSocket Constructor: The url is invalid.');
  let rest;
  if (StringPrototypeStartsWith(href, 'ws://')) {
    rest = StringPrototypeSlice(href, 5);
  } else if (StringPrototypeStartsWith(href, 'wss://')) {
    rest = StringPrototypeSlice(href, 6);
  } else {
    throw syntaxError('WebSocket Constructor: The url scheme must be ws or wss.');
  }
  if (StringPrototypeIncludes(href, '#')) {
    throw syntaxError('WebSocket Constructor: The url fragment must be empty.');
  }
  const pathStart = StringPrototypeIndexOf(rest, '/');
  const at = StringPrototypeLastIndexOf(StringPrototypeSlice(rest, 0, pathStart), '@');
  const scheme = StringPrototypeStartsWith(href, 'wss') ? 'https://' : 'http://';
  return scheme + StringPrototypeSlice(rest, at + 1);
}

// The value of Sec-WebSocket-Protocol, or undefined for none.
export function toProtocolHeader(value) {
  if (value === undefined) return undefined;
  if (!isObject(value) || value[SymbolIterator] === undefined) {
    const protocol = toDOMString(value);
    if (RegExpPrototypeExec(kToken, protocol) === null) {
      throw syntaxError('WebSocket Constructor: The protocol header token is invalid.');
    }
    return protocol;
  }
  const protocols = toSequence(value, toDOMString, 'WebSocket Constructor: protocols');
  for (let i = 0; i < protocols.length; i++) {
    if (RegExpPrototypeExec(kToken, protocols[i]) === null) {
      throw syntaxError('WebSocket Constructor: One of the protocol header tokens is invalid.');
    }
    if (ArrayPrototypeIncludes(protocols, protocols[i], i + 1)) {
      throw syntaxError('WebSocket Constructor: The protocols header cannot have repeating values.');
    }
  }
  return protocols.length === 0 ? undefined : ArrayPrototypeJoin(protocols, ', ');
}
