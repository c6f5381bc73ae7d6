// https://w3c.github.io/FileAPI. A Blob is a range of bytes that never change, so slices share
// them.
import {
  ArrayBufferIsView, ArrayBufferPrototypeGetResizable, DateNow, RangeError, RegExpPrototypeExec,
  StringPrototypeToLowerCase, SymbolIterator, TypeError, TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeSet,
  Uint8Array,
} from '../internal/primordials.js';
import {
  defineInterface, isArrayBuffer, isObject, iterableToArray, kInternal, requireArguments,
  toDictionary, toDOMString, toLongLong, toUSVString,
} from '../internal/webidl.js';
import {bytesOf, copyOfBytes} from '../internal/bytes.js';
import {decodeUtf8, encodeUtf8} from '../internal/utf8.js';
import {createReadableFromBytes} from '../streams/internal.js';

export let isBlob, isFile, blobBytes, blobType, fileName, fileLastModified, createBlob, createFile;

const kUnprintable = /[^\x20-\x7e]/;

function toType(value) {
  if (value === undefined) return '';
  const type = toDOMString(value);
  return RegExpPrototypeExec(kUnprintable, type) === null ? StringPrototypeToLowerCase(type) : '';
}

function toPart(value) {
  if (ArrayBufferIsView(value) || isBlob(value)) return value;
  if (isObject(value) && isArrayBuffer(value)) {
    if (ArrayBufferPrototypeGetResizable(value)) {
      throw new TypeError('Cannot create a Blob with a resizable ArrayBuffer');
    }
    return value;
  }
  return toUSVString(value);
}

const kMaxSize = 128 * 1024 * 1024;

// Looks at buffers only now that no more of the script's code runs: it may resize them.
function concatenate(parts) {
  let size = 0;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    parts[i] = typeof part === 'string' ? encodeUtf8(part) :
        isBlob(part)                    ? blobBytes(part) :
                                          bytesOf(part);
    size += TypedArrayPrototypeGetByteLength(parts[i]);
  }
  if (size > kMaxSize) throw new RangeError(`Blob size ${size} exceeds limit ${kMaxSize}`);
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (let i = 0; i < parts.length; i++) {
    TypedArrayPrototypeSet(bytes, parts[i], offset);
    offset += TypedArrayPrototypeGetByteLength(parts[i]);
  }
  return bytes;
}

function readParts(parts, name) {
  const method = isObject(parts) ? parts[SymbolIterator] : undefined;
  if (typeof method !== 'function') {
    throw new TypeError(
        `Failed to construct '${name}': constructor parameter 1 is not of type 'Array'.`);
  }
  return concatenate(iterableToArray(parts, method, toPart));
}

function clampIndex(value, size) {
  const index = toLongLong(value, 2);
  return index < 0 ? (size + index > 0 ? size + index : 0) : index < size ? index : size;
}

export class Blob {
  #bytes;  // the memory may be shared with other blobs, and is out of reach for scripts
  #type;

  constructor(parts = undefined, options = undefined) {
    if (parts === kInternal) {
      this.#bytes = options;
      this.#type = '';
      return;
    }
    this.#bytes = parts === undefined ? new Uint8Array(0) : readParts(parts, 'Blob');
    const {endings, type} = toDictionary(options, 'The second argument of Blob');
    if (endings !== undefined) {
      throw new TypeError("The 'endings' field on 'Options' is not implemented.");
    }
    this.#type = toType(type);
  }

  get size() { return TypedArrayPrototypeGetByteLength(this.#bytes); }
  get type() { return this.#type; }

  slice(start = 0, end = undefined, type = undefined) {
    const bytes = this.#bytes;
    const size = TypedArrayPrototypeGetByteLength(bytes);
    const from = clampIndex(start, size);
    const to = end === undefined ? size : clampIndex(end, size);
    const length = to > from ? to - from : 0;
    const range = new Uint8Array(TypedArrayPrototypeGetBuffer(bytes),
                                 TypedArrayPrototypeGetByteOffset(bytes) + from, length);
    return createBlob(range, toType(type));
  }

  async arrayBuffer() { return TypedArrayPrototypeGetBuffer(copyOfBytes(this.#bytes)); }

  async bytes() { return copyOfBytes(this.#bytes); }

  async text() { return decodeUtf8(this.#bytes); }

  stream() { return createReadableFromBytes(copyOfBytes(this.#bytes)); }

  static {
    isBlob = (value) => typeof value === 'object' && value !== null && #bytes in value;
    blobBytes = (blob) => blob.#bytes;  // not to be written to, nor shown to scripts
    blobType = (blob) => blob.#type;

    // Takes the bytes over.
    createBlob = (bytes, type) => {
      const blob = new Blob(kInternal, bytes);
      blob.#type = type;
      return blob;
    };

    createFile = (bytes, name, type, lastModified) => {
      const file = new File(kInternal, bytes, name, lastModified);
      file.#type = type;
      return file;
    };
  }
}

export class File extends Blob {
  #name;
  #lastModified;

  constructor(parts, name, options = undefined, lastModified) {
    if (parts === kInternal) {
      super(kInternal, name);
      this.#name = options;
      this.#lastModified = lastModified;
      return;
    }
    requireArguments(arguments.length, 2, 'File');
    if (parts === undefined) readParts(parts, 'File');
    super(parts, options);
    this.#name = toUSVString(name);
    const given = toDictionary(options, 'The third argument of File').lastModified;
    this.#lastModified = given === undefined ? DateNow() : toLongLong(given);
  }

  get name() { return this.#name; }
  get lastModified() { return this.#lastModified; }

  static {
    isFile = (value) => typeof value === 'object' && value !== null && #name in value;
    fileName = (file) => file.#name;
    fileLastModified = (file) => file.#lastModified;
  }
}
defineInterface(Blob, 'Blob');
defineInterface(File, 'File');
