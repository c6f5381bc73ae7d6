// https://fetch.spec.whatwg.org/#data-urls
import {
  StringFromCharCode, StringPrototypeCharCodeAt, StringPrototypeEndsWith, StringPrototypeIndexOf,
  StringPrototypeSlice, StringPrototypeStartsWith, StringPrototypeToLowerCase, StringPrototypeTrim,
  TypeError, Uint8Array,
} from '../internal/primordials.js';
import {canonicalMimeType} from '../internal/mime_type.js';
import {Response} from './response.js';

function hexDigit(code) {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  code |= 0x20;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
}

// The bytes of a string of ASCII characters, as a string of characters up to U+00FF.
function percentDecode(text) {
  let result = '';
  let start = 0;
  for (let i = StringPrototypeIndexOf(text, '%'); i >= 0;
       i = StringPrototypeIndexOf(text, '%', i + 1)) {
    const high = hexDigit(StringPrototypeCharCodeAt(text, i + 1));
    const low = hexDigit(StringPrototypeCharCodeAt(text, i + 2));
    if (!(high >= 0 && low >= 0)) continue;
    result += StringPrototypeSlice(text, start, i) + StringFromCharCode(high * 16 + low);
    start = i + 3;
    i += 2;
  }
  return result + StringPrototypeSlice(text, start);
}

function toBytes(binary) {
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = StringPrototypeCharCodeAt(binary, i);
  return bytes;
}

function typeOf(text) {
  return canonicalMimeType(StringPrototypeStartsWith(text, ';') ? `text/plain${text}` : text) ??
      'text/plain;charset=US-ASCII';
}

// `url` is serialised and begins with "data:".
export function responseOfDataUrl(url) {
  const hash = StringPrototypeIndexOf(url, '#');
  const comma = StringPrototypeIndexOf(url, ',');
  if (comma < 0 || (hash >= 0 && hash < comma)) {
    throw new TypeError('Fetch API cannot load a data: URL without a comma.');
  }
  let type = StringPrototypeTrim(StringPrototypeSlice(url, 5, comma));
  let binary = percentDecode(StringPrototypeSlice(url, comma + 1, hash < 0 ? url.length : hash));
  const semicolon = type.length - 'base64'.length;
  if (StringPrototypeEndsWith(StringPrototypeToLowerCase(type), 'base64')) {
    const before = StringPrototypeTrim(StringPrototypeSlice(type, 0, semicolon));
    if (StringPrototypeEndsWith(before, ';')) {
      binary = natives.base64Decode(binary);
      if (binary === undefined) {
        throw new TypeError('Fetch API cannot load a data: URL with invalid base64.');
      }
      type = StringPrototypeSlice(before, 0, before.length - 1);
    }
  }
  return new Response(toBytes(binary), {
    __proto__: null,
    statusText: 'OK',
    headers: {__proto__: null, 'content-type': typeOf(type)}
  });
}
