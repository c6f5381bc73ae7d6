'use strict';
// What the library itself needs of `process`, long before a script asks for it.
const {ArrayIsArray, Error, ErrorCaptureStackTrace, ObjectDefineProperty, ReflectApply} = primordials;
const {natives, webValue} = require('atoll/platform');

const kVersion = '22.19.0';  // the release line whose behaviour libraries may expect

process.version = `v${kVersion}`;
process.versions = {
  node: kVersion, v8: '', modules: '127', zlib: '', brotli: '', zstd: '', ares: '', napi: '', llhttp: '', nghttp2: '', acorn: '', ada: '',
  simdutf: '', nbytes: '', ncrypto: '', uvwasi: '', uv: '', openssl: '3.0.0', sqlite: '', icu: '', undici: '', simdjson: '', unicode: '',
  cldr: '', tz: '', cjs_module_lexer: '',
};
process.title = 'workerd';
process.arch = 'x64';
process.platform = 'linux';
process.noDeprecation = false;
process.traceDeprecation = false;
process.throwDeprecation = false;
process.domain = null;

const queueMicrotask = webValue('queueMicrotask');

process.nextTick = function nextTick(callback, ...args) {
  require('internal/validators').validateFunction(callback, 'callback');
  queueMicrotask(args.length === 0 ? () => callback() : () => ReflectApply(callback, undefined, args));
};

process.emitWarning = function emitWarning(warning, type, code, constructor) {
  const {validateString} = require('internal/validators');
  const {codes: {ERR_INVALID_ARG_TYPE}} = require('internal/errors');
  let detail;
  if (type !== null && typeof type === 'object' && !ArrayIsArray(type)) {
    constructor = type.ctor;
    code = type.code;
    if (typeof type.detail === 'string') detail = type.detail;
    type = type.type || 'Warning';
  } else if (typeof type === 'function') {
    constructor = type;
    code = '';
    type = 'Warning';
  }
  if (type !== undefined) validateString(type, 'type');
  if (typeof code === 'function') {
    constructor = code;
    code = '';
  } else if (code !== undefined) {
    validateString(code, 'code');
  }
  if (typeof warning === 'string') {
    const error = new Error(warning);
    error.name = `${type || 'Warning'}`;
    if (code) error.code = code;
    if (detail) error.detail = detail;
    ErrorCaptureStackTrace(error, constructor || process.emitWarning);
    warning = error;
  } else if (!require('internal/util').isError(warning)) {
    throw new ERR_INVALID_ARG_TYPE('warning', ['Error', 'string'], warning);
  }
  if (warning.name === 'DeprecationWarning' && process.noDeprecation) return;
  if (process.emit === undefined) require('process');
  process.nextTick(() => process.emit('warning', warning));
};

// Set up when first looked at, for the bindings may be many.
ObjectDefineProperty(process, 'env', {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get() { return process.env = require('atoll/environment'); },
  set(value) {
    ObjectDefineProperty(
        process, 'env', {__proto__: null, value, writable: true, configurable: true, enumerable: true});
  },
});

process.cwd = () => '/bundle';

// Streams of their own, made by the module.
const names = ['stdin', 'stdout', 'stderr'];
for (let i = 0; i < names.length; i++) {
  ObjectDefineProperty(process, names[i], {__proto__: null, configurable: true, enumerable: true, get: () => require('process')[names[i]]});
}

module.exports = {now: () => natives.now()};
