// https://urlpattern.spec.whatwg.org/#tokenizing
import {
  ArrayPrototypePush, RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeCodePointAt, StringPrototypeSlice,
  TypeError,
} from '../internal/primordials.js';
import { isolate } from '../internal/isolate.js';

export const kOpen = 0, kClose = 1, kRegExp = 2, kName = 3, kChar = 4, kEscapedChar = 5, kOtherModifier = 6, kAsterisk = 7,
    kEnd = 8, kInvalidChar = 9;

// `index` is where the token begins in the input, in UTF-16 units.
class Token {
  static {
    isolate(this);
  }

  constructor(type, index, value) {
    this.type = type;
    this.index = index;
    this.value = value;
  }
}

const kNameStart = /^[$_\p{ID_Start}]$/u;
const kNamePart = /^[$_\u200c\u200d\p{ID_Continue}]$/u;

// `character` is one code point.
export const isNamePart = (character) => RegExpPrototypeExec(kNamePart, character) !== null;
const isNameStart = (character) => RegExpPrototypeExec(kNameStart, character) !== null;

// The code point at a place of a string, as a string.
export function characterAt(input, index) {
  return StringPrototypeSlice(input, index, index + (StringPrototypeCodePointAt(input, index) > 0xffff ? 2 : 1));
}

const isAscii = (input, index) => StringPrototypeCharCodeAt(input, index) <= 0x7f;

// Where the name that begins at `start` ends.
function endOfName(input, start) {
  let at = start;
  while (at < input.length) {
    const character = characterAt(input, at);
    if (!(at === start ? isNameStart(character) : isNamePart(character))) break;
    at += character.length;
  }
  return at;
}

// Where the regular expression that begins at `start` ends, behind its closing parenthesis; -1 if it is none that is allowed.
function endOfRegExp(input, start) {
  let depth = 1;
  for (let at = start; at < input.length; at++) {
    if (!isAscii(input, at) || (at === start && input[at] === '?')) return -1;
    if (input[at] === '\\') {
      if (at === input.length - 1 || !isAscii(input, at + 1)) return -1;
      at++;
    } else if (input[at] === ')') {
      if (--depth === 0) return at === start ? -1 : at + 1;
    } else if (input[at] === '(') {
      depth++;
      if (input[at + 1] !== '?') return -1;
    }
  }
  return -1;
}

const kSingle = {__proto__: null, '*': kAsterisk, '+': kOtherModifier, '?': kOtherModifier, '{': kOpen, '}': kClose};

// Ends with a kEnd. What is malformed becomes a kInvalidChar if `isLenient`, else a TypeError.
export function tokenize(input, isLenient) {
  const tokens = [];
  let index = 0;
  // The token's value lies between `start` and `end`.
  const add = (type, next, start, end) => {
    ArrayPrototypePush(tokens, new Token(type, index, StringPrototypeSlice(input, start, end)));
    index = next;
  };
  const fail = (next, start) => {
    if (!isLenient) throw new TypeError(`Invalid URL pattern string: unexpected "${characterAt(input, index)}".`);
    add(kInvalidChar, next, start, next);
  };

  while (index < input.length) {
    const character = characterAt(input, index);
    const next = index + character.length;
    const single = kSingle[character];
    if (single !== undefined) {
      add(single, next, index, next);
    } else if (character === '\\') {
      if (next === input.length) {
        fail(next, index);
        continue;
      }
      const end = next + characterAt(input, next).length;
      add(kEscapedChar, end, next, end);
    } else if (character === ':') {
      const end = endOfName(input, next);
      if (end > next) add(kName, end, next, end);
      else fail(next, index);
    } else if (character === '(') {
      const end = endOfRegExp(input, next);
      if (end >= 0) add(kRegExp, end, next, end - 1);
      else fail(next, index);
    } else {
      add(kChar, next, index, next);
    }
  }
  add(kEnd, index, index, index);
  return tokens;
}
