'use strict';
const {PromiseResolve} = primordials;
const {NoTerminal} = require('internal/readline/no_terminal');

class Interface extends NoTerminal {
  question() { return PromiseResolve(''); }
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
