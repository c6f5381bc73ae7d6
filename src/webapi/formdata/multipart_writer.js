// https://html.spec.whatwg.org/#multipart-form-data
import {
  ArrayPrototypePush, RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeEndsWith,
  StringPrototypeReplaceAll, StringPrototypeSlice, TypeError, TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSet, Uint8Array,
} from '../internal/primordials.js';
import {encodeUtf8} from '../internal/utf8.js';
import {blobBytes, blobType, fileName} from '../blob/blob.js';
import {formDataEntries} from './form_data.js';

// Fresh and unguessable: nobody can prepare a value that contains it.
export function makeBoundary() {
  return `----formdata-${StringPrototypeReplaceAll(natives.randomUUID(), '-', '')}`;
}

const kLineBreak = /[\r\n]/;

// Each line break, of whatever kind, as CR LF.
function withCrlf(text) {
  if (RegExpPrototypeExec(kLineBreak, text) === null) return text;
  let result = '';
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const code = StringPrototypeCharCodeAt(text, i);
    if (code !== 10 && code !== 13) continue;
    result += `${StringPrototypeSlice(text, start, i)}\r\n`;
    if (code === 13 && StringPrototypeCharCodeAt(text, i + 1) === 10) i++;
    start = i + 1;
  }
  return result + StringPrototypeSlice(text, start);
}

// Receivers take a backslash for the quotation of the next character.
function quoted(text) {
  if (StringPrototypeEndsWith(text, '\\')) {
    throw new TypeError("Name or filename can't end with backslash");
  }
  const noLf = StringPrototypeReplaceAll(text, '\n', '%0A');
  return StringPrototypeReplaceAll(StringPrototypeReplaceAll(noLf, '\r', '%0D'), '"', '%22');
}

export function encodeFormData(form, boundary) {
  const entries = formDataEntries(form);
  const chunks = [];
  let text = '';
  for (let i = 0; i < entries.length; i += 2) {
    const value = entries[i + 1];
    text +=
        `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(withCrlf(entries[i]))}"`;
    if (typeof value === 'string') {
      text += `\r\n\r\n${withCrlf(value)}\r\n`;
      continue;
    }
    const type = blobType(value);
    text += `; filename="${quoted(fileName(value))}"\r\nContent-Type: ${
        type === '' ? 'application/octet-stream' : type}\r\n\r\n`;
    ArrayPrototypePush(chunks, encodeUtf8(text), blobBytes(value));
    text = '\r\n';
  }
  ArrayPrototypePush(chunks, encodeUtf8(`${text}--${boundary}--\r\n`));

  let size = 0;
  for (let i = 0; i < chunks.length; i++) size += TypedArrayPrototypeGetByteLength(chunks[i]);
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (let i = 0; i < chunks.length; i++) {
    TypedArrayPrototypeSet(bytes, chunks[i], offset);
    offset += TypedArrayPrototypeGetByteLength(chunks[i]);
  }
  return bytes;
}
