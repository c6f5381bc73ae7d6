// Runs the handlers of one document over its tokens, and gives what comes out.
import {
  ArrayPrototypePush, FunctionPrototypeCall, ObjectCreate, StringPrototypeCharCodeAt,
  StringPrototypeReplaceAll, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeSlice,
} from '../internal/primordials.js';
import {kInternal} from '../internal/webidl.js';
import {encodeUtf8} from '../internal/utf8.js';
import {readAllBytes} from '../streams/internal.js';
import {DoctypeState, ElementState, EndTagState, TextState} from './states.js';
import {
  kComment, kDoctype, kEndTag, kOther, kStartTag, kText, Tokenizer,
} from './tokenizer.js';
import {
  Comment, Doctype, DocumentEnd, Element, EndTag, parserError, Scope, Text,
} from './tokens.js';

const kHtml = 'http://www.w3.org/1999/xhtml';
const kSvg = 'http://www.w3.org/2000/svg';
const kMathMl = 'http://www.w3.org/1998/Math/MathML';

const setOf = (...names) => {
  const set = ObjectCreate(null);
  for (let i = 0; i < names.length; i++) set[names[i]] = true;
  return set;
};
const kVoid = setOf('area', 'base', 'basefont', 'bgsound', 'br', 'col', 'embed', 'frame', 'hr', 'img',
                    'input', 'keygen', 'link', 'meta', 'param', 'source', 'track', 'wbr');
const kRawText = setOf('iframe', 'noembed', 'noframes', 'noscript', 'script', 'style', 'textarea',
                       'title', 'xmp');
const kIntegrationPoints = setOf('foreignobject', 'desc', 'title', 'mi', 'mo', 'mn', 'ms', 'mtext',
                                 'annotation-xml');
const kMaxDoctype = 4096;
const kFatal = 1;  // of DecodeFlags in encoding_natives.h
const kMaxDepth = 10_000;

function escapeText(text) {
  text = StringPrototypeReplaceAll(text, '&', '&amp;');
  text = StringPrototypeReplaceAll(text, '<', '&lt;');
  return StringPrototypeReplaceAll(text, '>', '&gt;');
}

function toReferences(text) {
  let plain = '';
  for (let i = 0; i < text.length; i++) {
    let code = StringPrototypeCharCodeAt(text, i);
    if (code < 0x80) {
      plain += text[i];
      continue;
    }
    if (code >= 0xd800 && code <= 0xdbff && i + 1 < text.length) {
      code = 0x10000 + ((code - 0xd800) << 10) + (StringPrototypeCharCodeAt(text, ++i) - 0xdc00);
    }
    plain += `&#${code};`;
  }
  return plain;
}

// `registrations`: {selector, element, comments, text} with handlers or undefined, in order;
// `document`: {doctype, comments, text, end} likewise. `decode(bytes, start, end)` makes text.
export class Rewriter {
  #registrations;
  #document;
  #decode;
  #isUtf8;
  #output;  // emit(Uint8Array): output, in memory of its own; whenWanted(): a promise
  #tokenizer = new Tokenizer();
  #stack = [];        // ElementStates of the open elements
  #active = [];       // by registration: how many open elements match it
  #matched = [];      // by depth: the registrations that match that element
  #counts = [];       // by depth: {all, types} of the children so far
  #hidden = 0;        // open elements whose content is dropped
  #isInText = false;  // a text node has begun
  #usesPositions = false;
  #wantsText = false;

  constructor(registrations, document, decode, isUtf8, output) {
    this.#registrations = registrations;
    this.#document = document;
    this.#decode = decode;
    this.#isUtf8 = isUtf8;
    this.#output = output;
    for (let i = 0; i < registrations.length; i++) {
      ArrayPrototypePush(this.#active, 0);
      if (registrations[i].selector.usesPositions) this.#usesPositions = true;
      if (registrations[i].text !== undefined) this.#wantsText = true;
    }
    for (let i = 0; i < document.length; i++) {
      if (document[i].text !== undefined) this.#wantsText = true;
    }
    ArrayPrototypePush(this.#counts, {__proto__: null, all: 0, types: ObjectCreate(null)});
  }

  async write(bytes) {
    this.#tokenizer.feed(bytes);
    await this.#run();
    this.#tokenizer.hold();
  }

  async end() {
    this.#tokenizer.end();
    await this.#run();
    if (this.#isInText) await this.#endText();
    const appended = [];
    for (let i = 0; i < this.#document.length; i++) {
      const {end, target} = this.#document[i];
      if (end !== undefined) await this.#call(end, target, DocumentEnd, appended);
    }
    this.#hidden = 0;
    await this.#writeContents(appended);
  }

  // Stretches of the input that nobody changes are copied as one.
  async #run() {
    let bytes;
    let start = 0;
    let end = 0;
    const flush = () => {
      if (end > start && this.#hidden === 0) this.#output.emit(TypedArrayPrototypeSlice(bytes, start, end));
      start = end = 0;
    };
    for (;;) {
      const token = this.#tokenizer.next();
      if (token === undefined) break;
      if (!this.#isPlain(token)) {
        flush();
        await this.#handle(token);
        continue;
      }
      if (start === end) {
        bytes = token.bytes;
        start = token.start;
      }
      end = token.end;
    }
    flush();
  }

  // Whether the token is passed through without more ado.
  #isPlain(token) {
    switch (token.kind) {
      case kText: return !this.#wantsText || !this.#hasTextHandlers();
      case kOther: return !this.#isInText;
      case kComment: return !this.#isInText && !this.#hasCommentHandlers();
      case kDoctype: return !this.#isInText && this.#document.length === 0;
    }
    return false;
  }

  #hasTextHandlers() {
    for (let i = 0; i < this.#registrations.length; i++) {
      if (this.#active[i] > 0 && this.#registrations[i].text !== undefined) return true;
    }
    for (let i = 0; i < this.#document.length; i++) {
      if (this.#document[i].text !== undefined) return true;
    }
    return false;
  }

  #hasCommentHandlers() {
    for (let i = 0; i < this.#registrations.length; i++) {
      if (this.#active[i] > 0 && this.#registrations[i].comments !== undefined) return true;
    }
    for (let i = 0; i < this.#document.length; i++) {
      if (this.#document[i].comments !== undefined) return true;
    }
    return false;
  }

  async #handle(token) {
    if (token.kind === kText) return this.#text(token);
    if (this.#isInText) await this.#endText();
    switch (token.kind) {
      case kStartTag: return this.#startTag(token);
      case kEndTag: return this.#endTag(token);
      case kComment: return this.#comment(token);
      case kDoctype: return this.#doctype(token);
    }
    this.#writeRaw(token);
  }

  #writeRaw(token) {
    if (this.#hidden > 0 || token.end === token.start) return;
    this.#output.emit(TypedArrayPrototypeSlice(token.bytes, token.start, token.end));
  }

  #writeText(text) {
    if (this.#hidden > 0 || text === '') return;
    this.#output.emit(encodeUtf8(this.#isUtf8 ? text : toReferences(text)));
  }

  async #writeContents(contents) {
    for (let i = 0; i < contents.length; i++) {
      let {text} = contents[i];
      if (text === undefined) {
        await this.#output.whenWanted();
        const bytes = await readAllBytes(contents[i].stream);
        text = natives.utf8Decode(bytes, 0, TypedArrayPrototypeGetByteLength(bytes), kFatal);
        if (text === undefined) throw parserError('Invalid UTF-8');
      }
      this.#writeText(contents[i].isHtml ? text : escapeText(text));
    }
  }

  // The handler is done when its promise is.
  async #call(handler, target, Class, state) {
    const scope = new Scope();
    try {
      const result = FunctionPrototypeCall(handler, target, new Class(kInternal, scope, state));
      if (typeof result === 'object' && result !== null) await result;
    } finally {
      scope.isValid = false;
    }
  }

  async #callAll(member, Class, state) {
    for (let i = 0; i < this.#registrations.length; i++) {
      if (this.#active[i] === 0) continue;
      const handler = this.#registrations[i][member];
      if (handler !== undefined) await this.#call(handler, this.#registrations[i].target, Class, state);
    }
    for (let i = 0; i < this.#document.length; i++) {
      const handler = this.#document[i][member];
      if (handler !== undefined) await this.#call(handler, this.#document[i].target, Class, state);
    }
  }

  async #text(token) {
    if (!this.#hasTextHandlers()) return this.#writeRaw(token);
    this.#isInText = true;
    const state = new TextState(this.#decode(token.bytes, token.start, token.end), false);
    await this.#callAll('text', Text, state);
    await this.#writeMutated(state.mutations, () => this.#writeRaw(token));
  }

  async #endText() {
    this.#isInText = false;
    const state = new TextState('', true);
    await this.#callAll('text', Text, state);
    await this.#writeMutated(state.mutations, () => {});
  }

  async #writeMutated(mutations, writeOriginal) {
    await this.#writeContents(mutations.before);
    if (mutations.isRemoved) await this.#writeContents(mutations.replacement);
    else writeOriginal();
    await this.#writeContents(mutations.after);
  }

  async #comment(token) {
    const state =
        new TextState(this.#decode(token.bytes, token.contentStart, token.contentEnd), false);
    await this.#callAll('comments', Comment, state);
    await this.#writeMutated(state.mutations, () => {
      if (state.isChanged) this.#writeText(`<!--${state.text}-->`);
      else this.#writeRaw(token);
    });
  }

  async #doctype(token) {
    const isLong = token.end - token.start > kMaxDoctype;
    const state = new DoctypeState(isLong ? '' : this.#decode(token.bytes, token.start, token.end));
    for (let i = 0; i < this.#document.length; i++) {
      const {doctype, target} = this.#document[i];
      if (doctype !== undefined) await this.#call(doctype, target, Doctype, state);
    }
    this.#writeRaw(token);
  }

  #namespaceOf(name) {
    if (name === 'svg') return kSvg;
    if (name === 'math') return kMathMl;
    const depth = this.#stack.length;
    if (depth === 0) return kHtml;
    const parent = this.#stack[depth - 1];
    if (parent.namespace !== kHtml && kIntegrationPoints[parent.name]) return kHtml;
    return parent.namespace;
  }

  #position(state) {
    const counts = this.#counts[this.#stack.length];
    state.index = ++counts.all;
    state.indexOfType = counts.types[state.name] = (counts.types[state.name] ?? 0) + 1;
  }

  async #startTag(token) {
    const namespace = this.#namespaceOf(token.name);
    const isHtml = namespace === kHtml;
    const hasContent = isHtml ? !kVoid[token.name] : !token.isSelfClosing;
    const state = new ElementState(token, namespace, hasContent, this.#decode);
    if (this.#usesPositions) this.#position(state);

    const matched = [];
    for (let i = 0; i < this.#registrations.length; i++) {
      if (this.#registrations[i].selector.matches(state, this.#stack)) ArrayPrototypePush(matched, i);
    }
    for (let i = 0; i < matched.length; i++) {
      const {element, target} = this.#registrations[matched[i]];
      if (element !== undefined) await this.#call(element, target, Element, state);
    }
    await this.#writeStart(state, token);
    if (!hasContent) {
      await this.#writeContents(state.after);
    } else {
      this.#push(state, matched);
      if (isHtml && kRawText[token.name]) this.#tokenizer.readRawText(token.name);
      if (isHtml && token.name === 'plaintext') this.#tokenizer.readRawText('');
    }
    this.#tokenizer.allowsCdata = this.#isInForeign();
  }

  async #writeStart(state, token) {
    await this.#writeMutated(state.mutations, () => {
      const changed = state.changedTag();
      if (changed === undefined) this.#writeRaw(token);
      else this.#writeText(changed);
    });
    await this.#writeContents(state.prepended);
  }

  #push(state, matched) {
    if (this.#stack.length >= kMaxDepth) throw parserError('The memory limit has been exceeded.');
    state.detach();
    ArrayPrototypePush(this.#stack, state);
    ArrayPrototypePush(this.#matched, matched);
    ArrayPrototypePush(this.#counts, {__proto__: null, all: 0, types: ObjectCreate(null)});
    for (let i = 0; i < matched.length; i++) this.#active[matched[i]]++;
    if (state.removesContent) this.#hidden++;
  }

  #pop() {
    const state = this.#stack[this.#stack.length - 1];
    const matched = this.#matched[this.#matched.length - 1];
    this.#stack.length--;
    this.#matched.length--;
    this.#counts.length--;
    for (let i = 0; i < matched.length; i++) this.#active[matched[i]]--;
    if (state.removesContent) this.#hidden--;
    return state;
  }

  #isInForeign() {
    const depth = this.#stack.length;
    return depth > 0 && this.#namespaceOf('') !== kHtml;
  }

  async #endTag(token) {
    let depth = this.#stack.length - 1;
    while (depth >= 0 && this.#stack[depth].name !== token.name) depth--;
    if (depth < 0) return this.#writeRaw(token);  // closes nothing
    while (this.#stack.length > depth + 1) this.#pop();
    const element = this.#pop();
    this.#tokenizer.allowsCdata = this.#isInForeign();
    const state = new EndTagState(element.tagName, element.newName !== undefined);
    state.mutations.isRemoved = element.removesEndTag;
    state.mutations.before = element.appended;
    state.mutations.after = element.after;
    const handlers = element.endTagHandlers;
    for (let i = 0; i < handlers.length; i++) {
      await this.#call(handlers[i], undefined, EndTag, state);
    }
    await this.#writeMutated(state.mutations, () => {
      if (state.isChanged) this.#writeText(`</${state.name}>`);
      else this.#writeRaw(token);
    });
  }
}
