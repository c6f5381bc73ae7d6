// A component of a URL pattern: https://urlpattern.spec.whatwg.org/#compile-a-component
import {
  ArrayPrototypePush, ObjectDefineProperty, RegExp, RegExpPrototypeExec, StringPrototypeIndexOf, TypeError,
} from '../internal/primordials.js';
import {
  kAnything, kCustomRegExp, kFixedText, kFullWildcard, kSegmentWildcard, parsePattern, segmentWildcard,
} from './parts.js';
import { characterAt, isNamePart } from './tokens.js';
import { isolate } from '../internal/isolate.js';

function escape(text, special) {
  let result = '';
  for (let i = 0; i < text.length; i++) {
    result += StringPrototypeIndexOf(special, text[i]) >= 0 ? `\\${text[i]}` : text[i];
  }
  return result;
}

const escapeForRegExp = (text) => escape(text, '.+*?^${}()[]|/\\');
export const escapeForPattern = (text) => escape(text, '+*?:{}()\\');

function regExpOfPart(part, options) {
  const {modifier} = part;
  if (part.type === kFixedText) {
    const text = escapeForRegExp(part.value);
    return modifier === '' ? text : `(?:${text})${modifier}`;
  }
  const matcher = part.type === kSegmentWildcard ? segmentWildcard(options) : part.type === kFullWildcard ? kAnything : part.value;
  const repeats = modifier === '*' || modifier === '+';
  if (part.prefix === '' && part.suffix === '') {
    return repeats ? `((?:${matcher})${modifier})` : `(${matcher})${modifier}`;
  }
  const prefix = escapeForRegExp(part.prefix);
  const suffix = escapeForRegExp(part.suffix);
  if (!repeats) return `(?:${prefix}(${matcher})${suffix})${modifier}`;
  return `(?:${prefix}((?:${matcher})(?:${suffix}${prefix}(?:${matcher}))*)${suffix})${modifier === '*' ? '?' : ''}`;
}

const startsWithDigit = (text) => text[0] >= '0' && text[0] <= '9';
const startsAsName = (text) => text !== '' && isNamePart(characterAt(text, 0));

// Whether braces must keep a part apart from its neighbours.
function needsGrouping(part, previous, next, options) {
  if (part.suffix !== '' || (part.prefix !== '' && part.prefix !== options.prefix)) return true;
  if (!startsWithDigit(part.name) && part.type === kSegmentWildcard && part.modifier === '' &&
      next !== undefined && next.prefix === '' && next.suffix === '') {
    if (next.type === kFixedText ? startsAsName(next.value) : startsWithDigit(next.name)) return true;
  }
  return part.prefix === '' && previous !== undefined && previous.type === kFixedText && options.prefix !== '' &&
      previous.value[previous.value.length - 1] === options.prefix;
}

function patternOfPart(part, previous, next, options) {
  if (part.type === kFixedText) {
    const text = escapeForPattern(part.value);
    return part.modifier === '' ? text : `{${text}}${part.modifier}`;
  }
  const hasName = !startsWithDigit(part.name);
  const isGroup = needsGrouping(part, previous, next, options);
  let result = `${isGroup ? '{' : ''}${escapeForPattern(part.prefix)}${hasName ? `:${part.name}` : ''}`;
  if (part.type === kCustomRegExp) {
    result += `(${part.value})`;
  } else if (part.type === kSegmentWildcard && !hasName) {
    result += `(${segmentWildcard(options)})`;
  } else if (part.type === kFullWildcard) {
    const standsAlone = previous === undefined || previous.type === kFixedText || previous.modifier !== '' || isGroup ||
        part.prefix !== '';
    result += !hasName && standsAlone ? '*' : `(${kAnything})`;
  }
  if (part.type === kSegmentWildcard && hasName && startsAsName(part.suffix)) result += '\\';
  return `${result}${escapeForPattern(part.suffix)}${isGroup ? '}' : ''}${part.modifier}`;
}

export class Component {
  static {
    isolate(this);
  }

  // Throws a TypeError if the pattern is malformed.
  constructor(input, options, encode) {
    const parts = parsePattern(input, options, encode);
    let source = '^';
    this.pattern = '';
    this.names = [];
    this.hasRegExpGroups = false;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i];
      source += regExpOfPart(part, options);
      this.pattern += patternOfPart(part, parts[i - 1], parts[i + 1], options);
      if (part.type !== kFixedText) ArrayPrototypePush(this.names, part.name);
      if (part.type === kCustomRegExp) this.hasRegExpGroups = true;
    }
    try {
      this.regExp = new RegExp(`${source}$`, options.ignoresCase ? 'vi' : 'v');
    } catch {
      throw new TypeError('Invalid URL pattern string: it holds an invalid regular expression.');
    }
  }

  // What the groups matched, or null.
  exec(input) { return RegExpPrototypeExec(this.regExp, input); }

  // The URLPatternComponentResult for what exec() returned.
  result(input, match) {
    const groups = {};
    for (let i = 0; i < this.names.length; i++) {
      ObjectDefineProperty(groups, this.names[i], {
        __proto__: null, value: match[i + 1], writable: true, enumerable: true, configurable: true,
      });
    }
    return {input, groups};
  }
}

const kSpecialSchemes = ['http', 'https', 'ws', 'wss', 'ftp', 'file'];

export function matchesSpecialScheme(protocol) {
  for (let i = 0; i < kSpecialSchemes.length; i++) {
    if (protocol.exec(kSpecialSchemes[i]) !== null) return true;
  }
  return false;
}

export function isSpecialScheme(scheme) {
  for (let i = 0; i < kSpecialSchemes.length; i++) {
    if (kSpecialSchemes[i] === scheme) return true;
  }
  return false;
}
