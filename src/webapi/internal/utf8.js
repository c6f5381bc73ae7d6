// https://encoding.spec.whatwg.org/#utf-8-decode and #utf-8-encode for other built-ins.
import {StringPrototypeCharCodeAt, StringPrototypeSlice} from './primordials.js';

// A fresh Uint8Array. Lone surrogates become U+FFFD.
export function encodeUtf8(string) { return natives.utf8Encode(string); }

const kStripByteOrderMark = 2;  // of DecodeFlags in encoding_natives.h
const kToTheEnd = 9007199254740991;

// Broken sequences become U+FFFD; a byte order mark in front is dropped.
export function decodeUtf8(bytes) {
  return natives.utf8Decode(bytes, 0, kToTheEnd, kStripByteOrderMark);
}

export function withoutByteOrderMark(text) {
  return StringPrototypeCharCodeAt(text, 0) === 0xfeff ? StringPrototypeSlice(text, 1) : text;
}
