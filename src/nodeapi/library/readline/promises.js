'use strict';
const {PromiseResolve, SymbolAsyncDispose, SymbolAsyncIterator, SymbolDispose} = primordials;
const EventEmitter = require('events');

class Interface extends EventEmitter {
  terminal = false;
  line = '';
  cursor = 0;
  getPrompt() { return ''; }
  setPrompt() {}
  prompt() {}
  question() { return PromiseResolve(''); }
  pause() { return this; }
  resume() { return this; }
  close() {}
  write() {}
  getCursorPos() { return {rows: 0, cols: 0}; }
  [SymbolDispose]() { this.close(); }
  async [SymbolAsyncDispose]() { this.close(); }
  async* [SymbolAsyncIterator]() { yield ''; }
}

class Readline {
  clearLine() { return this; }
  clearScreenDown() { return this; }
  commit() { return PromiseResolve(undefined); }
  cursorTo() { return this; }
  moveCursor() { return this; }
  rollback() { return this; }
}

module.exports = {Interface, Readline, createInterface() { return new Interface(); }};
