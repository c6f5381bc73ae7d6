// Constants in Cap'n Proto's text syntax, as far as the configurations of workerd's tests use it: read without a schema into
// plain values, changed, and printed back. Strings, arrays and objects stand for text, lists and structs.

export class Embed {
  constructor(path) { this.path = path; }
}

// What stands in the text as it is: numbers, true, enumerants, data literals.
export class Word {
  constructor(text) { this.text = text; }
}

class Reference {
  constructor(name) { this.name = name; }
}

const kToken = /\s+|#[^\n]*|(?<block>`[^\n]*)|(?<data>0x"[^"]*")|(?<string>"(?:[^"\\]|\\[^])*")|(?<word>[-\w.@$]+)|(?<mark>[^\s])/gy;
const kEscapes = { n: '\n', t: '\t', r: '\r', 0: '\0' };

const unquote = (token) => token.slice(1, -1).replace(/\\(?:x([0-9a-fA-F]{2})|([^]))/g, (_, hex, char) =>
  (hex ? String.fromCharCode(parseInt(hex, 16)) : kEscapes[char] ?? char));

function tokensOf(text) {
  const tokens = [];
  for (const { groups, index } of text.matchAll(kToken)) {
    const kind = Object.keys(groups).find((name) => groups[name] !== undefined);
    if (kind) tokens.push({ kind, text: groups[kind], index });
  }
  return tokens;
}

class Reader {
  #tokens;
  #next = 0;

  constructor(text) { this.#tokens = tokensOf(text); }

  get done() { return this.#next === this.#tokens.length; }
  peek() { return this.#tokens[this.#next] ?? { kind: 'end', text: '' }; }
  take() { return this.#tokens[this.#next++] ?? { kind: 'end', text: '' }; }
  takeIf(text) { return this.peek().text === text && this.peek().kind !== 'string' && Boolean(this.take()); }

  expect(text) {
    const token = this.take();
    if (token.text !== text) throw new Error(`"${text}" expected, not "${token.text}" (offset ${token.index})`);
  }

  skipPast(text) {
    while (!this.done && !this.takeIf(text)) this.take();
  }

  // Adjacent strings are one.
  #string(first) {
    let value = unquote(first);
    while (this.peek().kind === 'string') value += unquote(this.take().text);
    return value;
  }

  #list(end, element) {
    const values = [];
    while (!this.takeIf(end)) {
      values.push(element());
      if (!this.takeIf(',') && this.peek().text !== end) throw new Error(`"${end}" expected (offset ${this.peek().index})`);
    }
    return values;
  }

  value() {
    const token = this.take();
    switch (token.kind) {
      case 'string': return this.#string(token.text);
      case 'data': return new Word(token.text);
      case 'block': {
        const lines = [token.text.slice(1)];
        while (this.peek().kind === 'block') lines.push(this.take().text.slice(1));
        return `${lines.join('\n')}\n`;
      }
      case 'word':
        if (token.text === 'embed') return new Embed(this.#string(this.take().text));
        if (token.text.startsWith('.')) return new Reference(token.text.slice(1));
        return new Word(token.text);
      default:
        if (token.text === '[') return this.#list(']', () => this.value());
        if (token.text === '(') {
          return Object.fromEntries(this.#list(')', () => {
            const name = this.take().text;
            this.expect('=');
            return [name, this.value()];
          }));
        }
        throw new Error(`a value expected, not "${token.text}" (offset ${token.index})`);
    }
  }
}

function resolved(value, constants, depth = 0) {
  if (depth > 40) throw new Error('constants refer to each other in a circle');
  const name = value instanceof Reference ? value.name : value instanceof Word ? value.text : undefined;
  if (name !== undefined) return constants.has(name) ? resolved(constants.get(name), constants, depth + 1) : value;
  if (Array.isArray(value)) return value.map((one) => resolved(one, constants, depth));
  if (typeof value === 'string' || value instanceof Embed) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolved(one, constants, depth)]));
}

// The constant of the type Config, with what it refers to put in.
export function readConfig(text) {
  const reader = new Reader(text);
  const constants = new Map();
  let config;
  while (!reader.done) {
    if (reader.take().text !== 'const') {
      reader.skipPast(';');
      continue;
    }
    const name = reader.take().text;
    reader.expect(':');
    const type = reader.take().text;
    reader.skipPast('=');
    const value = reader.value();
    reader.takeIf(';');
    constants.set(name, value);
    if (/(^|\.)Config$/.test(type)) config = value;
  }
  if (!config) throw new Error('no constant of type Config');
  return resolved(config, constants);
}

export function print(value) {
  if (typeof value === 'string') return JSON.stringify(value).replace(/\\u00([0-9a-f]{2})/g, '\\x$1');
  if (value instanceof Word) return value.text;
  if (value instanceof Reference) return `.${value.name}`;
  if (value instanceof Embed) return `embed ${print(value.path)}`;
  if (Array.isArray(value)) return `[${value.map(print).join(',\n')}]`;
  return `(${Object.entries(value).map(([name, one]) => `${name} = ${print(one)}`).join(', ')})`;
}
