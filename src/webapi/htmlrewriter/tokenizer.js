// https://html.spec.whatwg.org/#tokenization as far as a rewriter needs it, on bytes: where tokens
// begin and end, what tags are called, where their attributes lie. What is no whole token at the end
// of the input waits for more.
import {
  StringFromCharCode, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeIndexOf,
  TypedArrayPrototypeSet, TypedArrayPrototypeSlice, TypedArrayPrototypeSubarray, TypeError,
  Uint8Array,
} from '../internal/primordials.js';

export const kText = 0;
export const kStartTag = 1;
export const kEndTag = 2;
export const kComment = 3;
export const kDoctype = 4;
export const kOther = 5;  // what no handler sees: passed through

const kLess = 60;
const kGreater = 62;
const kSlash = 47;
const kBang = 33;
const kQuestion = 63;
const kDash = 45;
const kEquals = 61;
const kDoubleQuote = 34;
const kSingleQuote = 39;
const kMaxHeldBytes = 8 * 1024 * 1024;

const isSpace = (byte) => byte === 32 || byte === 10 || byte === 9 || byte === 13 || byte === 12;
const isLetter = (byte) => (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90);
const isEndOfName = (byte) => isSpace(byte) || byte === kSlash || byte === kGreater;

export class Token {
  kind;
  bytes;  // the buffer that the token lies in
  start;
  end;
  name = '';
  nameEnd = 0;
  spans = undefined;  // of a start tag's attributes: name and value, start and end each
  isSelfClosing = false;
  contentStart = 0;  // of a comment
  contentEnd = 0;

  constructor(kind, bytes, start, end) {
    this.kind = kind;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }
}

export class Tokenizer {
  allowsCdata = false;  // within foreign content
  #bytes = new Uint8Array(0);
  #at = 0;
  #length = 0;
  #isLast = false;
  #rawName = undefined;  // the element whose end tag alone ends the text; '' for none at all
  #scriptDepth = 0;      // in a script: 1 within <!--, 2 within a <script> in there

  // `bytes` stay as they are until next() has returned undefined.
  feed(bytes) {
    const size = TypedArrayPrototypeGetByteLength(bytes);
    const held = this.#length - this.#at;
    if (held === 0) {
      this.#bytes = bytes;
    } else {
      if (held > kMaxHeldBytes) throw new TypeError('Parser error: The memory limit has been exceeded.');
      const joined = new Uint8Array(held + size);
      TypedArrayPrototypeSet(
          joined, TypedArrayPrototypeSubarray(this.#bytes, this.#at, this.#length), 0);
      TypedArrayPrototypeSet(joined, bytes, held);
      this.#bytes = joined;
    }
    this.#at = 0;
    this.#length = held + size;
  }

  // Nothing more will be fed.
  end() { this.#isLast = true; }

  // Keeps what is not used up yet, apart from the memory that was fed.
  hold() {
    this.#bytes = TypedArrayPrototypeSlice(this.#bytes, this.#at, this.#length);
    this.#length -= this.#at;
    this.#at = 0;
  }

  // After a start tag: its content is text up to its end tag.
  readRawText(name) {
    this.#rawName = name;
    this.#scriptDepth = 0;
  }

  next() {
    if (this.#at === this.#length) return undefined;
    return this.#rawName === undefined ? this.#nextOfData() : this.#nextOfRawText();
  }

  #indexOf(byte, from) {
    const found = TypedArrayPrototypeIndexOf(this.#bytes, byte, from);
    return found >= this.#length ? -1 : found;
  }

  #make(kind, end) {
    const token = new Token(kind, this.#bytes, this.#at, end);
    this.#at = end;
    return token;
  }

  // Text up to `end`; a character that is cut by the end of the input waits.
  #text(end) {
    if (end === this.#length && !this.#isLast) {
      const bytes = this.#bytes;
      for (let back = 1; back <= 3 && end - back >= this.#at; back++) {
        const byte = bytes[end - back];
        if (byte < 0x80) break;
        if (byte < 0xc0) continue;
        const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
        if (size > back) end -= back;
        break;
      }
      if (end === this.#at) return undefined;
    }
    return this.#make(kText, end);
  }

  #nextOfData() {
    const bytes = this.#bytes;
    let less = this.#indexOf(kLess, this.#at);
    for (;;) {
      if (less < 0) return this.#text(this.#length);
      const follower = less + 1 < this.#length ? bytes[less + 1] : -1;
      const isMarkup = follower === -1 || follower === kBang || follower === kQuestion ||
          follower === kSlash || isLetter(follower);
      if (isMarkup) break;
      less = this.#indexOf(kLess, less + 1);
    }
    if (less > this.#at) return this.#text(less);
    const token = this.#markup(less);
    if (token !== undefined || !this.#isLast) return token;
    return this.#make(kOther, this.#length);  // cut short by the end of the document
  }

  #markup(less) {
    if (less + 1 >= this.#length) return undefined;
    const follower = this.#bytes[less + 1];
    if (follower === kBang) return this.#declaration(less);
    if (follower === kQuestion) return this.#bogusComment(less, less + 1);
    if (follower !== kSlash) return this.#tag(kStartTag, less + 1);
    if (less + 2 >= this.#length) return undefined;
    const name = this.#bytes[less + 2];
    if (isLetter(name)) return this.#tag(kEndTag, less + 2);
    return name === kGreater ? this.#make(kOther, less + 3) : this.#bogusComment(less, less + 2);
  }

  #bogusComment(less, content) {
    const greater = this.#indexOf(kGreater, content);
    if (greater < 0) return undefined;
    const token = this.#make(kComment, greater + 1);
    token.contentStart = content;
    token.contentEnd = greater;
    return token;
  }

  // Whether the bytes at `at` are `lower`, in any case: undefined when too few are there to say.
  #matches(at, lower) {
    const bytes = this.#bytes;
    for (let i = 0; i < lower.length; i++) {
      if (at + i >= this.#length) return undefined;
      if (StringFromCharCode(bytes[at + i] | (isLetter(bytes[at + i]) ? 32 : 0)) !== lower[i]) {
        return false;
      }
    }
    return true;
  }

  #declaration(less) {
    const isComment = this.#matches(less + 2, '--');
    if (isComment) return this.#comment(less);
    const isDoctype = this.#matches(less + 2, 'doctype');
    const isCdata = this.allowsCdata ? this.#matches(less + 2, '[cdata[') : false;
    if (isCdata) return this.#cdata(less);
    if (isComment === undefined || isDoctype === undefined || isCdata === undefined) {
      // A '>' decides, too: <!x> is a comment.
      if (this.#indexOf(kGreater, less) < 0) return undefined;
    }
    if (!isDoctype) return this.#bogusComment(less, less + 2);
    const greater = this.#indexOf(kGreater, less);
    return greater < 0 ? undefined : this.#make(kDoctype, greater + 1);
  }

  #comment(less) {
    const bytes = this.#bytes;
    const content = less + 4;
    for (let greater = this.#indexOf(kGreater, content); greater >= 0;
         greater = this.#indexOf(kGreater, greater + 1)) {
      let end = -1;
      if (greater - content >= 2 && bytes[greater - 1] === kDash && bytes[greater - 2] === kDash) {
        end = greater - 2;
      } else if (greater - content >= 3 && bytes[greater - 1] === kBang &&
                 bytes[greater - 2] === kDash && bytes[greater - 3] === kDash) {
        end = greater - 3;
      } else if (greater === content || (greater === content + 1 && bytes[content] === kDash)) {
        end = content;  // <!--> and <!--->
      }
      if (end < 0) continue;
      const token = this.#make(kComment, greater + 1);
      token.contentStart = content;
      token.contentEnd = end;
      return token;
    }
    return undefined;
  }

  #cdata(less) {
    const bytes = this.#bytes;
    for (let greater = this.#indexOf(kGreater, less); greater >= 0;
         greater = this.#indexOf(kGreater, greater + 1)) {
      if (greater - less >= 11 && bytes[greater - 1] === 93 && bytes[greater - 2] === 93) {
        return this.#make(kOther, greater + 1);
      }
    }
    return undefined;
  }

  #nameAt(start) {
    const bytes = this.#bytes;
    let end = start;
    while (end < this.#length && !isEndOfName(bytes[end])) end++;
    return end;
  }

  #tag(kind, nameStart) {
    const bytes = this.#bytes;
    const length = this.#length;
    const nameEnd = this.#nameAt(nameStart);
    const spans = [];
    let at = nameEnd;
    for (;;) {
      while (at < length && (isSpace(bytes[at]) || bytes[at] === kSlash)) at++;
      if (at >= length) return undefined;
      if (bytes[at] === kGreater) break;
      const attribute = at++;
      while (at < length && !isEndOfName(bytes[at]) && bytes[at] !== kEquals) at++;
      const attributeEnd = at;
      while (at < length && isSpace(bytes[at])) at++;
      if (at >= length) return undefined;
      let valueStart = attributeEnd;
      let valueEnd = attributeEnd;
      let spanEnd = attributeEnd;
      if (bytes[at] === kEquals) {
        at++;
        while (at < length && isSpace(bytes[at])) at++;
        if (at >= length) return undefined;
        const quote = bytes[at];
        if (quote === kDoubleQuote || quote === kSingleQuote) {
          const close = this.#indexOf(quote, at + 1);
          if (close < 0) return undefined;
          valueStart = at + 1;
          valueEnd = close;
          at = spanEnd = close + 1;
        } else {
          valueStart = at;
          while (at < length && !isSpace(bytes[at]) && bytes[at] !== kGreater) at++;
          if (at >= length) return undefined;
          valueEnd = spanEnd = at;
        }
      }
      if (kind === kStartTag) {
        const last = spans.length;
        spans[last] = attribute;
        spans[last + 1] = attributeEnd;
        spans[last + 2] = valueStart;
        spans[last + 3] = valueEnd;
        spans[last + 4] = spanEnd;
      }
    }
    let name = '';
    for (let i = nameStart; i < nameEnd; i++) {
      name += StringFromCharCode(bytes[i] | (isLetter(bytes[i]) ? 32 : 0));
    }
    const token = this.#make(kind, at + 1);
    token.name = name;
    token.nameEnd = nameEnd;
    token.spans = spans;
    token.isSelfClosing = bytes[at - 1] === kSlash;
    return token;
  }

  #nextOfRawText() {
    const name = this.#rawName;
    if (name === '') return this.#text(this.#length);
    let scanned = this.#at;
    for (let less = this.#indexOf(kLess, this.#at); less >= 0;
         less = this.#indexOf(kLess, less + 1)) {
      const isEnd = this.#isEndTag(less, name);
      if (isEnd === undefined && !this.#isLast) {
        return less > this.#at ? this.#text(less) : undefined;
      }
      if (this.#scriptDepth !== 0) this.#lookForCommentEnd(scanned, less);
      scanned = less;
      if (name === 'script' && !isEnd) this.#lookForNestedScript(less);
      if (!isEnd) continue;
      if (this.#scriptDepth === 2) {
        this.#scriptDepth = 1;
        continue;
      }
      if (less > this.#at) return this.#text(less);
      const token = this.#tag(kEndTag, less + 2);
      if (token === undefined) return this.#isLast ? this.#make(kOther, this.#length) : undefined;
      this.#rawName = undefined;
      return token;
    }
    return this.#text(this.#length);
  }

  #isEndTag(less, name) {
    const matches = this.#matches(less + 1, `/${name}`);
    if (!matches) return matches;
    const behind = less + 2 + name.length;
    return behind < this.#length ? isEndOfName(this.#bytes[behind]) : undefined;
  }

  #lookForCommentEnd(from, to) {
    const bytes = this.#bytes;
    for (let greater = this.#indexOf(kGreater, from); greater >= 0 && greater < to;
         greater = this.#indexOf(kGreater, greater + 1)) {
      if (bytes[greater - 1] !== kDash || bytes[greater - 2] !== kDash) continue;
      this.#scriptDepth = 0;
      return;
    }
  }

  // <!-- <script> … </script> --> in a script does not end it.
  #lookForNestedScript(less) {
    if (this.#scriptDepth === 0) {
      if (this.#matches(less + 1, '!--')) this.#scriptDepth = 1;
    } else if (this.#scriptDepth === 1 && this.#matches(less + 1, 'script')) {
      const behind = this.#bytes[less + 7];
      if (less + 7 < this.#length && isEndOfName(behind)) this.#scriptDepth = 2;
    }
  }
}
