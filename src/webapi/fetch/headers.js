// https://fetch.spec.whatwg.org/#headers-class. The headers of a received message stay in C++ until
// a script asks for more than single values: such an object holds the message's number only, and is
// handed on as that number.
import {
  ArrayPrototypePush, ArrayPrototypeSort, ObjectKeys, StringPrototypeCharCodeAt,
  StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeToLowerCase, SymbolIterator,
  TypeError, Uint8Array,
} from '../internal/primordials.js';
import {
  defineInterface, illegalInvocation, isObject, iterableToArray, kInternal, requireArguments,
  toDOMString,
} from '../internal/webidl.js';
import {definePairIterable} from '../internal/pair_iterator.js';

const kIsTokenCharacter = new Uint8Array(128);
{
  const token = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (let i = 0; i < token.length; i++) kIsTokenCharacter[StringPrototypeCharCodeAt(token, i)] = 1;
}

function toName(value) {
  const name = toDOMString(value);
  const {length} = name;
  let hasUpperCase = false;
  for (let i = 0; i < length; i++) {
    const code = StringPrototypeCharCodeAt(name, i);
    if (code >= 97 && code <= 122) continue;
    if (code > 127 || kIsTokenCharacter[code] === 0) throw new TypeError('Invalid header name.');
    if (code >= 65 && code <= 90) hasUpperCase = true;
  }
  if (length === 0) throw new TypeError('Invalid header name.');
  return hasUpperCase ? StringPrototypeToLowerCase(name) : name;
}

function isWhitespace(code) { return code === 32 || code === 9 || code === 10 || code === 13; }

// As on Cloudflare, characters above U+00FF are allowed: values travel as UTF-8.
function toValue(given) {
  let value = toDOMString(given);
  let end = value.length;
  if (end === 0) return value;
  let start = 0;
  while (start < end && isWhitespace(StringPrototypeCharCodeAt(value, start))) start++;
  while (end > start && isWhitespace(StringPrototypeCharCodeAt(value, end - 1))) end--;
  if (end - start !== value.length) value = StringPrototypeSlice(value, start, end);
  if (StringPrototypeIndexOf(value, '\n') >= 0 || StringPrototypeIndexOf(value, '\r') >= 0 ||
      StringPrototypeIndexOf(value, '\0') >= 0) {
    throw new TypeError('Invalid header value.');
  }
  return value;
}

const kNone = [];

export let areImmutable, isHeaders, headersOfMessage, headersOfList, wireOfHeaders, copyHeaders,
    cloneHeaderSource, listOfHeaders;

// A flat list [name, value, …] out of what scripts may give as headers.
export function listFromInit(init) {
  if (!isObject(init)) {
    throw new TypeError(
        "Failed to construct 'Headers': constructor parameter 1 is not of type 'Headers or Sequence or object'.");
  }
  const list = [];
  const method = init[SymbolIterator];
  if (method === undefined || method === null) {
    // Not the record of Web IDL to the letter, which only a proxy could tell, but twice as fast.
    const keys = ObjectKeys(init);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      ArrayPrototypePush(list, toName(key), toValue(init[key]));
    }
    return list;
  }
  if (typeof method !== 'function') throw new TypeError('The headers are not iterable.');
  iterableToArray(init, method, (pair) => {
    const inner = isObject(pair) ? pair[SymbolIterator] : undefined;
    const parts = typeof inner === 'function' ? iterableToArray(pair, inner, toDOMString) : kNone;
    if (parts.length !== 2) {
      throw new TypeError(
          'To initialize a Headers object from a sequence, each inner sequence must have exactly two elements.');
    }
    ArrayPrototypePush(list, toName(parts[0]), toValue(parts[1]));
  });
  return list;
}

// What new Request() and new Response() keep of the headers given to them until somebody looks: a
// message number or a list.
export function seedFromInit(init) {
  return isHeaders(init) ? cloneHeaderSource(init) : listFromInit(init);
}

export function copyOfList(list) {
  const copy = [];
  for (let i = 0; i < list.length; i++) copy[i] = list[i];
  return copy;
}

export function valueInList(list, name) {
  let value = null;
  for (let i = 0; i < list.length; i += 2) {
    if (list[i] === name) value = value === null ? list[i + 1] : `${value}, ${list[i + 1]}`;
  }
  return value;
}

function sortedAndCombined(list) {
  const order = [];
  for (let i = 0; i < list.length; i += 2) ArrayPrototypePush(order, i);
  ArrayPrototypeSort(order, (a, b) => (list[a] < list[b] ? -1 : list[a] > list[b] ? 1 : a - b));
  const sorted = [];
  for (let i = 0; i < order.length; i++) {
    const name = list[order[i]];
    const value = list[order[i] + 1];
    const last = sorted.length - 1;
    if (last > 0 && sorted[last - 1] === name && name !== 'set-cookie') {
      sorted[last] = `${sorted[last]}, ${value}`;
    } else {
      ArrayPrototypePush(sorted, name, value);
    }
  }
  return sorted;
}

let materialize, sortedPairs;

function cookiesOf(headers) {
  const list = materialize(headers);
  const cookies = [];
  for (let i = 0; i < list.length; i += 2) {
    if (list[i] === 'set-cookie') ArrayPrototypePush(cookies, list[i + 1]);
  }
  return cookies;
}

export class Headers {
  #list;     // flat [lower-case name, value, …]; undefined while only #message says what is in it
  #message;  // the number of the received message whose headers these exactly are, or -1
  #immutable;
  #sorted = undefined;

  constructor(init = undefined, message, list, immutable) {
    if (init === kInternal) {
      this.#list = list;
      this.#message = message;
      this.#immutable = immutable;
      return;
    }
    this.#message = -1;
    this.#immutable = false;
    if (init === undefined) {
      this.#list = [];
      return;
    }
    const seed = seedFromInit(init);
    if (typeof seed === 'number') {
      this.#message = seed;
      this.#list = undefined;
    } else {
      this.#list = seed;
    }
  }

  get(name) {
    if (!(#list in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'Headers.get');
    const key = toName(name);
    const list = this.#list;
    return list === undefined ? natives.messageHeader(this.#message, key) : valueInList(list, key);
  }

  getAll(name) {
    if (!(#list in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'Headers.getAll');
    if (toName(name) !== 'set-cookie') {
      throw new TypeError('getAll() can only be used with the header name "Set-Cookie".');
    }
    return cookiesOf(this);
  }

  getSetCookie() {
    if (!(#list in this)) illegalInvocation();
    return cookiesOf(this);
  }

  has(name) {
    if (!(#list in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'Headers.has');
    const key = toName(name);
    const list = this.#list;
    if (list === undefined) return natives.messageHeader(this.#message, key) !== null;
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === key) return true;
    }
    return false;
  }

  set(name, value) {
    if (!(#list in this)) illegalInvocation();
    requireArguments(arguments.length, 2, 'Headers.set');
    const key = toName(name);
    const text = toValue(value);
    const list = this.#change();
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] !== key) continue;
      list[i + 1] = text;
      this.#remove(key, i + 2);
      return;
    }
    ArrayPrototypePush(list, key, text);
  }

  append(name, value) {
    if (!(#list in this)) illegalInvocation();
    requireArguments(arguments.length, 2, 'Headers.append');
    const key = toName(name);
    const text = toValue(value);
    ArrayPrototypePush(this.#change(), key, text);
  }

  delete(name) {
    if (!(#list in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'Headers.delete');
    const key = toName(name);
    this.#change();
    this.#remove(key, 0);
  }

  // The list, about to differ from the message it may have come from.
  #change() {
    if (this.#immutable) throw new TypeError("Can't modify immutable headers.");
    const list = materialize(this);
    this.#message = -1;
    this.#sorted = undefined;
    return list;
  }

  #remove(key, from) {
    const list = this.#list;
    let kept = from;
    for (let i = from; i < list.length; i += 2) {
      if (list[i] === key) continue;
      list[kept] = list[i];
      list[kept + 1] = list[i + 1];
      kept += 2;
    }
    list.length = kept;
  }

  static {
    isHeaders = (value) => typeof value === 'object' && value !== null && #list in value;

    headersOfMessage = (message, immutable) =>
        new Headers(kInternal, message, undefined, immutable);

    // Takes the list over.
    headersOfList = (list, immutable) => new Headers(kInternal, -1, list, immutable);

    // The form natives take: undefined, a message number, or a flat list.
    wireOfHeaders = (headers) => {
      if (headers.#message >= 0) return headers.#message;
      return headers.#list.length === 0 ? undefined : headers.#list;
    };

    // A message number or a fresh list.
    cloneHeaderSource = (headers) =>
        (headers.#message >= 0 ? headers.#message : copyOfList(headers.#list));

    copyHeaders = (headers, immutable) => {
      const source = cloneHeaderSource(headers);
      return typeof source === 'number' ? headersOfMessage(source, immutable) :
                                          headersOfList(source, immutable);
    };

    listOfHeaders = (headers) => materialize(headers);

    areImmutable = (headers) => headers.#immutable;

    materialize = (headers) => (headers.#list ??= natives.messageHeaders(headers.#message));

    sortedPairs = (headers) => {
      if (!isHeaders(headers)) illegalInvocation();
      return headers.#sorted ??= sortedAndCombined(materialize(headers));
    };
  }
}
definePairIterable(Headers, 'Headers', sortedPairs);
defineInterface(Headers, 'Headers');
