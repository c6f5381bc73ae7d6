'use strict';
// There is no terminal.
module.exports = {
  blue: '', green: '', white: '', yellow: '', red: '', gray: '', clear: '', reset: '', underline: '', bold: '', hasColors: false,
  shouldColorize: () => false,
  refresh() {},
};
