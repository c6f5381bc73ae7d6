'use strict';
// What both kinds of interface are where there is no terminal: they never have a line.
const EventEmitter = require('events');
const {SymbolAsyncDispose, SymbolAsyncIterator, SymbolDispose} = primordials;

class NoTerminal extends EventEmitter {
  terminal = false;
  line = '';
  cursor = 0;
  getPrompt() { return ''; }
  setPrompt() {}
  prompt() {}
  pause() { return this; }
  resume() { return this; }
  close() {}
  write() {}
  getCursorPos() { return {rows: 0, cols: 0}; }
  [SymbolDispose]() { this.close(); }
  async [SymbolAsyncDispose]() { this.close(); }
  async* [SymbolAsyncIterator]() { yield ''; }
}

module.exports = {NoTerminal};
