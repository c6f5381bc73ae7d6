// https://encoding.spec.whatwg.org/#interface-textdecoder
import {
  ArrayBufferIsView, RangeError, TypedArrayPrototypeGetByteLength as lengthOf,
  TypedArrayPrototypeSet, TypeError, Uint32Array, Uint8Array,
} from '../internal/primordials.js';
import {bytesOf} from '../internal/bytes.js';
import {
  defineInterface, illegalInvocation, isArrayBuffer, toDictionary, toDOMString,
} from '../internal/webidl.js';

// The same bits as DecodeFlags in encoding_natives.h.
const kFatal = 1, kStripBom = 2, kBigEndian = 4, kFlush = 8;
const kEverything = 9007199254740991;  // as `end`: up to the last byte

const kUtf8 = 0, kUtf16 = 1, kLegacy = 2;

let rest;  // where legacyDecode leaves how many bytes it held back

export let decodeWith;

export class TextDecoder {
  #encoding = 'utf-8';
  #family = kUtf8;
  #flags = 0;  // kFatal, kBigEndian
  #ignoreBOM = false;
  #started = false;  // within a stream: the place of a byte order mark is past
  #pending = null;   // within a stream: bytes that begin a character

  constructor(label = 'utf-8', options = undefined) {
    label = toDOMString(label);
    if (label !== 'utf-8') {
      const encoding = natives.encodingOf(label);
      if (encoding === undefined || encoding === 'replacement') {
        throw new RangeError(`"${label}" is not a valid encoding.`);
      }
      this.#encoding = encoding;
      if (encoding === 'utf-16le') {
        this.#family = kUtf16;
      } else if (encoding === 'utf-16be') {
        this.#family = kUtf16;
        this.#flags = kBigEndian;
      } else if (encoding !== 'utf-8') {
        this.#family = kLegacy;
      }
    }
    const {fatal, ignoreBOM} = toDictionary(options, 'TextDecoderOptions');
    if (fatal) this.#flags |= kFatal;
    this.#ignoreBOM = !!ignoreBOM;
  }

  get encoding() { return this.#encoding; }

  get fatal() { return (this.#flags & kFatal) !== 0; }

  get ignoreBOM() { return this.#ignoreBOM; }

  decode(input = undefined, options = undefined) {
    if (!(#encoding in this)) illegalInvocation();
    const {stream} = toDictionary(options, 'TextDecodeOptions');
    return this.#decode(input, !!stream);
  }

  #decode(input, stream) {
    if (input !== undefined && !isDecodable(input)) {
      throw new TypeError('TextDecoder.decode: the input is not an ArrayBuffer or a view of one.');
    }
    if (!stream && this.#pending === null && !this.#started) {
      return input === undefined ? '' : this.#run(input, 0, kEverything, true, true);
    }
    return this.#decodePart(input, stream);
  }

  #decodePart(input, stream) {
    let bytes = concatenate(this.#pending, input);
    if (this.#pending !== null && this.#family === kLegacy && bytes[0] === 0x1b &&
        bytes[3] === 0x1b) {
      bytes = copyFrom(bytes, 3);  // two escape sequences in a row are an error
    }
    const atStart = !this.#started;
    this.#pending = null;
    let text;
    try {
      if (this.#family === kLegacy) {
        text = this.#run(bytes, 0, kEverything, atStart, !stream);
        if (stream) this.#keep(bytes, lengthOf(bytes) - rest[0]);
      } else {
        const tail = !stream ? 0
            : this.#family === kUtf8 ? unfinishedUtf8(bytes)
            : this.#unfinishedUtf16(bytes);
        if (tail > 0) this.#pending = copyFrom(bytes, lengthOf(bytes) - tail);
        text = this.#run(bytes, 0, lengthOf(bytes) - tail, atStart, !stream);
        if (lengthOf(bytes) > tail) this.#started = true;
      }
    } catch (error) {
      this.#pending = null;
      this.#started = false;
      throw error;
    }
    if (!stream) this.#started = false;
    return text;
  }

  // Bytes from `end` on wait for more. ISO-2022-JP has modes besides: the escape sequence in force
  // goes before them.
  #keep(bytes, end) {
    const tail = copyFrom(bytes, end);
    let escape = this.#encoding === 'iso-2022-jp' ? end - 3 : -1;
    while (escape >= 0 && bytes[escape] !== 0x1b) escape--;
    if (escape >= 0) {
      this.#pending = concatenate(bytesBetween(bytes, escape, escape + 3), tail);
    } else if (lengthOf(tail) > 0) {
      this.#pending = tail;
    }
  }

  #run(source, start, end, atStart, flush) {
    const flags = atStart && !this.#ignoreBOM ? this.#flags | kStripBom : this.#flags;
    let text;
    if (this.#family === kUtf8) {
      text = natives.utf8Decode(source, start, end, flags);
    } else if (this.#family === kUtf16) {
      text = natives.utf16Decode(source, start, end, flags);
    } else {
      rest ??= new Uint32Array(1);
      const flushFlag = flush ? kFlush : 0;
      text = natives.legacyDecode(this.#encoding, source, start, end, flags | flushFlag, rest);
    }
    if (text === undefined) {
      throw new TypeError(`Failed to decode input: it is not valid ${this.#encoding}.`);
    }
    return text;
  }

  #unfinishedUtf16(bytes) {
    const odd = lengthOf(bytes) % 2;
    // The high byte of the last unit.
    const last = lengthOf(bytes) - odd - ((this.#flags & kBigEndian) === 0 ? 1 : 2);
    return last >= 0 && (bytes[last] & 0xfc) === 0xd8 ? odd + 2 : odd;
  }

  static {
    // decoder.decode(input, {stream}), out of the reach of patches.
    decodeWith = (decoder, input, stream) => decoder.#decode(input, stream);
  }
}
defineInterface(TextDecoder, 'TextDecoder');

function isDecodable(value) {
  return ArrayBufferIsView(value) ||
      (typeof value === 'object' && value !== null &&
       (isArrayBuffer(value) || natives.isSharedArrayBuffer(value)));
}

function concatenate(pending, input) {
  if (input === undefined) return pending ?? new Uint8Array(0);
  const bytes = bytesOf(input);
  if (pending === null) return bytes;
  const all = new Uint8Array(lengthOf(pending) + lengthOf(bytes));
  TypedArrayPrototypeSet(all, pending);
  TypedArrayPrototypeSet(all, bytes, lengthOf(pending));
  return all;
}

function copyFrom(bytes, start) {
  return bytesBetween(bytes, start, lengthOf(bytes));
}

function bytesBetween(bytes, start, end) {
  const copy = new Uint8Array(end - start);
  for (let i = start; i < end; i++) copy[i - start] = bytes[i];
  return copy;
}

// How many bytes at the end begin a character that may still become valid.
function unfinishedUtf8(bytes) {
  const length = lengthOf(bytes);
  for (let back = 1; back <= 3 && back <= length; back++) {
    const lead = bytes[length - back];
    if ((lead & 0xc0) === 0x80) continue;
    const needed = lead >= 0xc2 && lead <= 0xdf ? 2
        : lead >= 0xe0 && lead <= 0xef ? 3
        : lead >= 0xf0 && lead <= 0xf4 ? 4
        : 1;
    if (needed <= back) return 0;
    if (back >= 2) {
      const second = bytes[length - back + 1];
      const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
      const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
      if (second < lowest || second > highest) return 0;
    }
    return back;
  }
  return 0;
}

export function createTextDecoder(label, options) { return new TextDecoder(label, options); }
