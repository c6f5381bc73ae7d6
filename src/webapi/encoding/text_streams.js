// https://encoding.spec.whatwg.org/#interface-textencoderstream and #interface-textdecoderstream
import {
  StringPrototypeCharCodeAt, StringPrototypeSlice, TypeError,
} from '../internal/primordials.js';
import {defineInterface, illegalInvocation, toDOMString} from '../internal/webidl.js';
import {createTransform, kInternal, TransformStream} from '../streams/internal.js';
import {createTextDecoder, decodeWith} from './text_decoder.js';

class Encoding {
  #high = '';  // a high surrogate that ended the last chunk: its other half may come with the next

  transform(chunk, state) {
    let text = this.#high + toDOMString(chunk);
    this.#high = '';
    const last = StringPrototypeCharCodeAt(text, text.length - 1);
    if (last >= 0xd800 && last <= 0xdbff) {
      this.#high = text[text.length - 1];
      text = StringPrototypeSlice(text, 0, text.length - 1);
    }
    if (text !== '') state.enqueue(natives.utf8Encode(text));
  }

  flush(state) {
    if (this.#high !== '') state.enqueue(natives.utf8Encode(this.#high));
  }

  cancel() {}
}

export class TextEncoderStream extends TransformStream {
  #branded = true;

  constructor() {
    super(kInternal, createTransform(new Encoding()));
  }

  get encoding() {
    if (!(#branded in this)) illegalInvocation();
    return 'utf-8';
  }
}
defineInterface(TextEncoderStream, 'TextEncoderStream');

class Decoding {
  #decoder;

  constructor(decoder) {
    this.#decoder = decoder;
  }

  transform(chunk, state) {
    if (chunk === undefined) {
      throw new TypeError('TextDecoderStream: the chunk is not an ArrayBuffer or a view of one.');
    }
    const text = decodeWith(this.#decoder, chunk, true);
    if (text !== '') state.enqueue(text);
  }

  flush(state) {
    const text = decodeWith(this.#decoder, undefined, false);
    if (text !== '') state.enqueue(text);
  }

  cancel() {}
}

export class TextDecoderStream extends TransformStream {
  #decoder;

  constructor(label = 'utf-8', options = undefined) {
    const decoder = createTextDecoder(label, options);
    super(kInternal, createTransform(new Decoding(decoder)));
    this.#decoder = decoder;
  }

  get encoding() { return this.#decoder.encoding; }

  get fatal() { return this.#decoder.fatal; }

  get ignoreBOM() { return this.#decoder.ignoreBOM; }
}
defineInterface(TextDecoderStream, 'TextDecoderStream');
