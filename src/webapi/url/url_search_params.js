// https://url.spec.whatwg.org/#interface-urlsearchparams
import {
  ArrayPrototypePush, ArrayPrototypeSort, ArrayPrototypeSplice, decodeURIComponent,
  encodeURIComponent, RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeIndexOf,
  StringPrototypeReplaceAll, StringPrototypeSlice, SymbolIterator, TypeError, Uint8Array,
  uncurryThis,
} from '../internal/primordials.js';
import {definePairIterable} from '../internal/pair_iterator.js';
import {
  defineInterface, illegalInvocation, isObject, iterableToArray, requireArguments, toRecord,
  toUSVString,
} from '../internal/webidl.js';

// For url.js: params that belong to a URL, and setting them anew after the URL's query changed.
export let createUrlSearchParams, resetUrlSearchParams, isURLSearchParams;

export class URLSearchParams {
  // Until the first look the query stays text; `.get()` on one of many parameters is no reason to
  // hurry either.
  #text = '';
  #list = null;
  #onChange = null;

  constructor(init = '') {
    if (typeof init === 'string') {
      this.#text = withoutQuestionMark(toUSVString(init));
    } else if (isObject(init)) {
      this.#list = readInit(init);
    } else {
      this.#text = withoutQuestionMark(toUSVString(init));
    }
  }

  get size() { return this.#pairs().length / 2; }

  append(name, value) {
    const list = this.#pairs();
    requireArguments(arguments.length, 2, 'URLSearchParams.append');
    name = toUSVString(name);
    ArrayPrototypePush(list, name, toUSVString(value));
    this.#changed();
  }

  delete(name, value = undefined) {
    const list = this.#pairs();
    requireArguments(arguments.length, 1, 'URLSearchParams.delete');
    name = toUSVString(name);
    if (value !== undefined) value = toUSVString(value);
    for (let i = list.length - 2; i >= 0; i -= 2) {
      if (list[i] === name && (value === undefined || list[i + 1] === value)) {
        ArrayPrototypeSplice(list, i, 2);
      }
    }
    this.#changed();
  }

  get(name) {
    const list = this.#pairs();
    requireArguments(arguments.length, 1, 'URLSearchParams.get');
    name = toUSVString(name);
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name) return list[i + 1];
    }
    return null;
  }

  getAll(name) {
    const list = this.#pairs();
    requireArguments(arguments.length, 1, 'URLSearchParams.getAll');
    name = toUSVString(name);
    const found = [];
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name) ArrayPrototypePush(found, list[i + 1]);
    }
    return found;
  }

  has(name, value = undefined) {
    const list = this.#pairs();
    requireArguments(arguments.length, 1, 'URLSearchParams.has');
    name = toUSVString(name);
    if (value !== undefined) value = toUSVString(value);
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name && (value === undefined || list[i + 1] === value)) return true;
    }
    return false;
  }

  set(name, value) {
    const list = this.#pairs();
    requireArguments(arguments.length, 2, 'URLSearchParams.set');
    name = toUSVString(name);
    value = toUSVString(value);
    let first = -1;
    for (let i = list.length - 2; i >= 0; i -= 2) {
      if (list[i] !== name) continue;
      if (first >= 0) ArrayPrototypeSplice(list, first, 2);
      first = i;
    }
    if (first >= 0) list[first + 1] = value;
    else ArrayPrototypePush(list, name, value);
    this.#changed();
  }

  sort() {
    const list = this.#pairs();
    const pairs = [];
    for (let i = 0; i < list.length; i += 2) {
      ArrayPrototypePush(pairs, {name: list[i], value: list[i + 1]});
    }
    ArrayPrototypeSort(pairs, (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    for (let i = 0; i < pairs.length; i++) {
      list[2 * i] = pairs[i].name;
      list[2 * i + 1] = pairs[i].value;
    }
    this.#changed();
  }

  toString() {
    const list = this.#pairs();
    let text = '';
    for (let i = 0; i < list.length; i += 2) {
      text += `${i === 0 ? '' : '&'}${encode(list[i])}=${encode(list[i + 1])}`;
    }
    return text;
  }

  #pairs() {
    if (!(#list in this)) illegalInvocation();
    return (this.#list ??= parse(this.#text));
  }

  #changed() {
    if (this.#onChange !== null) this.#onChange(this);
  }

  static {
    isURLSearchParams = (value) => typeof value === 'object' && value !== null && #list in value;

    // onChange(params) is called after each change by a script.
    createUrlSearchParams = (query, onChange) => {
      const params = new URLSearchParams();
      params.#text = query;
      params.#onChange = onChange;
      return params;
    };

    // `query` without the question mark.
    resetUrlSearchParams = (params, query) => {
      params.#text = query;
      params.#list = null;
    };

    definePairIterable(URLSearchParams, 'URLSearchParams', (params) => {
      if (!isURLSearchParams(params)) illegalInvocation();
      return params.#pairs();
    });
  }
}
defineInterface(URLSearchParams, 'URLSearchParams');

// Symbols are no names here, as on the reference runtime: the standard would throw.
const toKey = (key) => (typeof key === 'symbol' ? undefined : toUSVString(key));

function withoutQuestionMark(text) {
  return StringPrototypeCharCodeAt(text, 0) === 0x3f ? StringPrototypeSlice(text, 1) : text;
}

function readInit(init) {
  const method = init[SymbolIterator];
  if (method === undefined || method === null) {
    return toRecord(init, toKey, toUSVString, 'URLSearchParams: the argument');
  }
  if (typeof method !== 'function') {
    throw new TypeError('URLSearchParams: the argument is not iterable.');
  }
  const list = [];
  iterableToArray(init, method, (pair) => {
    const itemMethod = isObject(pair) ? pair[SymbolIterator] : undefined;
    if (typeof itemMethod !== 'function') {
      throw new TypeError('URLSearchParams: a pair is not iterable.');
    }
    const items = iterableToArray(pair, itemMethod, toUSVString);
    if (items.length !== 2) {
      throw new TypeError('URLSearchParams: each pair must have a name and a value.');
    }
    ArrayPrototypePush(list, items[0], items[1]);
  });
  return list;
}

// https://url.spec.whatwg.org/#concept-urlencoded-parser, on a string of scalar values.
export function parse(text) {
  const list = [];
  const length = text.length;
  for (let start = 0; start < length;) {
    let end = StringPrototypeIndexOf(text, '&', start);
    if (end < 0) end = length;
    if (end > start) {
      const equals = StringPrototypeIndexOf(text, '=', start);
      if (equals >= 0 && equals < end) {
        const name = decode(StringPrototypeSlice(text, start, equals));
        ArrayPrototypePush(list, name, decode(StringPrototypeSlice(text, equals + 1, end)));
      } else {
        ArrayPrototypePush(list, decode(StringPrototypeSlice(text, start, end)), '');
      }
    }
    start = end + 1;
  }
  return list;
}

function decode(text) {
  if (StringPrototypeIndexOf(text, '+') >= 0) text = StringPrototypeReplaceAll(text, '+', ' ');
  if (StringPrototypeIndexOf(text, '%') < 0) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return decodeBroken(text);
  }
}

function hexDigit(code) {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  code |= 0x20;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
}

// A stray per cent sign stays itself, and bytes that are not UTF-8 become U+FFFD.
function decodeBroken(text) {
  const encoded = natives.utf8Encode(text);
  const bytes = new Uint8Array(encoded.length);
  let size = 0;
  for (let i = 0; i < encoded.length; i++) {
    if (encoded[i] === 0x25 && i + 2 < encoded.length) {
      const high = hexDigit(encoded[i + 1]);
      const low = hexDigit(encoded[i + 2]);
      if (high >= 0 && low >= 0) {
        bytes[size++] = high * 16 + low;
        i += 2;
        continue;
      }
    }
    bytes[size++] = encoded[i];
  }
  return natives.utf8Decode(bytes, 0, size, false);
}

const kNeedsEncoding = /[^*\-._0-9A-Za-z]/;

// https://url.spec.whatwg.org/#concept-urlencoded-byte-serializer
function encode(text) {
  if (RegExpPrototypeExec(kNeedsEncoding, text) === null) return text;
  text = encodeURIComponent(text);
  // encodeURIComponent leaves these alone.
  if (StringPrototypeIndexOf(text, '%20') >= 0) text = StringPrototypeReplaceAll(text, '%20', '+');
  if (StringPrototypeIndexOf(text, '!') >= 0) text = StringPrototypeReplaceAll(text, '!', '%21');
  if (StringPrototypeIndexOf(text, "'") >= 0) text = StringPrototypeReplaceAll(text, "'", '%27');
  if (StringPrototypeIndexOf(text, '(') >= 0) text = StringPrototypeReplaceAll(text, '(', '%28');
  if (StringPrototypeIndexOf(text, ')') >= 0) text = StringPrototypeReplaceAll(text, ')', '%29');
  if (StringPrototypeIndexOf(text, '~') >= 0) text = StringPrototypeReplaceAll(text, '~', '%7E');
  return text;
}

const toText = uncurryThis(URLSearchParams.prototype.toString);

export function searchParamsText(params) { return toText(params); }
