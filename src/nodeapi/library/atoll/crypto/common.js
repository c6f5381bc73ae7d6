'use strict';
// What the halves of internalBinding('crypto') have in common. Natives take bytes as views and keys as handles, which are
// ArrayBuffers: view() sees to it that no buffer of a script's is taken for one.
const {ArrayBufferIsView, Error, ObjectDefineProperty, RangeError, TypeError, Uint8Array} = primordials;
const {isAnyArrayBuffer} = require('internal/util/types');
const {Buffer} = require('buffer');

// A view of the bytes; undefined for other values.
function view(source) {
  if (ArrayBufferIsView(source)) return source;
  return isAnyArrayBuffer(source) ? new Uint8Array(source) : undefined;
}

// The bytes of data that update() takes.
function inputBytes(data, encoding) {
  if (typeof data !== 'string') return view(data);
  return Buffer.from(data, encoding === 'buffer' ? 'utf8' : encoding);
}

// `bytes`: an ArrayBuffer that a native returned.
function output(bytes, encoding) {
  const buffer = Buffer.from(bytes);
  return encoding && encoding !== 'buffer' ? buffer.toString(encoding) : buffer;
}

function withCode(error, code) {
  ObjectDefineProperty(error, 'code', {__proto__: null, value: code, writable: true, enumerable: true, configurable: true});
  return error;
}

const coded = (code, message) => withCode(new Error(message), code);
const codedType = (code, message) => withCode(new TypeError(message), code);
const codedRange = (code, message) => withCode(new RangeError(message), code);

const invalidDigest = (name) => codedType('ERR_CRYPTO_INVALID_DIGEST', `Invalid digest: ${name}`);

const kCryptoJobAsync = 0;
const kCryptoJobSync = 1;

// What Node does on another thread is done at once; a callback still comes later.
class Job {
  #mode;
  ondone;

  constructor(mode) { this.#mode = mode; }

  run() {
    if (this.#mode === kCryptoJobSync) return [undefined, this.work()];
    let error;
    let result;
    try {
      result = this.work();
    } catch (caught) {
      error = caught;
    }
    process.nextTick(() => { this.ondone(error, result); });
    return undefined;
  }
}

module.exports = {
  coded, codedRange, codedType, inputBytes, invalidDigest, Job, kCryptoJobAsync, kCryptoJobSync, output, view,
};
