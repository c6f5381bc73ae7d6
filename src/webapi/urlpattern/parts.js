// https://urlpattern.spec.whatwg.org/#parsing: the parts of a pattern string.
import { ArrayPrototypePush, TypeError } from '../internal/primordials.js';
import {
  kAsterisk, kChar, kClose, kEnd, kEscapedChar, kName, kOpen, kOtherModifier, kRegExp, tokenize,
} from './tokens.js';
import { isolate } from '../internal/isolate.js';

export const kFixedText = 0, kCustomRegExp = 1, kSegmentWildcard = 2, kFullWildcard = 3;

// Matches what fits between two delimiters.
export const segmentWildcard = ({delimiter}) => `[^${delimiter === '' ? '' : `\\${delimiter}`}]+?`;
export const kAnything = '.*';

// `modifier` is '', '?', '*' or '+'. kFixedText has no name, prefix and suffix, only kCustomRegExp and it have a value.
class Part {
  static {
    isolate(this);
  }

  constructor(type, value, modifier, name, prefix, suffix) {
    this.type = type;
    this.value = value;
    this.modifier = modifier;
    this.name = name;
    this.prefix = prefix;
    this.suffix = suffix;
  }
}

class PatternParser {
  static {
    isolate(this);
  }

  constructor(input, options, encode) {
    this.tokens = tokenize(input, false);
    this.index = 0;
    this.options = options;
    this.encode = encode;
    this.segmentWildcard = segmentWildcard(options);
    this.parts = [];
    this.names = {__proto__: null};
    this.pendingText = '';
    this.nextNumber = 0;
  }

  parse() {
    while (this.index < this.tokens.length) {
      const char = this.take(kChar);
      const name = this.take(kName);
      const matcher = this.takeMatcher(name);
      if (name !== undefined || matcher !== undefined) {
        let prefix = char === undefined ? '' : char.value;
        if (prefix !== '' && prefix !== this.options.prefix) {
          this.pendingText += prefix;
          prefix = '';
        }
        this.addPendingText();
        this.add(prefix, name, matcher, '', this.takeModifier());
        continue;
      }
      const fixed = char ?? this.take(kEscapedChar);
      if (fixed !== undefined) {
        this.pendingText += fixed.value;
        continue;
      }
      if (this.take(kOpen) !== undefined) {
        const prefix = this.takeText();
        const innerName = this.take(kName);
        const innerMatcher = this.takeMatcher(innerName);
        const suffix = this.takeText();
        this.require(kClose);
        this.add(prefix, innerName, innerMatcher, suffix, this.takeModifier());
        continue;
      }
      this.addPendingText();
      this.require(kEnd);
    }
    return this.parts;
  }

  take(type) {
    const token = this.tokens[this.index];
    if (token === undefined || token.type !== type) return undefined;
    this.index++;
    return token;
  }

  takeModifier() { return (this.take(kOtherModifier) ?? this.take(kAsterisk))?.value ?? ''; }

  takeMatcher(name) { return this.take(kRegExp) ?? (name === undefined ? this.take(kAsterisk) : undefined); }

  takeText() {
    let text = '';
    for (;;) {
      const token = this.take(kChar) ?? this.take(kEscapedChar);
      if (token === undefined) return text;
      text += token.value;
    }
  }

  require(type) {
    if (this.take(type) === undefined) throw new TypeError('Invalid URL pattern string: the groups do not fit together.');
  }

  addPendingText() {
    if (this.pendingText === '') return;
    const text = this.encode(this.pendingText);
    this.pendingText = '';
    ArrayPrototypePush(this.parts, new Part(kFixedText, text, '', '', '', ''));
  }

  add(prefix, nameToken, matcher, suffix, modifier) {
    if (nameToken === undefined && matcher === undefined && modifier === '') {
      this.pendingText += prefix;
      return;
    }
    this.addPendingText();
    if (nameToken === undefined && matcher === undefined) {
      if (prefix === '') return;
      ArrayPrototypePush(this.parts, new Part(kFixedText, this.encode(prefix), modifier, '', '', ''));
      return;
    }
    let value = matcher === undefined ? this.segmentWildcard : matcher.type === kAsterisk ? kAnything : matcher.value;
    let type = kCustomRegExp;
    if (value === this.segmentWildcard) type = kSegmentWildcard;
    else if (value === kAnything) type = kFullWildcard;
    if (type !== kCustomRegExp) value = '';
    const name = nameToken === undefined ? `${this.nextNumber++}` : nameToken.value;
    if (name in this.names) throw new TypeError(`Invalid URL pattern string: the name "${name}" occurs twice.`);
    this.names[name] = true;
    ArrayPrototypePush(this.parts, new Part(type, value, modifier, name, this.encode(prefix), this.encode(suffix)));
  }
}

// `options` has delimiter and prefix, each one character or ''. `encode` makes fixed text canonical, or throws.
export function parsePattern(input, options, encode) {
  return new PatternParser(input, options, encode).parse();
}
