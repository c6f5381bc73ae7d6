'use strict';
// Without a terminal: an interface that never has a line, and answers each question with ''.
const EventEmitter = require('events');
const {SymbolAsyncDispose, SymbolAsyncIterator, SymbolDispose} = primordials;

class Interface extends EventEmitter {
  terminal = false;
  line = '';
  cursor = 0;
  getPrompt() { return ''; }
  setPrompt() {}
  prompt() {}
  question(query, options, callback) {
    if (typeof options === 'function') options('');
    else if (typeof callback === 'function') callback('');
  }
  pause() { return this; }
  resume() { return this; }
  close() {}
  write() {}
  getCursorPos() { return {rows: 0, cols: 0}; }
  [SymbolDispose]() { this.close(); }
  async [SymbolAsyncDispose]() { this.close(); }
  async* [SymbolAsyncIterator]() { yield ''; }
}

module.exports = {
  Interface,
  clearLine() { return false; },
  clearScreenDown() { return false; },
  createInterface() { return new Interface(); },
  cursorTo() { return false; },
  emitKeypressEvents() {},
  moveCursor() { return false; },
  promises: require('readline/promises'),
};
