'use strict';
// Options are looked at as usual; then there is no WASI.
const {codes: {ERR_METHOD_NOT_IMPLEMENTED}} = require('internal/errors');
const {validateArray, validateBoolean, validateInt32, validateObject, validateOneOf} = require('internal/validators');

class WASI {
  constructor(options = {version: 'unstable'}) {
    validateObject(options, 'options');
    validateOneOf(options.version, 'options.version', ['unstable', 'preview1']);
    if (options.args !== undefined) validateArray(options.args, 'options.args');
    if (options.env !== undefined) validateObject(options.env, 'options.env');
    if (options.preopens !== undefined) validateObject(options.preopens, 'options.preopens');
    const {stdin = 0, stdout = 1, stderr = 2} = options;
    validateInt32(stdin, 'options.stdin', 0);
    validateInt32(stdout, 'options.stdout', 0);
    validateInt32(stderr, 'options.stderr', 0);
    if (options.returnOnExit !== undefined) validateBoolean(options.returnOnExit, 'options.returnOnExit');
    throw new ERR_METHOD_NOT_IMPLEMENTED('WASI');
  }
  finalizeBindings() { throw new ERR_METHOD_NOT_IMPLEMENTED('WASI.finalizeBindings'); }
  start() { throw new ERR_METHOD_NOT_IMPLEMENTED('WASI.start'); }
  initialize() { throw new ERR_METHOD_NOT_IMPLEMENTED('WASI.initialize'); }
  getImportObject() { return {}; }
}

module.exports = {WASI};
