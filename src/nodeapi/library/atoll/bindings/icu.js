'use strict';
const {RegExpPrototypeExec, StringPrototypeCodePointAt, StringPrototypeNormalize} = primordials;
const {webValue} = require('atoll/platform');

const kZeroWidth = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]$/u;
const kEmoji = /^\p{Emoji_Presentation}$/u;

function isWide(code) {
  return code >= 0x1100 && (code <= 0x115f || code === 0x2329 || code === 0x232a || (code >= 0x2e80 && code <= 0x3247 && code !== 0x303f) ||
    (code >= 0x3250 && code <= 0x4dbf) || (code >= 0x4e00 && code <= 0xa4c6) || (code >= 0xa960 && code <= 0xa97c) ||
    (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) || (code >= 0xfe10 && code <= 0xfe19) ||
    (code >= 0xfe30 && code <= 0xfe6b) || (code >= 0xff01 && code <= 0xff60) || (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1b000 && code <= 0x1b001) || (code >= 0x1f200 && code <= 0x1f251) || (code >= 0x20000 && code <= 0x3fffd));
}

// In columns of a terminal.
function getStringWidth(text) {
  let width = 0;
  for (let i = 0; i < text.length; i++) {
    const code = StringPrototypeCodePointAt(text, i);
    if (code >= 0x20 && code < 0x7f) {
      width++;
      continue;
    }
    const char = code > 0xffff ? text[i] + text[++i] : text[i];
    if (RegExpPrototypeExec(kZeroWidth, char) !== null) continue;
    width += isWide(code) || RegExpPrototypeExec(kEmoji, char) !== null ? 2 : 1;
  }
  return width;
}

const kTranscodable = {__proto__: null, ascii: true, latin1: true, binary: true, utf8: true, ucs2: true, utf16le: true};

function transcode(source, from, to) {
  if (!kTranscodable[from] || !kTranscodable[to]) return 1;
  const {Buffer, isUtf8} = require('buffer');
  const isWide = (name) => name === 'ucs2' || name === 'utf16le';
  if ((isWide(from) && source.byteLength % 2 !== 0) || (from === 'utf8' && isWide(to) && !isUtf8(source))) {
    throw new primordials.Error('Unable to transcode buffer');
  }
  const text = Buffer.prototype.toString.call(Buffer.from(source.buffer, source.byteOffset, source.byteLength), from);
  const made = (text, encoding) => {
    const buffer = Buffer.allocUnsafeSlow(Buffer.byteLength(text, encoding));
    buffer.write(text, encoding);
    return buffer;
  };
  if (to === 'utf8' || isWide(to)) return made(text, to);
  const limit = to === 'ascii' ? 0x7f : 0xff;
  let narrowed = '';
  for (let i = 0; i < text.length; i++) {
    const code = StringPrototypeCodePointAt(text, i);
    narrowed += code > limit ? '?' : text[i];
    if (code > 0xffff) i++;
  }
  return made(narrowed, 'latin1');
}

module.exports = {
  getStringWidth,
  transcode,
  icuErrName: (code) => code === 1 ? 'U_ILLEGAL_ARGUMENT_ERROR' : 'U_ZERO_ERROR',
  hasConverter: (name) => {
    try { return new (webValue('TextDecoder'))(name) !== undefined; } catch { return false; }
  },
};
