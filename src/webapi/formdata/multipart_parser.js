// https://www.rfc-editor.org/rfc/rfc7578 as Cloudflare reads it: a line may end with LF alone, a
// backslash quotes any character, and nothing is percent-decoded. Otherwise strict: a body that
// ends early or a part without a name is an error. The body is whole in memory, so its size is
// bounded already; the number of parts and the size of each part's headers have limits here.
import {
  ArrayPrototypePush, DateNow, StringPrototypeIndexOf, StringPrototypeSlice,
  StringPrototypeToLowerCase, StringPrototypeTrim, TypeError, TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeIndexOf, Uint8Array,
} from '../internal/primordials.js';
import {behaviours} from '../internal/behaviours.js';
import {copyOfBytes} from '../internal/bytes.js';
import {decodeUtf8, encodeUtf8} from '../internal/utf8.js';
import {createFile} from '../blob/blob.js';
import {parseParameters} from '../internal/mime_type.js';

const kMaxParts = 10_000;
const kMaxPartHeaderBytes = 16 * 1024;

const kCr = 13;
const kLf = 10;
const kDash = 45;

function startsAt(bytes, needle, index) {
  if (index + needle.length > bytes.length) return false;
  for (let i = 0; i < needle.length; i++) {
    if (bytes[index + i] !== needle[i]) return false;
  }
  return true;
}

function find(bytes, needle, from) {
  for (let i = from;; i++) {
    i = TypedArrayPrototypeIndexOf(bytes, needle[0], i);
    if (i < 0 || startsAt(bytes, needle, i)) return i;
  }
}

function range(bytes, start, end) {
  return new Uint8Array(TypedArrayPrototypeGetBuffer(bytes),
                        TypedArrayPrototypeGetByteOffset(bytes) + start, end - start);
}

// The headers of one part, line by line.
class PartHeaders {
  disposition = undefined;
  type = '';

  add(line) {
    const colon = StringPrototypeIndexOf(line, ':');
    if (colon < 0) throw new TypeError('FormData part had invalid headers.');
    const name = StringPrototypeToLowerCase(StringPrototypeSlice(line, 0, colon));
    const value = StringPrototypeTrim(StringPrototypeSlice(line, colon + 1));
    if (name === 'content-disposition') {
      this.disposition = value;
    }
    else if (name === 'content-type')
      this.type = value;
  }

  parameters() {
    if (this.disposition === undefined) {
      throw new TypeError('No valid Content-Disposition header found in FormData part.');
    }
    const parameters = parseParameters(this.disposition);
    if (parameters.essence !== 'form-data') {
      throw new TypeError(
          'Content-Disposition header for FormData part must have the value "form-data", possibly followed by parameters. ' +
          `Got: "${parameters.essence}"`);
    }
    if (parameters.name === undefined || parameters.name === '') {
      throw new TypeError('Content-Disposition header in FormData part is missing a name.');
    }
    return parameters;
  }
}

class MultipartParser {
  #bytes;
  #position = 0;
  #delimiter;  // a line feed, two dashes, the boundary
  #entries = [];

  constructor(bytes, boundary) {
    this.#bytes = bytes;
    this.#delimiter = encodeUtf8(`\n--${boundary}`);
  }

  // The flat list [name, value, …].
  parse() {
    this.#skipPreamble();
    for (let part = 0; !this.#atEnd(); part++) {
      if (part === kMaxParts) {
        throw new TypeError(`The multipart/form-data body has more than ${kMaxParts} parts.`);
      }
      this.#skipLineEnd();
      const headers = this.#readHeaders();
      const {name, filename} = headers.parameters();
      const content = this.#readContent();
      ArrayPrototypePush(this.#entries, name,
                         filename === undefined || filename === '' || !behaviours.filesStayFiles ?
                             decodeUtf8(content) :
                             createFile(copyOfBytes(content), filename, headers.type, DateNow()));
    }
    return this.#entries;
  }

  // To behind the first boundary, which may lack the line break in front.
  #skipPreamble() {
    const delimiter = this.#delimiter;
    if (startsAt(this.#bytes, range(delimiter, 1, delimiter.length), 0)) {
      this.#position = delimiter.length - 1;
      return;
    }
    const found = find(this.#bytes, delimiter, 0);
    if (found < 0) {
      throw new TypeError('No initial boundary string (or you have a truncated message).');
    }
    this.#position = found + delimiter.length;
  }

  #atEnd() {
    return this.#bytes[this.#position] === kDash && this.#bytes[this.#position + 1] === kDash;
  }

  #skipLineEnd() {
    const bytes = this.#bytes;
    let position = this.#position;
    while (bytes[position] === 32 || bytes[position] === 9) position++;
    if (bytes[position] === kCr) position++;
    if (position >= bytes.length) throw truncated();
    if (bytes[position] !== kLf) {
      throw new TypeError(
          'A boundary of the multipart/form-data body is not followed by a line break.');
    }
    this.#position = position + 1;
  }

  #readHeaders() {
    const bytes = this.#bytes;
    const headers = new PartHeaders();
    const start = this.#position;
    for (;;) {
      const lineStart = this.#position;
      const end = TypedArrayPrototypeIndexOf(bytes, kLf, lineStart);
      if ((end < 0 ? bytes.length : end) - start > kMaxPartHeaderBytes) {
        throw new TypeError(
            `The headers of a multipart/form-data part exceed ${kMaxPartHeaderBytes} bytes.`);
      }
      if (end < 0) throw truncated();
      this.#position = end + 1;
      const lineEnd = end > lineStart && bytes[end - 1] === kCr ? end - 1 : end;
      if (lineEnd === lineStart) return headers;
      headers.add(decodeUtf8(range(bytes, lineStart, lineEnd)));
    }
  }

  // An empty part may share its line break with the end of its headers.
  #readContent() {
    const bytes = this.#bytes;
    const start = this.#position;
    const found = find(bytes, this.#delimiter, start - 1);
    if (found < 0) throw truncated();
    this.#position = found + this.#delimiter.length;
    if (found < start) return range(bytes, start, start);
    return range(bytes, start, found > start && bytes[found - 1] === kCr ? found - 1 : found);
  }
}

function truncated() {
  return new TypeError('The multipart/form-data body ends before its closing boundary.');
}

export function parseMultipart(bytes, boundary) {
  return new MultipartParser(bytes, boundary).parse();
}
