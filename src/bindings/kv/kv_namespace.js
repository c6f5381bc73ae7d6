// The object behind a KV namespace binding.
import {
  ArrayBufferIsView, ArrayIsArray, JSONParse, JSONStringify, Map, MapPrototypeSet, MathFloor,
  PromisePrototypeThen, PromiseReject, PromiseResolve, TypeError, TypedArrayPrototypeGetByteLength,
  Uint8Array,
} from '../../webapi/internal/primordials.js';
import {
  defineInterface, illegalConstructor, isArrayBuffer, isObject, kInternal, requireArguments,
  toDictionary, toDOMString, toUSVString,
} from '../../webapi/internal/webidl.js';
import {bytesOf, copyOfBytes} from '../../webapi/internal/bytes.js';
import {encodeUtf8} from '../../webapi/internal/utf8.js';
import {
  fixedLengthOf, isLocked, isReadableStream, readAllBytes,
} from '../../webapi/streams/internal.js';
import {streamOfBytes} from '../../webapi/fetch/body_stream.js';
import {
  kMaxBulkKeys, kMaxValueBytes, kvError, requireCacheTtl, requireMetadataLength, requireValueLength,
  toExpiration, toKey, toListLimit, toPrefix, toType,
} from './kv_limits.js';

const kAsText = 0;
const kAsBuffer = 1;

function convert(value, type) {
  switch (type) {
    case 'json': return JSONParse(value);
    case 'stream': return streamOfBytes(new Uint8Array(value));
    default: return value;
  }
}

function parseMetadata(json) { return json === undefined ? null : JSONParse(json); }

function requireBulkKeys(keys) {
  if (keys.length === 0) throw kvError('GET_BULK', 400, 'You must request a minimum of 1 key');
  if (keys.length > kMaxBulkKeys) {
    throw kvError('GET_BULK', 400, `You can request a maximum of ${kMaxBulkKeys} keys`);
  }
  const names = [];
  for (let i = 0; i < keys.length; i++) names[i] = toKey(keys[i], 'GET_BULK');
  return names;
}

function parseBulkJson(text) {
  try {
    return JSONParse(text);
  } catch {
    throw kvError('GET_BULK', 400,
                  'At least one of the requested keys corresponds to a non-JSON value');
  }
}

async function readValue(stream) {
  requireValueLength(fixedLengthOf(stream) ?? 0);
  if (isLocked(stream)) throw new TypeError('This ReadableStream is currently locked to a reader.');
  const bytes = await readAllBytes(stream);
  requireValueLength(TypedArrayPrototypeGetByteLength(bytes));
  return bytes;
}

// What natives take as a value: a string or bytes.
function toStorable(value) {
  if (!isObject(value)) {
    const text = toDOMString(value);
    if (text.length * 3 > kMaxValueBytes) requireValueLength(encodeUtf8(text).length);
    return text;
  }
  if (ArrayBufferIsView(value) || isArrayBuffer(value)) {
    requireValueLength(TypedArrayPrototypeGetByteLength(bytesOf(value)));
    return copyOfBytes(value);
  }
  throw new TypeError(
      'KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.');
}

export class KvNamespace {
  #handle;

  constructor(key, handle) {
    if (key !== kInternal) illegalConstructor();
    this.#handle = handle;
  }

  get(key, options = undefined) {
    try {
      const handle = this.#handle;
      requireArguments(arguments.length, 1, 'KvNamespace.get');
      if (ArrayIsArray(key)) return this.#getMany(key, options, false);
      const type = readGetOptions(options, 'GET');
      const found = natives.kvGet(handle, toKey(key, 'GET'), kindOf(type));
      if (found === null || ArrayIsArray(found)) {
        return PromiseResolve(found === null ? null : convert(found[0], type));
      }
      return PromisePrototypeThen(found,
                                  (entry) => (entry === null ? null : convert(entry[0], type)));
    } catch (error) {
      return PromiseReject(error);
    }
  }

  async getWithMetadata(key, options = undefined) {
    const handle = this.#handle;
    requireArguments(arguments.length, 1, 'KvNamespace.getWithMetadata');
    if (ArrayIsArray(key)) return this.#getMany(key, options, true);
    const type = readGetOptions(options, 'GET');
    const found = await natives.kvGet(handle, toKey(key, 'GET'), kindOf(type));
    return found === null ?
        {value: null, metadata: null, cacheStatus: null} :
        {value: convert(found[0], type), metadata: parseMetadata(found[1]), cacheStatus: null};
  }

  async put(key, value, options = undefined) {
    const handle = this.#handle;
    requireArguments(arguments.length, 2, 'KvNamespace.put');
    const name = toKey(key, 'PUT');
    const {expiration, expirationTtl, metadata} =
        toDictionary(options, 'KvNamespace.put: the third argument');
    const endsAt = toExpiration(expiration, expirationTtl, MathFloor(natives.now() / 1000));
    const json = metadata === undefined || metadata === null ? undefined : JSONStringify(metadata);
    if (json !== undefined) requireMetadataLength(json);
    await natives.kvPut(handle, name,
                        isReadableStream(value) ? await readValue(value) : toStorable(value),
                        endsAt, json);
  }

  async delete(key) {
    const handle = this.#handle;
    requireArguments(arguments.length, 1, 'KvNamespace.delete');
    await natives.kvDelete(handle, toKey(key, 'DELETE'));
  }

  async list(options = undefined) {
    const handle = this.#handle;
    const {cursor, limit, prefix} = toDictionary(options, 'KvNamespace.list: the argument');
    const from = cursor === undefined || cursor === null ? '' : toUSVString(cursor);
    const page = await natives.kvList(handle, toPrefix(prefix), toListLimit(limit), from);
    const {keys} = page;
    for (let i = 0; i < keys.length; i++) {
      if (keys[i].metadata !== undefined) keys[i].metadata = JSONParse(keys[i].metadata);
    }
    return page.cursor === '' ?
        {keys, list_complete: true, cacheStatus: null} :
        {keys, list_complete: false, cursor: page.cursor, cacheStatus: null};
  }

  async #getMany(keys, options, withMetadata) {
    const names = requireBulkKeys(keys);
    const type = readGetOptions(options, 'GET_BULK');
    if (type !== 'text' && type !== 'json') {
      throw kvError('GET_BULK', 400, `"${type}" is not a valid type. Use "json" or "text"`);
    }
    const found = await natives.kvGetMany(this.#handle, names);
    const result = new Map();
    for (let i = 0; i < names.length; i++) {
      const entry = found[i];
      const value = entry === null ? null : type === 'json' ? parseBulkJson(entry[0]) : entry[0];
      MapPrototypeSet(
          result, names[i],
          !withMetadata      ? value :
              entry === null ? null :
                               {value, metadata: parseMetadata(entry[1]), cacheStatus: null});
    }
    return result;
  }
}
defineInterface(KvNamespace, 'KvNamespace');

function kindOf(type) { return type === 'arrayBuffer' || type === 'stream' ? kAsBuffer : kAsText; }

// The type asked for.
function readGetOptions(options, operation) {
  if (options === undefined || options === null) return 'text';
  if (!isObject(options)) return toType(options);
  requireCacheTtl(options.cacheTtl, operation);
  return toType(options.type);
}

export function createKvNamespace(handle) { return new KvNamespace(kInternal, handle); }
