'use strict';
// Without a terminal: an interface that never has a line, and answers each question with ''.
const {NoTerminal} = require('internal/readline/no_terminal');

class Interface extends NoTerminal {
  question(query, options, callback) {
    if (typeof options === 'function') options('');
    else if (typeof callback === 'function') callback('');
  }
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
