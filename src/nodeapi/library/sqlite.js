'use strict';
// Names and numbers only.
const {TypeError} = primordials;

class DatabaseSync {
  constructor() { throw new TypeError('Illegal constructor'); }
}
class StatementSync {
  constructor() { throw new TypeError('Illegal constructor'); }
}

const {backup, constants} = require('node/sqlite');
module.exports = {DatabaseSync, StatementSync, backup, constants};
