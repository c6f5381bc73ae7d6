// Values such as `form-data; name="a"` and `multipart/form-data; boundary=x`, and
// https://mimesniff.spec.whatwg.org/#serializing-a-mime-type
import {
  ObjectCreate, ObjectKeys, RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeIndexOf,
  StringPrototypeReplaceAll, StringPrototypeSlice, StringPrototypeToLowerCase, StringPrototypeTrim,
} from './primordials.js';

const kQuote = 34;
const kBackslash = 92;

let end;  // behind the string that readQuoted() has read

// `start` is behind the opening quote. undefined if there is no closing one, unless that is allowed.
function readQuoted(value, start, mayEndOpen = false) {
  let text = '';
  let from = start;
  for (let i = start; i < value.length; i++) {
    const code = StringPrototypeCharCodeAt(value, i);
    if (code === kQuote) {
      end = i + 1;
      return text + StringPrototypeSlice(value, from, i);
    }
    if (code === kBackslash) {
      text += StringPrototypeSlice(value, from, i);
      from = ++i;
    }
  }
  end = value.length;
  return mayEndOpen ? text + StringPrototypeSlice(value, from) : undefined;
}

// An object without prototype: `essence` in lower case, and each parameter under its lower-case
// name (the first of a name wins). Parameters without a value, and those that end within a quoted
// string, are left out.
export function parseParameters(value) {
  const result = ObjectCreate(null);
  const {length} = value;
  const next = (character, from) => {
    const found = StringPrototypeIndexOf(value, character, from);
    return found < 0 ? length : found;
  };
  let position = next(';', 0);
  result.essence =
      StringPrototypeToLowerCase(StringPrototypeTrim(StringPrototypeSlice(value, 0, position)));
  while (position < length) {
    const start = position + 1;
    const equals = next('=', start);
    position = next(';', start);
    if (equals >= position) continue;
    const name =
        StringPrototypeToLowerCase(StringPrototypeTrim(StringPrototypeSlice(value, start, equals)));
    let text;
    if (StringPrototypeCharCodeAt(value, equals + 1) === kQuote) {
      text = readQuoted(value, equals + 2);
      position = next(';', end);
    } else {
      text = StringPrototypeTrim(StringPrototypeSlice(value, equals + 1, position));
    }
    if (name !== 'essence' && text !== undefined && result[name] === undefined) result[name] = text;
  }
  return result;
}

const isBlank = (character) =>
    character === ' ' || character === '\t' || character === '\n' || character === '\r';

function sliceWithoutBlanksBefore(value, start, end) {
  while (start < end && isBlank(value[start])) start++;
  return StringPrototypeSlice(value, start, end);
}

function sliceWithoutBlanksAfter(value, start, end) {
  while (end > start && isBlank(value[end - 1])) end--;
  return StringPrototypeSlice(value, start, end);
}

const kQuotable = /^[\t\x20-\x7e\x80-\xff]*$/;

// The same with the standard's opinion of blanks, of what ends a parameter and of what may be one.
function parseStrictly(value) {
  const result = ObjectCreate(null);
  const {length} = value;
  const next = (from, other) => {
    let at = from;
    while (at < length && value[at] !== ';' && value[at] !== other) at++;
    return at;
  };
  let position = next(0);
  result.essence = StringPrototypeToLowerCase(sliceWithoutBlanksAfter(value, 0, position));
  while (position < length) {
    const equals = next(position + 1, '=');
    const name = StringPrototypeToLowerCase(sliceWithoutBlanksBefore(value, position + 1, equals));
    position = equals;
    if (value[equals] !== '=') continue;
    let text;
    if (StringPrototypeCharCodeAt(value, equals + 1) === kQuote) {
      text = readQuoted(value, equals + 2, true);
      position = next(end);
    } else {
      position = next(equals + 1);
      text = sliceWithoutBlanksAfter(value, equals + 1, position);
      if (text === '') continue;
    }
    if (name !== 'essence' && RegExpPrototypeExec(kToken, name) !== null &&
        RegExpPrototypeExec(kQuotable, text) !== null && result[name] === undefined) {
      result[name] = text;
    }
  }
  return result;
}

const kType = /^[!#$%&'*+\-.^_`|~0-9a-z]+\/[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const kToken = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

// A MIME type in its canonical form, read to the letter of
// https://mimesniff.spec.whatwg.org/#parsing-a-mime-type; undefined if it is none.
export function canonicalMimeType(text) {
  const type = parseStrictly(StringPrototypeTrim(text));
  if (RegExpPrototypeExec(kType, type.essence) === null) return undefined;
  let result = type.essence;
  const names = ObjectKeys(type);
  for (let i = 0; i < names.length; i++) {
    if (names[i] === 'essence') continue;
    const value = type[names[i]];
    result += `;${names[i]}=`;
    result += RegExpPrototypeExec(kToken, value) !== null ?
        value :
        `"${
            StringPrototypeReplaceAll(StringPrototypeReplaceAll(value, '\\', '\\\\'), '"',
                                      '\\"')}"`;
  }
  return result;
}
