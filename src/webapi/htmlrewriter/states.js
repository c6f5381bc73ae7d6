// The state of a token while handlers look at it and change it, and how it is written.
import {
  ArrayPrototypePush, ArrayPrototypeSplice, RegExpPrototypeExec, StringPrototypeReplaceAll,
  StringPrototypeToLowerCase,
} from '../internal/primordials.js';
import {Mutations} from './tokens.js';

class Attribute {
  name;
  value;
  raw;  // as it stands in the document; undefined once it was set
}

export class ElementState {
  name;       // as it was written, in lower case: what selectors see
  namespace;
  hasContent;
  token;
  index = 0;        // among its siblings, from 1; only if some selector asks
  indexOfType = 0;
  mutations = new Mutations();
  after = [];
  prepended = [];
  appended = [];
  endTagHandlers = [];
  removesContent = false;
  removesEndTag = false;
  version = 0;  // of the attributes
  newName = undefined;
  #attributes;
  #decode;
  #isChanged = false;

  constructor(token, namespace, hasContent, decode) {
    this.token = token;
    this.name = token.name;
    this.namespace = namespace;
    this.hasContent = hasContent;
    this.#decode = decode;
  }

  get tagName() { return this.newName ?? this.name; }

  rename(name) {
    this.newName = name;
    this.#isChanged = true;
  }

  get attributes() {
    if (this.#attributes !== undefined) return this.#attributes;
    const attributes = this.#attributes = [];
    const {bytes, spans} = this.token;
    for (let i = 0; i < spans.length; i += 5) {
      const attribute = new Attribute();
      attribute.name = StringPrototypeToLowerCase(this.#decode(bytes, spans[i], spans[i + 1]));
      attribute.value = this.#decode(bytes, spans[i + 2], spans[i + 3]);
      attribute.raw = this.#decode(bytes, spans[i], spans[i + 4]);
      ArrayPrototypePush(attributes, attribute);
    }
    return attributes;
  }

  // The first of that name counts.
  attributeValue(name) {
    const {attributes} = this;
    for (let i = 0; i < attributes.length; i++) {
      if (attributes[i].name === name) return attributes[i].value;
    }
    return undefined;
  }

  setAttribute(name, value) {
    const {attributes} = this;
    this.#isChanged = true;
    this.version++;
    for (let i = 0; i < attributes.length; i++) {
      if (attributes[i].name !== name) continue;
      attributes[i].value = value;
      attributes[i].raw = undefined;
      return;
    }
    const attribute = new Attribute();
    attribute.name = name;
    attribute.value = value;
    ArrayPrototypePush(attributes, attribute);
  }

  removeAttribute(name) {
    const {attributes} = this;
    for (let i = 0; i < attributes.length; i++) {
      if (attributes[i].name !== name) continue;
      ArrayPrototypeSplice(attributes, i, 1);
      this.#isChanged = true;
      this.version++;
      return;
    }
  }

  removeTags() {
    this.mutations.isRemoved = true;
    this.mutations.replacement = [];
    this.removesEndTag = true;
  }

  remove() {
    this.removeTags();
    this.removesContent = this.hasContent;
    this.prepended = [];
    this.appended = [];
  }

  // The start tag as text, or undefined if it is as it was.
  changedTag() {
    if (!this.#isChanged) return undefined;
    const {attributes} = this;
    let text = `<${this.tagName}`;
    for (let i = 0; i < attributes.length; i++) {
      const {name, value, raw} = attributes[i];
      text += raw === undefined ? ` ${name}="${StringPrototypeReplaceAll(value, '"', '&quot;')}"` :
                                  ` ${raw}`;
    }
    return text + (this.token.isSelfClosing ? ' />' : '>');
  }

  // Lets go of the memory of the input; what selectors may ask for later stays.
  detach() {
    if (this.token.spans.length !== 0) this.attributes;
    this.token = undefined;
  }
}

export class EndTagState {
  name;
  mutations = new Mutations();
  isChanged = false;

  constructor(name, isChanged) {
    this.name = name;
    this.isChanged = isChanged;
  }

  rename(name) {
    this.name = name;
    this.isChanged = true;
  }
}

// Of text and comments.
export class TextState {
  text;
  isLast;
  isChanged = false;
  mutations = new Mutations();

  constructor(text, isLast) {
    this.text = text;
    this.isLast = isLast;
  }
}

const kDoctype =
    /^<!doctype\s*([^\s>]+)?\s*(?:public\s*(?:"([^">]*)"|'([^'>]*)')\s*(?:"([^">]*)"|'([^'>]*)')?|system\s*(?:"([^">]*)"|'([^'>]*)'))?/i;

export class DoctypeState {
  name = null;
  publicId = null;
  systemId = null;

  constructor(text) {
    const match = RegExpPrototypeExec(kDoctype, text);
    if (match === null) return;
    if (match[1] !== undefined) this.name = StringPrototypeToLowerCase(match[1]);
    this.publicId = match[2] ?? match[3] ?? null;
    this.systemId = match[4] ?? match[5] ?? match[6] ?? match[7] ?? null;
  }
}
