// https://www.rfc-editor.org/rfc/rfc7578, strictly: CR LF line ends, a closing boundary, nothing guessed. The body is whole in memory,
// so its size is bounded already; the number of parts and the size of each part's headers have limits here.
import {
  ArrayPrototypePush, DateNow, StringPrototypeIndexOf, StringPrototypeReplaceAll,
  StringPrototypeSlice, StringPrototypeSplit, StringPrototypeToLowerCase, StringPrototypeTrim, TypeError,
  TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeIndexOf, Uint8Array,
} from '../internal/primordials.js';
import {copyOfBytes} from '../internal/bytes.js';
import {decodeUtf8, encodeUtf8} from '../internal/utf8.js';
import {createFile} from '../blob/blob.js';
import {parseParameters} from './mime_parameters.js';

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
  return new Uint8Array(TypedArrayPrototypeGetBuffer(bytes), TypedArrayPrototypeGetByteOffset(bytes) + start, end - start);
}

function unquoted(text) {
  const noLf = StringPrototypeReplaceAll(text, '%0A', '\n');
  return StringPrototypeReplaceAll(StringPrototypeReplaceAll(noLf, '%0D', '\r'), '%22', '"');
}

// {name, filename or undefined, type} out of the header lines of a part.
function readPartHeaders(text) {
  const lines = StringPrototypeSplit(text, '\r\n');
  let disposition;
  let type = '';
  for (let i = 0; i < lines.length; i++) {
    const colon = StringPrototypeIndexOf(lines[i], ':');
    if (colon < 0) throw new TypeError('A header line of a FormData part has no colon.');
    const name = StringPrototypeToLowerCase(StringPrototypeSlice(lines[i], 0, colon));
    const value = StringPrototypeTrim(StringPrototypeSlice(lines[i], colon + 1));
    if (name === 'content-disposition') disposition = value;
    else if (name === 'content-type') type = value;
  }
  const parameters = disposition === undefined ? undefined : parseParameters(disposition);
  if (parameters === undefined || parameters.essence !== 'form-data') {
    throw new TypeError('No valid Content-Disposition header found in FormData part.');
  }
  if (parameters.name === undefined) throw new TypeError('Content-Disposition header in FormData part is missing a name.');
  const {filename} = parameters;
  return {name: unquoted(parameters.name), filename: filename === undefined ? undefined : unquoted(filename), type};
}

// Returns the flat list [name, value, …].
export function parseMultipart(bytes, boundary) {
  const delimiter = encodeUtf8(`\r\n--${boundary}`);
  const headersEnd = new Uint8Array([kCr, kLf, kCr, kLf]);
  const {length} = bytes;
  const entries = [];

  // The first delimiter may lack the line break in front, and a preamble before it is ignored.
  let position;
  if (startsAt(bytes, range(delimiter, 2, delimiter.length), 0)) {
    position = delimiter.length - 2;
  } else {
    position = find(bytes, delimiter, 0);
    if (position < 0) throw new TypeError('No initial boundary string (or you have a truncated message).');
    position += delimiter.length;
  }

  for (let part = 0;; part++) {
    if (bytes[position] === kDash && bytes[position + 1] === kDash) return entries;
    while (bytes[position] === 32 || bytes[position] === 9) position++;
    if (position + 1 >= length) throw new TypeError('The multipart/form-data body ends before its closing boundary.');
    if (bytes[position] !== kCr || bytes[position + 1] !== kLf) {
      throw new TypeError('A boundary of the multipart/form-data body is not followed by a line break.');
    }
    if (part === kMaxParts) throw new TypeError(`The multipart/form-data body has more than ${kMaxParts} parts.`);
    // The line break just seen may be the first half of the one that ends the (missing) headers.
    const end = find(bytes, headersEnd, position);
    if (end < 0) throw new TypeError('The multipart/form-data body ends within the headers of a part.');
    if (end - position > kMaxPartHeaderBytes) {
      throw new TypeError(`The headers of a multipart/form-data part exceed ${kMaxPartHeaderBytes} bytes.`);
    }
    if (end === position) throw new TypeError('No valid Content-Disposition header found in FormData part.');
    const headers = readPartHeaders(decodeUtf8(range(bytes, position + 2, end)));

    const start = end + 4;
    // An empty part shares its line break with the end of its headers.
    const stop = startsAt(bytes, delimiter, start - 2) ? start - 2 : find(bytes, delimiter, start);
    if (stop < 0) throw new TypeError('The multipart/form-data body ends before its closing boundary.');
    const content = range(bytes, start, stop < start ? start : stop);
    ArrayPrototypePush(entries, headers.name, headers.filename === undefined ? decodeUtf8(content) :
        createFile(copyOfBytes(content), headers.filename, headers.type, DateNow()));
    position = stop + delimiter.length;
  }
}
