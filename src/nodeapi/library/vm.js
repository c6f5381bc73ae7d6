'use strict';
const {codes: {ERR_METHOD_NOT_IMPLEMENTED}} = require('internal/errors');
const {isObjectLike} = {isObjectLike: (value) => (typeof value === 'object' && value !== null) || typeof value === 'function'};
const {codes: {ERR_INVALID_ARG_TYPE}} = require('internal/errors');

class Script {
  constructor() { throw new ERR_METHOD_NOT_IMPLEMENTED('Script'); }
}
const refuse = (name) => ({[name]() { throw new ERR_METHOD_NOT_IMPLEMENTED(name); }}[name]);

module.exports = {
  Script,
  createContext: refuse('createContext'),
  createScript: refuse('createScript'),
  runInContext: refuse('runInContext'),
  runInNewContext: refuse('runInNewContext'),
  runInThisContext: refuse('runInThisContext'),
  isContext(object) {
    if (!isObjectLike(object)) throw new ERR_INVALID_ARG_TYPE('object', 'Object', object);
    return false;
  },
  compileFunction: refuse('compileFunction'),
  measureMemory: refuse('measureMemory'),
  constants: {__proto__: null, USE_MAIN_CONTEXT_DEFAULT_LOADER: primordials.Symbol('vm_dynamic_import_main_context_default'), DONT_CONTEXTIFY: primordials.Symbol('vm_context_no_contextify')},
};
