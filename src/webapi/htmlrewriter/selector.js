// The selectors of HTMLRewriter: https://www.w3.org/TR/selectors-4 as far as the open elements alone can
// tell. Matching never looks at what follows.
import {
  ArrayPrototypeIncludes, ArrayPrototypePush, Number, RegExpPrototypeExec, StringPrototypeEndsWith,
  StringPrototypeIncludes, StringPrototypeSlice, StringPrototypeStartsWith,
  StringPrototypeToLowerCase, TypeError,
} from '../internal/primordials.js';

const kMaxCompounds = 64;
const kName = /^(?:[\w\-\u0080-\uffff]|\\[^\n0-9a-fA-F])+/;
const kSpaces = /^[ \t\n\r\f]+/;
const kAttribute =
    /^\[\s*((?:[\w\-:\u0080-\uffff]|\\.)+)\s*(?:([~|^$*]?=)\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s\]"'=]+))\s*([iIsS]?)\s*)?\]/;
const kNth = /^\(\s*(?:(even)|(odd)|([+-]?\d*)n(?:\s*([+-])\s*(\d+))?|([+-]?\d+))\s*\)/i;
const kPseudo = /^:([\w-]+)/;

function fail(what) { throw new TypeError(`Parser error: ${what}`); }

function unescape(text) {
  if (!StringPrototypeIncludes(text, '\\')) return text;
  let plain = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\' && i + 1 < text.length) i++;
    plain += text[i];
  }
  return plain;
}

class Attribute {
  name;
  operator;  // undefined: it only has to be there
  value;
  ignoresCase;
}

class Nth {
  step;
  offset;
  ofType;
}

// What one element has to be.
class Compound {
  tag;
  attributes = [];
  nths = [];
  nots = [];              // Compounds that it must not be
  isChild = false;        // of what the compound before matches; else any descendant
}

class Parser {
  #rest;
  usesPositions = false;

  constructor(text) { this.#rest = text; }

  #take(pattern) {
    const match = RegExpPrototypeExec(pattern, this.#rest);
    if (match !== null) this.#rest = StringPrototypeSlice(this.#rest, match[0].length);
    return match;
  }

  #takeCharacter(character) {
    if (this.#rest[0] !== character) return false;
    this.#rest = StringPrototypeSlice(this.#rest, 1);
    return true;
  }

  // A list of alternatives, each a list of compounds, the outermost first.
  list() {
    const alternatives = [];
    do {
      this.#take(kSpaces);
      if (this.#rest === '') fail('The selector is empty.');
      ArrayPrototypePush(alternatives, this.#complex());
    } while (this.#takeCharacter(','));
    return alternatives;
  }

  #complex() {
    const compounds = [];
    let isChild = false;
    for (;;) {
      const compound = this.#compound();
      compound.isChild = isChild;
      ArrayPrototypePush(compounds, compound);
      if (compounds.length > kMaxCompounds) fail('The selector is too long.');
      const hasSpace = this.#take(kSpaces) !== null;
      if (this.#rest === '' || this.#rest[0] === ',') return compounds;
      isChild = this.#takeCharacter('>');
      if (isChild) this.#take(kSpaces);
      else if (this.#rest[0] === '+' || this.#rest[0] === '~') fail(`Unsupported combinator \`${this.#rest[0]}\` in selector.`);
      else if (!hasSpace) fail('Unexpected token in selector.');
      if (this.#rest === '') fail('Dangling combinator in selector.');
    }
  }

  #compound() {
    const compound = new Compound();
    const {length} = this.#rest;
    if (!this.#takeCharacter('*')) {
      const name = this.#take(kName);
      if (name !== null) compound.tag = StringPrototypeToLowerCase(unescape(name[0]));
    }
    while (this.#part(compound)) continue;
    if (this.#rest.length === length) fail('Unexpected token in selector.');
    return compound;
  }

  #part(compound) {
    switch (this.#rest[0]) {
      case '.': this.#shorthand(compound, 'class', '~='); return true;
      case '#': this.#shorthand(compound, 'id', '='); return true;
      case '[': this.#attribute(compound); return true;
      case ':': this.#pseudo(compound); return true;
    }
    return false;
  }

  #shorthand(compound, name, operator) {
    this.#rest = StringPrototypeSlice(this.#rest, 1);
    const value = this.#take(kName);
    if (value === null) fail('Unexpected token in selector.');
    const attribute = new Attribute();
    attribute.name = name;
    attribute.operator = operator;
    attribute.value = unescape(value[0]);
    attribute.ignoresCase = false;
    ArrayPrototypePush(compound.attributes, attribute);
  }

  #attribute(compound) {
    const match = this.#take(kAttribute);
    if (match === null) fail('Unexpected token in the attribute selector.');
    const attribute = new Attribute();
    attribute.name = StringPrototypeToLowerCase(unescape(match[1]));
    attribute.operator = match[2];
    attribute.value = unescape(match[3] ?? match[4] ?? match[5] ?? '');
    attribute.ignoresCase = match[6] === 'i' || match[6] === 'I';
    if (attribute.ignoresCase) attribute.value = StringPrototypeToLowerCase(attribute.value);
    ArrayPrototypePush(compound.attributes, attribute);
  }

  #pseudo(compound) {
    const match = this.#take(kPseudo);
    const name = match === null ? '' : StringPrototypeToLowerCase(match[1]);
    switch (name) {
      case 'first-child':
      case 'first-of-type': this.#addNth(compound, 0, 1, name === 'first-of-type'); return;
      case 'nth-child':
      case 'nth-of-type': this.#nth(compound, name === 'nth-of-type'); return;
      case 'not': this.#not(compound); return;
    }
    fail('Unsupported pseudo-class or pseudo-element in selector.');
  }

  #nth(compound, ofType) {
    const match = this.#take(kNth);
    if (match === null) fail('Unexpected token in selector.');
    if (match[1] !== undefined) return this.#addNth(compound, 2, 0, ofType);
    if (match[2] !== undefined) return this.#addNth(compound, 2, 1, ofType);
    if (match[6] !== undefined) return this.#addNth(compound, 0, Number(match[6]), ofType);
    const step = match[3] === '' || match[3] === '+' ? 1 : match[3] === '-' ? -1 : Number(match[3]);
    const offset = match[5] === undefined ? 0 : Number(match[4] + match[5]);
    this.#addNth(compound, step, offset, ofType);
  }

  #addNth(compound, step, offset, ofType) {
    const nth = new Nth();
    nth.step = step;
    nth.offset = offset;
    nth.ofType = ofType;
    this.usesPositions = true;
    ArrayPrototypePush(compound.nths, nth);
  }

  #not(compound) {
    if (!this.#takeCharacter('(')) fail('Unexpected token in selector.');
    do {
      this.#take(kSpaces);
      const inner = this.#compound();
      if (inner.nots.length !== 0) fail('Nested negation in selector.');
      ArrayPrototypePush(compound.nots, inner);
      this.#take(kSpaces);
    } while (this.#takeCharacter(','));
    if (!this.#takeCharacter(')')) fail('Unexpected token in selector.');
  }
}

const kWhitespace = /[ \t\n\r\f]+/;

function matchesAttribute(wanted, element) {
  let value = element.attributeValue(wanted.name);
  if (value === undefined) return false;
  if (wanted.operator === undefined) return true;
  if (wanted.ignoresCase) value = StringPrototypeToLowerCase(value);
  const part = wanted.value;
  switch (wanted.operator) {
    case '=': return value === part;
    case '~=': return part !== '' && ArrayPrototypeIncludes(splitWords(value), part);
    case '^=': return part !== '' && StringPrototypeStartsWith(value, part);
    case '$=': return part !== '' && StringPrototypeEndsWith(value, part);
    case '*=': return part !== '' && StringPrototypeIncludes(value, part);
    default: return value === part || StringPrototypeStartsWith(value, `${part}-`);
  }
}

function splitWords(text) {
  const words = [];
  for (;;) {
    const match = RegExpPrototypeExec(kWhitespace, text);
    if (match === null) break;
    ArrayPrototypePush(words, StringPrototypeSlice(text, 0, match.index));
    text = StringPrototypeSlice(text, match.index + match[0].length);
  }
  ArrayPrototypePush(words, text);
  return words;
}

function matchesNth({step, offset, ofType}, element) {
  const distance = (ofType ? element.indexOfType : element.index) - offset;
  return step === 0 ? distance === 0 : distance % step === 0 && distance / step >= 0;
}

function matchesCompound(compound, element) {
  if (compound.tag !== undefined && compound.tag !== element.name) return false;
  const {attributes, nths, nots} = compound;
  for (let i = 0; i < attributes.length; i++) {
    if (!matchesAttribute(attributes[i], element)) return false;
  }
  for (let i = 0; i < nths.length; i++) {
    if (!matchesNth(nths[i], element)) return false;
  }
  for (let i = 0; i < nots.length; i++) {
    if (matchesCompound(nots[i], element)) return false;
  }
  return true;
}

// Whether `element`, within `ancestors` up to `depth` of them, is what compounds 0…index describe.
function matchesComplex(compounds, index, element, ancestors, depth) {
  const compound = compounds[index];
  if (!matchesCompound(compound, element)) return false;
  if (index === 0) return true;
  for (let i = depth - 1; i >= 0; i--) {
    if (matchesComplex(compounds, index - 1, ancestors[i], ancestors, i)) return true;
    if (compound.isChild) return false;
  }
  return false;
}

export class Selector {
  #alternatives;
  usesPositions;

  constructor(text) {
    const parser = new Parser(text);
    this.#alternatives = parser.list();
    this.usesPositions = parser.usesPositions;
  }

  // Elements have name, attributeValue(name), and index and indexOfType counted from 1.
  matches(element, ancestors) {
    const alternatives = this.#alternatives;
    for (let i = 0; i < alternatives.length; i++) {
      const compounds = alternatives[i];
      if (matchesComplex(compounds, compounds.length - 1, element, ancestors, ancestors.length)) {
        return true;
      }
    }
    return false;
  }
}
