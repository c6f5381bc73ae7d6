'use strict';
const timers = require('timers');
const {validateNumber} = require('internal/validators');
module.exports = {
  TIMEOUT_MAX: 2 ** 31 - 1,
  kTimeout: primordials.Symbol('timeout'),
  setUnrefTimeout: (callback, after) => timers.setTimeout(callback, after),
  getTimerDuration(milliseconds, name) {
    validateNumber(milliseconds, name);
    return milliseconds;
  },
};
