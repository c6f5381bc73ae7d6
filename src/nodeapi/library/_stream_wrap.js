'use strict';
const {codes: {ERR_METHOD_NOT_IMPLEMENTED}} = require('internal/errors');
module.exports = class JSStreamSocket {
  constructor() { throw new ERR_METHOD_NOT_IMPLEMENTED('JSStreamSocket'); }
};
