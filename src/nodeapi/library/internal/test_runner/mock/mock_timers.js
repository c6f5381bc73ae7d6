'use strict';
const {codes: {ERR_METHOD_NOT_IMPLEMENTED}} = require('internal/errors');
exports.MockTimers = class MockTimers {
  enable() { throw new ERR_METHOD_NOT_IMPLEMENTED('mock.timers.enable'); }
  reset() {}
};
