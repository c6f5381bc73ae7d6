// What handlers are given. A token is valid while its handler runs; each handler gets an object of its
// own over the same state.
import {
  ArrayPrototypePush, ArrayPrototypeUnshift, IteratorPrototype,
  ObjectSetPrototypeOf, RegExpPrototypeExec, StringPrototypeIncludes, StringPrototypeToLowerCase,
  SymbolIterator, TypeError,
} from '../internal/primordials.js';
import {
  defineInterface, illegalConstructor, kInternal, requireArguments, toCallback, toDictionary,
  toUSVString,
} from '../internal/webidl.js';
import {bodyStreamOf} from '../fetch/body.js';
import {isResponse} from '../fetch/response.js';
import {isReadableStream} from '../streams/internal.js';

const kNoLongerValid =
    'This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler.';

export class Scope {
  isValid = true;
}

function requireValid(scope) {
  if (!scope.isValid) throw new TypeError(kNoLongerValid);
}

export function parserError(what) { return new TypeError(`Parser error: ${what}`); }

// Text or a stream to be put into the document.
export class Content {
  text;
  stream;
  isHtml;
}

function toContent(value, options, mayStream) {
  const content = new Content();
  content.isHtml = !!toDictionary(options, 'ContentOptions').html;
  if (mayStream && isReadableStream(value)) {
    content.stream = value;
  } else if (mayStream && isResponse(value)) {
    content.stream = bodyStreamOf(value);
    if (content.stream === undefined) content.text = '';
  } else {
    content.text = toUSVString(value);
  }
  return content;
}

// What surrounds or replaces a token.
export class Mutations {
  before = [];
  after = [];
  replacement = [];
  isRemoved = false;
}

const kForbiddenInTagName = /[ \t\n\r\f/>]/;
const kForbiddenInAttributeName = /[ \t\n\r\f/>=]/;
const kLetter = /^[A-Za-z]/;

function checkTagName(name) {
  if (name === '') throw parserError("Tag name can't be empty.");
  if (RegExpPrototypeExec(kLetter, name) === null) {
    throw parserError('The first character of the tag name should be an ASCII alphabetical character.');
  }
  const match = RegExpPrototypeExec(kForbiddenInTagName, name);
  if (match !== null) throw parserError(`\`${match[0]}\` character is forbidden in the tag name`);
}

class AttributesIterator {
  #scope;
  #element;
  #version;
  #next = 0;

  constructor(key, scope, element) {
    if (key !== kInternal) illegalConstructor();
    this.#scope = scope;
    this.#element = element;
    this.#version = element.version;
  }

  next() {
    requireValid(this.#scope);
    if (this.#version !== this.#element.version) {
      throw new TypeError(
          'The attributes of this element have been modified during iteration. ' +
          'You must create a new iterator after modifying attributes.');
    }
    const {attributes} = this.#element;
    if (this.#next >= attributes.length) return {done: true, value: undefined};
    const {name, value} = attributes[this.#next++];
    return {done: false, value: [name, value]};
  }

  [SymbolIterator]() { return this; }
}
ObjectSetPrototypeOf(AttributesIterator.prototype, IteratorPrototype);

export class Element {
  #scope;
  #state;  // ElementState

  constructor(key, scope, state) {
    if (key !== kInternal) illegalConstructor();
    this.#scope = scope;
    this.#state = state;
  }

  #valid() {
    requireValid(this.#scope);
    return this.#state;
  }

  get tagName() { return this.#valid().tagName; }
  set tagName(value) {
    const state = this.#valid();
    const name = toUSVString(value);
    checkTagName(name);
    state.rename(name);
  }

  get attributes() { return new AttributesIterator(kInternal, this.#scope, this.#valid()); }
  get removed() { return this.#valid().mutations.isRemoved; }
  get namespaceURI() { return this.#valid().namespace; }

  getAttribute(name) {
    const state = this.#valid();
    requireArguments(arguments.length, 1, 'Element.getAttribute');
    return state.attributeValue(StringPrototypeToLowerCase(toUSVString(name))) ?? null;
  }

  hasAttribute(name) {
    const state = this.#valid();
    requireArguments(arguments.length, 1, 'Element.hasAttribute');
    return state.attributeValue(StringPrototypeToLowerCase(toUSVString(name))) !== undefined;
  }

  setAttribute(name, value) {
    const state = this.#valid();
    requireArguments(arguments.length, 2, 'Element.setAttribute');
    name = StringPrototypeToLowerCase(toUSVString(name));
    value = toUSVString(value);
    if (name === '') throw parserError("Attribute name can't be empty.");
    const match = RegExpPrototypeExec(kForbiddenInAttributeName, name);
    if (match !== null) {
      throw parserError(`\`${match[0]}\` character is forbidden in the attribute name`);
    }
    state.setAttribute(name, value);
    return this;
  }

  removeAttribute(name) {
    const state = this.#valid();
    requireArguments(arguments.length, 1, 'Element.removeAttribute');
    state.removeAttribute(StringPrototypeToLowerCase(toUSVString(name)));
    return this;
  }

  before(content, options = undefined) {
    ArrayPrototypePush(this.#valid().mutations.before, toContent(content, options, true));
    return this;
  }

  after(content, options = undefined) {
    ArrayPrototypeUnshift(this.#valid().after, toContent(content, options, true));
    return this;
  }

  prepend(content, options = undefined) {
    const state = this.#valid();
    const made = toContent(content, options, true);
    if (state.hasContent) ArrayPrototypeUnshift(state.prepended, made);
    return this;
  }

  append(content, options = undefined) {
    const state = this.#valid();
    const made = toContent(content, options, true);
    if (state.hasContent) ArrayPrototypePush(state.appended, made);
    return this;
  }

  replace(content, options = undefined) {
    const state = this.#valid();
    const made = toContent(content, options, true);
    state.remove();
    state.mutations.replacement = [made];
    return this;
  }

  remove() {
    this.#valid().remove();
    return this;
  }

  removeAndKeepContent() {
    this.#valid().removeTags();
    return this;
  }

  setInnerContent(content, options = undefined) {
    const state = this.#valid();
    const made = toContent(content, options, true);
    if (!state.hasContent) return this;
    state.removesContent = true;
    state.prepended = [made];
    state.appended = [];
    return this;
  }

  onEndTag(handler) {
    const state = this.#valid();
    requireArguments(arguments.length, 1, 'Element.onEndTag');
    toCallback(handler, 'Element.onEndTag: the argument');
    if (!state.hasContent) throw parserError('No end tag.');
    ArrayPrototypePush(state.endTagHandlers, handler);
  }
}
defineInterface(Element, 'Element');

// The methods that tokens without content have in common. `state` has `mutations`.
function makeClass(mayStream) {
  return class {
    #scope;
    #state;

    constructor(key, scope, state) {
      if (key !== kInternal) illegalConstructor();
      this.#scope = scope;
      this.#state = state;
    }

    before(content, options = undefined) {
      requireValid(this.#scope);
      ArrayPrototypePush(this.#state.mutations.before, toContent(content, options, mayStream));
      return this;
    }

    after(content, options = undefined) {
      requireValid(this.#scope);
      ArrayPrototypeUnshift(this.#state.mutations.after, toContent(content, options, mayStream));
      return this;
    }

    remove() {
      requireValid(this.#scope);
      this.#state.mutations.isRemoved = true;
      this.#state.mutations.replacement = [];
      return this;
    }
  };
}

const StreamingBase = makeClass(true);
const PlainBase = makeClass(false);

export class EndTag extends StreamingBase {
  #scope;
  #state;

  constructor(key, scope, state) {
    super(key, scope, state);
    this.#scope = scope;
    this.#state = state;
  }

  get name() {
    requireValid(this.#scope);
    return this.#state.name;
  }

  set name(value) {
    requireValid(this.#scope);
    const name = toUSVString(value);
    checkTagName(name);
    this.#state.rename(name);
  }
}
defineInterface(EndTag, 'EndTag');

export class Comment extends PlainBase {
  #scope;
  #state;

  constructor(key, scope, state) {
    super(key, scope, state);
    this.#scope = scope;
    this.#state = state;
  }

  get text() {
    requireValid(this.#scope);
    return this.#state.text;
  }

  set text(value) {
    requireValid(this.#scope);
    const text = toUSVString(value);
    if (StringPrototypeIncludes(text, '-->')) {
      throw parserError("Comment text shouldn't contain a comment-closing sequence.");
    }
    this.#state.text = text;
    this.#state.isChanged = true;
  }

  get removed() {
    requireValid(this.#scope);
    return this.#state.mutations.isRemoved;
  }

  replace(content, options = undefined) {
    requireValid(this.#scope);
    this.#state.mutations.replacement = [toContent(content, options, false)];
    this.#state.mutations.isRemoved = true;
    return this;
  }
}
defineInterface(Comment, 'Comment');

export class Text extends StreamingBase {
  #scope;
  #state;

  constructor(key, scope, state) {
    super(key, scope, state);
    this.#scope = scope;
    this.#state = state;
  }

  get text() {
    requireValid(this.#scope);
    return this.#state.text;
  }

  get lastInTextNode() {
    requireValid(this.#scope);
    return this.#state.isLast;
  }

  get removed() {
    requireValid(this.#scope);
    return this.#state.mutations.isRemoved;
  }

  replace(content, options = undefined) {
    requireValid(this.#scope);
    this.#state.mutations.replacement = [toContent(content, options, true)];
    this.#state.mutations.isRemoved = true;
    return this;
  }
}
defineInterface(Text, 'Text');

export class Doctype {
  #scope;
  #state;

  constructor(key, scope, state) {
    if (key !== kInternal) illegalConstructor();
    this.#scope = scope;
    this.#state = state;
  }

  #valid() {
    requireValid(this.#scope);
    return this.#state;
  }

  get name() { return this.#valid().name; }
  get publicId() { return this.#valid().publicId; }
  get systemId() { return this.#valid().systemId; }
}
defineInterface(Doctype, 'Doctype');

export class DocumentEnd {
  #scope;
  #appended;

  constructor(key, scope, appended) {
    if (key !== kInternal) illegalConstructor();
    this.#scope = scope;
    this.#appended = appended;
  }

  append(content, options = undefined) {
    requireValid(this.#scope);
    ArrayPrototypePush(this.#appended, toContent(content, options, false));
    return this;
  }
}
defineInterface(DocumentEnd, 'DocumentEnd');
