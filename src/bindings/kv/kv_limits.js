// What may be stored in a KV namespace. Messages have the form that Cloudflare's have, since
// programs look into them.
import {Error, TypeError} from '../../webapi/internal/primordials.js';
import {toDOMString, toLongLong, toUSVString} from '../../webapi/internal/webidl.js';
import {encodeUtf8} from '../../webapi/internal/utf8.js';

const kMaxKeyBytes = 512;
const kMaxMetadataBytes = 1024;
const kMaxListKeys = 1000;
const kLeastCacheTtl = 30;
const kLeastTtl = 60;
export const kMaxBulkKeys = 100;
export const kMaxValueBytes = 25 * 1024 * 1024;

export function kvError(operation, status, message) {
  return new Error(`KV ${operation} failed: ${status} ${message}`);
}

function requireKeyLength(key, operation) {
  if (key.length * 3 <= kMaxKeyBytes) return;
  const {length} = encodeUtf8(key);
  if (length > kMaxKeyBytes) {
    throw kvError(operation, 414,
                  `UTF-8 encoded length of ${length} exceeds key length limit of ${kMaxKeyBytes}.`);
  }
}

export function toKey(value, operation) {
  const key = toUSVString(value);
  if (key === '') throw new TypeError('Key name cannot be empty.');
  if (key === '.') throw new TypeError('"." is not allowed as a key name.');
  if (key === '..') throw new TypeError('".." is not allowed as a key name.');
  requireKeyLength(key, operation);
  return key;
}

export function toPrefix(value) {
  if (value === undefined || value === null) return '';
  const prefix = toUSVString(value);
  requireKeyLength(prefix, 'GET');
  return prefix;
}

export function toListLimit(value) {
  if (value === undefined || value === null) return kMaxListKeys;
  const limit = toLongLong(value);
  if (limit < 1) {
    throw kvError('GET', 400,
                  `Invalid key_count_limit of ${limit}. Please specify an integer greater than 0.`);
  }
  if (limit > kMaxListKeys) {
    throw kvError('GET', 400,
                  `Invalid key_count_limit of ${limit}. Please specify an integer less than ${
                      kMaxListKeys}.`);
  }
  return limit;
}

export function requireCacheTtl(value, operation) {
  if (value === undefined || value === null) return;
  const seconds = toLongLong(value);
  if (seconds < kLeastCacheTtl) {
    throw kvError(operation, 400,
                  `Invalid cache_ttl of ${seconds}. Cache TTL must be at least ${kLeastCacheTtl}.`);
  }
}

// Seconds since 1970 at which an entry ends, or NaN for never. A time to live wins over a fixed
// time.
export function toExpiration(expiration, ttl, nowSeconds) {
  if (ttl !== undefined && ttl !== null) {
    const seconds = toLongLong(ttl);
    if (seconds <= 0) {
      throw kvError('PUT', 400,
                    `Invalid expiration_ttl of ${seconds}. Please specify integer greater than 0.`);
    }
    if (seconds < kLeastTtl) {
      throw kvError(
          'PUT', 400,
          `Invalid expiration_ttl of ${seconds}. Expiration TTL must be at least ${kLeastTtl}.`);
    }
    return nowSeconds + seconds;
  }
  if (expiration === undefined || expiration === null) return NaN;
  const seconds = toLongLong(expiration);
  if (seconds <= nowSeconds) {
    throw kvError(
        'PUT', 400,
        `Invalid expiration of ${
            seconds}. Please specify integer greater than the current number of seconds ` +
            'since the UNIX epoch.');
  }
  if (seconds < nowSeconds + kLeastTtl) {
    throw kvError('PUT', 400,
                  `Invalid expiration of ${seconds}. Expiration times must be at least ${
                      kLeastTtl} seconds in the future.`);
  }
  return seconds;
}

export function requireMetadataLength(json) {
  const length = json.length * 3 <= kMaxMetadataBytes ? 0 : encodeUtf8(json).length;
  if (length > kMaxMetadataBytes) {
    throw kvError('PUT', 413,
                  `Metadata length of ${length} exceeds limit of ${kMaxMetadataBytes}.`);
  }
}

export function requireValueLength(length) {
  if (length > kMaxValueBytes) {
    throw kvError('PUT', 413, `Value length of ${length} exceeds limit of ${kMaxValueBytes}.`);
  }
}

export function toType(value) {
  if (value === undefined || value === null) return 'text';
  const type = toDOMString(value);
  if (type !== 'text' && type !== 'json' && type !== 'arrayBuffer' && type !== 'stream') {
    throw new TypeError(
        'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".');
  }
  return type;
}
