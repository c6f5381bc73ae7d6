'use strict';
const {ArrayPrototypeFilter, Symbol, SyntaxError} = primordials;
const EventEmitter = require('events');
const {codes: {ERR_METHOD_NOT_IMPLEMENTED}} = require('internal/errors');
const {builtinModules} = require('module');

const refuse = (name) => ({[name]() { throw new ERR_METHOD_NOT_IMPLEMENTED(`repl.${name}`); }}[name]);

class REPLServer extends EventEmitter {
  constructor() {
    super();
    throw new ERR_METHOD_NOT_IMPLEMENTED('repl.REPLServer');
  }
  setupHistory() { throw new ERR_METHOD_NOT_IMPLEMENTED('repl.REPLServer.setupHistory'); }
  defineCommand() { throw new ERR_METHOD_NOT_IMPLEMENTED('repl.REPLServer.defineCommand'); }
  displayPrompt() { throw new ERR_METHOD_NOT_IMPLEMENTED('repl.REPLServer.displayPrompt'); }
  clearBufferedCommand() { throw new ERR_METHOD_NOT_IMPLEMENTED('repl.REPLServer.clearBufferedCommand'); }
}

class Recoverable extends SyntaxError {
  constructor(error) {
    super();
    this.err = error;
  }
}

const names = ArrayPrototypeFilter(builtinModules, (name) => name[0] !== '_');

module.exports = {
  writer: refuse('writer'),
  start: refuse('start'),
  Recoverable,
  REPLServer,
  REPL_MODE_SLOPPY: Symbol('repl-sloppy'),
  REPL_MODE_STRICT: Symbol('repl-strict'),
  builtinModules: names,
  _builtinLibs: names,
};
