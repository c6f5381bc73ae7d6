// https://fetch.spec.whatwg.org/#data-urls
import {
  ObjectKeys, RegExpPrototypeExec, StringFromCharCode, StringPrototypeCharCodeAt, StringPrototypeEndsWith, StringPrototypeIndexOf, StringPrototypeReplaceAll,
  StringPrototypeSlice, StringPrototypeStartsWith, StringPrototypeToLowerCase, StringPrototypeTrim, TypeError, Uint8Array,
} from '../internal/primordials.js';
import {parseParameters} from '../formdata/mime_parameters.js';
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
  for (let i = StringPrototypeIndexOf(text, '%'); i >= 0; i = StringPrototypeIndexOf(text, '%', i + 1)) {
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

const kType = /^[!#$%&'*+\-.^_`|~0-9a-z]+\/[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const kToken = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function serializeType(text) {
  const type = parseParameters(StringPrototypeStartsWith(text, ';') ? `text/plain${text}` : text);
  if (RegExpPrototypeExec(kType, type.essence) === null) return 'text/plain;charset=US-ASCII';
  let result = type.essence;
  const names = ObjectKeys(type);
  for (let i = 0; i < names.length; i++) {
    if (names[i] === 'essence') continue;
    const value = type[names[i]];
    result += `;${names[i]}=`;
    result += RegExpPrototypeExec(kToken, value) !== null ? value :
        `"${StringPrototypeReplaceAll(StringPrototypeReplaceAll(value, '\\', '\\\\'), '"', '\\"')}"`;
  }
  return result;
}

// `url` is serialised and begins with "data:".
export function responseOfDataUrl(url) {
  const hash = StringPrototypeIndexOf(url, '#');
  const comma = StringPrototypeIndexOf(url, ',');
  if (comma < 0 || (hash >= 0 && hash < comma)) throw new TypeError('Fetch API cannot load a data: URL without a comma.');
  let type = StringPrototypeTrim(StringPrototypeSlice(url, 5, comma));
  let binary = percentDecode(StringPrototypeSlice(url, comma + 1, hash < 0 ? url.length : hash));
  const semicolon = type.length - 'base64'.length;
  if (StringPrototypeEndsWith(StringPrototypeToLowerCase(type), 'base64')) {
    const before = StringPrototypeTrim(StringPrototypeSlice(type, 0, semicolon));
    if (StringPrototypeEndsWith(before, ';')) {
      binary = natives.base64Decode(binary);
      if (binary === undefined) throw new TypeError('Fetch API cannot load a data: URL with invalid base64.');
      type = StringPrototypeSlice(before, 0, before.length - 1);
    }
  }
  return new Response(toBytes(binary), {__proto__: null, statusText: 'OK', headers: {__proto__: null, 'content-type': serializeType(type)}});
}
