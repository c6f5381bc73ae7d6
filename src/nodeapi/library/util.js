'use strict';
// With what left Node after the release line that libraries may expect.
const {ArrayIsArray, ObjectAssign, Date} = primordials;
const util = require('node/util');
const types = require('internal/util/types');
const {codes: {ERR_METHOD_NOT_IMPLEMENTED}} = require('internal/errors');
const {isError} = require('internal/util');

module.exports = ObjectAssign(util, {
  _errnoException() { throw new ERR_METHOD_NOT_IMPLEMENTED('util._errnoException'); },
  _exceptionWithHostPort() { throw new ERR_METHOD_NOT_IMPLEMENTED('util._exceptionWithHostPort'); },
  getCallSite: util.getCallSites,
  isBoolean: (value) => typeof value === 'boolean',
  isBuffer: require('buffer').Buffer.isBuffer,
  isDate: types.isDate,
  isError: (value) => isError(value),
  isFunction: (value) => typeof value === 'function',
  isNull: (value) => value === null,
  isNullOrUndefined: (value) => value === null || value === undefined,
  isNumber: (value) => typeof value === 'number',
  isObject: (value) => value !== null && typeof value === 'object',
  isPrimitive: (value) => value === null || (typeof value !== 'object' && typeof value !== 'function'),
  isRegExp: types.isRegExp,
  isString: (value) => typeof value === 'string',
  isSymbol: (value) => typeof value === 'symbol',
  isUndefined: (value) => value === undefined,
  log(...args) {
    const {webValue} = require('atoll/platform');
    webValue('console').log('%s - %s', new Date().toISOString(), util.format(...args));
  },
});
