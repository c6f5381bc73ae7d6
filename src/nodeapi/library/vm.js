'use strict';
// No code from strings: arguments are looked at as Node does, contexts are empty objects, and running is refused.
const {ObjectFreeze, Symbol} = primordials;
const {codes: {ERR_INVALID_ARG_TYPE, ERR_METHOD_NOT_IMPLEMENTED}} = require('internal/errors');
const {isArrayBufferView} = require('internal/util/types');
const {
  validateArray, validateBoolean, validateFunction, validateInt32, validateObject, validateOneOf, validateString, validateStringArray,
  validateUint32,
} = require('internal/validators');

const constants = ObjectFreeze({
  __proto__: null,
  USE_MAIN_CONTEXT_DEFAULT_LOADER: Symbol('vm_dynamic_import_main_context_default'),
  DONT_CONTEXTIFY: Symbol('vm_context_no_contextify'),
});

class Context {
  #isContext = true;
  static is(object) { return #isContext in object; }
}

function isContext(object) {
  if ((typeof object !== 'object' && typeof object !== 'function') || object === null) {
    throw new ERR_INVALID_ARG_TYPE('object', 'Object', object);
  }
  return Context.is(object);
}

function validateContext(object) {
  if (object === null || typeof object !== 'object' || !Context.is(object)) {
    throw new ERR_INVALID_ARG_TYPE('contextifiedObject', 'vm.Context', object);
  }
}

function validateImporter(importer) {
  if (importer !== undefined && importer !== constants.USE_MAIN_CONTEXT_DEFAULT_LOADER) {
    validateFunction(importer, 'options.importModuleDynamically');
  }
}

function validateCachedData(options) {
  const {cachedData, produceCachedData = false} = options;
  if (cachedData !== undefined && !isArrayBufferView(cachedData)) {
    throw new ERR_INVALID_ARG_TYPE('options.cachedData', ['Buffer', 'TypedArray', 'DataView'], cachedData);
  }
  validateBoolean(produceCachedData, 'options.produceCachedData');
}

function validatePlace(options) {
  const {filename = '', lineOffset = 0, columnOffset = 0} = options;
  validateString(filename, 'options.filename');
  validateInt32(lineOffset, 'options.lineOffset');
  validateInt32(columnOffset, 'options.columnOffset');
}

const asOptions = (options) => {
  if (typeof options === 'string') return {filename: options};
  validateObject(options, 'options');
  return options;
};

function validateRun(options) {
  validateObject(options, 'options');
  const {breakOnSigint = false, displayErrors = true, timeout} = options;
  if (timeout !== undefined) validateUint32(timeout, 'options.timeout', true);
  validateBoolean(displayErrors, 'options.displayErrors');
  validateBoolean(breakOnSigint, 'options.breakOnSigint');
}

class Script {
  constructor(code, options = {}) {
    code = `${code}`;
    options = asOptions(options);
    validatePlace(options);
    validateCachedData(options);
    validateImporter(options.importModuleDynamically);
  }
  runInThisContext(options = {}) {
    validateRun(options);
    throw new ERR_METHOD_NOT_IMPLEMENTED('Script.runInThisContext');
  }
  runInContext(contextifiedObject, options = {}) {
    validateContext(contextifiedObject);
    validateRun(options);
    throw new ERR_METHOD_NOT_IMPLEMENTED('Script.runInContext');
  }
  runInNewContext(contextObject, options = {}) {
    createContext(contextObject, contextOptions(options));
    validateRun(options);
    throw new ERR_METHOD_NOT_IMPLEMENTED('Script.runInNewContext');
  }
  createCachedData() { throw new ERR_METHOD_NOT_IMPLEMENTED('Script.createCachedData'); }
}

function contextOptions(options) {
  validateObject(options, 'options');
  return {
    name: options.contextName, origin: options.contextOrigin, codeGeneration: options.contextCodeGeneration, microtaskMode: options.microtaskMode,
  };
}

function createContext(contextObject = {}, options = {}) {
  if (contextObject !== constants.DONT_CONTEXTIFY && isContext(contextObject)) return contextObject;
  validateObject(options, 'options');
  const {name, origin, codeGeneration, microtaskMode, importModuleDynamically} = options;
  if (name !== undefined) validateString(name, 'options.name');
  if (origin !== undefined) validateString(origin, 'options.origin');
  if (codeGeneration !== undefined) {
    validateObject(codeGeneration, 'options.codeGeneration');
    const {strings = true, wasm = true} = codeGeneration;
    validateBoolean(strings, 'options.codeGeneration.strings');
    validateBoolean(wasm, 'options.codeGeneration.wasm');
  }
  validateOneOf(microtaskMode, 'options.microtaskMode', ['afterEvaluate', undefined]);
  validateImporter(importModuleDynamically);
  return new Context();
}

module.exports = {
  Script,
  createContext,
  createScript(code, options) { return new Script(code, options); },
  runInContext(code, contextifiedObject, options = {}) {
    validateContext(contextifiedObject);
    return new Script(code, options).runInContext(contextifiedObject, asOptions(options));
  },
  runInNewContext(code, contextObject, options = {}) {
    return new Script(code, options).runInNewContext(contextObject, asOptions(options));
  },
  runInThisContext(code, options = {}) { return new Script(code, options).runInThisContext(asOptions(options)); },
  isContext,
  compileFunction(code, params, options = {}) {
    validateString(code, 'code');
    if (params !== undefined) validateStringArray(params, 'params');
    validateObject(options, 'options');
    validatePlace(options);
    validateCachedData(options);
    const {parsingContext, contextExtensions = []} = options;
    if (parsingContext !== undefined && (parsingContext === null || typeof parsingContext !== 'object' || !isContext(parsingContext))) {
      throw new ERR_INVALID_ARG_TYPE('options.parsingContext', 'Context', parsingContext);
    }
    validateArray(contextExtensions, 'options.contextExtensions');
    for (let i = 0; i < contextExtensions.length; i++) validateObject(contextExtensions[i], `options.contextExtensions[${i}]`);
    validateImporter(options.importModuleDynamically);
    throw new ERR_METHOD_NOT_IMPLEMENTED('vm.compileFunction');
  },
  measureMemory(options = {}) {
    validateObject(options, 'options');
    const {mode = 'summary', execution = 'default'} = options;
    validateOneOf(mode, 'options.mode', ['summary', 'detailed']);
    validateOneOf(execution, 'options.execution', ['default', 'eager']);
    throw new ERR_METHOD_NOT_IMPLEMENTED('vm.measureMemory');
  },
  constants,
};
