'use strict';
// No processes: arguments are looked at, then the call is refused.
const {ArrayIsArray, SymbolDispose} = primordials;
const EventEmitter = require('events');
const {codes: {ERR_INVALID_ARG_TYPE, ERR_METHOD_NOT_IMPLEMENTED}} = require('internal/errors');
const {validateFunction, validateObject, validateString} = require('internal/validators');

class ChildProcess extends EventEmitter {
  constructor() {
    super();
    throw new ERR_METHOD_NOT_IMPLEMENTED('child_process.ChildProcess');
  }
  kill() { throw new ERR_METHOD_NOT_IMPLEMENTED('child_process.ChildProcess.kill'); }
  send() { throw new ERR_METHOD_NOT_IMPLEMENTED('child_process.ChildProcess.send'); }
  disconnect() { throw new ERR_METHOD_NOT_IMPLEMENTED('child_process.ChildProcess.disconnect'); }
  ref() { throw new ERR_METHOD_NOT_IMPLEMENTED('child_process.ChildProcess.ref'); }
  unref() { throw new ERR_METHOD_NOT_IMPLEMENTED('child_process.ChildProcess.unref'); }
  [SymbolDispose]() { throw new ERR_METHOD_NOT_IMPLEMENTED('child_process.ChildProcess[Symbol.dispose]'); }
}

const given = (value) => value !== undefined && value !== null;

module.exports = {
  ...require('node/child_process'),
  ChildProcess,
  exec(command, options, callback) {
    validateString(command, 'command');
    if (typeof options === 'function') callback = options;
    else if (given(options)) validateObject(options, 'options');
    if (given(callback)) validateFunction(callback, 'callback');
    throw new ERR_METHOD_NOT_IMPLEMENTED('child_process.exec');
  },
  fork(modulePath, args, options) {
    if (given(args) && typeof args !== 'object') throw new ERR_INVALID_ARG_TYPE('args', ['Array', 'Object'], args);
    if (given(args) && !ArrayIsArray(args)) options = args;
    if (given(options)) validateObject(options, 'options');
    throw new ERR_METHOD_NOT_IMPLEMENTED('child_process.fork');
  },
  spawnSync(file) {
    validateString(file, 'file');
    throw new ERR_METHOD_NOT_IMPLEMENTED('child_process.spawnSync');
  },
};
