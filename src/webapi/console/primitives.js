// Strings, numbers and the like as a developer would write them.
import {
  NumberPrototypeToString, ObjectIs, RegExpPrototypeExec, StringPrototypeCharCodeAt,
  StringPrototypeIncludes, StringPrototypePadStart, StringPrototypeSlice,
  StringPrototypeToUpperCase, SymbolPrototypeToString,
} from '../internal/primordials.js';

const kMostString = 10000;

export function formatNumber(number) {
  return ObjectIs(number, -0) ? '-0' : `${number}`;
}

export function formatPrimitive(value) {
  switch (typeof value) {
    case 'string': return quote(value);
    case 'number': return formatNumber(value);
    case 'bigint': return `${value}n`;
    case 'symbol': return SymbolPrototypeToString(value);
    default: return `${value}`;
  }
}

const kNeedsEscape = /[\x00-\x1f\x7f-\x9f\\'\ud800-\udfff]/;

export function quote(string) {
  let suffix = '';
  if (string.length > kMostString) {
    suffix = `... ${string.length - kMostString} more characters`;
    string = StringPrototypeSlice(string, 0, kMostString);
  }
  if (RegExpPrototypeExec(kNeedsEscape, string) === null) return `'${string}'${suffix}`;
  const mark = quotationMark(string);
  let text = '';
  for (let i = 0; i < string.length; i++) {
    const code = StringPrototypeCharCodeAt(string, i);
    const character = string[i];
    if (character === '\n') text += '\\n';
    else if (character === '\t') text += '\\t';
    else if (character === '\r') text += '\\r';
    else if (character === '\\' || character === mark) text += `\\${character}`;
    else if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) text += `\\x${hex(code, 2)}`;
    else if (code >= 0xd800 && code <= 0xdfff) {
      const next = StringPrototypeCharCodeAt(string, i + 1);
      if (code < 0xdc00 && next >= 0xdc00 && next <= 0xdfff) text += character + string[++i];
      else text += `\\u${hex(code, 4)}`;
    } else text += character;
  }
  return `${mark}${text}${mark}${suffix}`;
}

// The mark that needs no escaping, if there is one.
function quotationMark(string) {
  if (!StringPrototypeIncludes(string, "'")) return "'";
  if (!StringPrototypeIncludes(string, '"')) return '"';
  const template = StringPrototypeIncludes(string, '`') || StringPrototypeIncludes(string, '${');
  return template ? "'" : '`';
}

function hex(number, digits) {
  return StringPrototypePadStart(
      StringPrototypeToUpperCase(NumberPrototypeToString(number, 16)), digits, '0');
}
