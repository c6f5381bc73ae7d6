'use strict';
const {ObjectDefineProperties, ObjectFreeze} = primordials;
const {normalizeEncoding} = require('internal/util');
const {validateInt32, validateObject} = require('internal/validators');
const {constants} = require('atoll/data');
const {codes: {ERR_INVALID_ARG_VALUE}} = require('internal/errors');

// The machine is not the script's business.
const fixed = (value) => {
  const give = () => value;
  give[primordials.SymbolToPrimitive] = () => value;
  return give;
};

module.exports = {
  arch: fixed('x64'),
  availableParallelism: fixed(1),
  cpus: () => [],
  endianness: fixed('LE'),
  freemem: fixed(0),
  getPriority(pid = 0) {
    validateInt32(pid, 'pid');
    return 0;
  },
  homedir: fixed('/tmp/'),
  hostname: fixed('localhost'),
  loadavg: () => [0, 0, 0],
  networkInterfaces: () => ({}),
  platform: fixed('linux'),
  release: fixed(''),
  setPriority(pid, priority) {
    if (priority === undefined) {
      priority = pid;
      pid = 0;
    }
    validateInt32(pid, 'pid');
    validateInt32(priority, 'priority', -20, 19);
  },
  tmpdir: fixed('/tmp/'),
  totalmem: fixed(0),
  type: fixed('Linux'),
  userInfo(options) {
    if (options !== undefined) {
      validateObject(options, 'options');
      const {encoding} = options;
      if (encoding !== undefined && encoding !== 'buffer' && (typeof encoding !== 'string' || normalizeEncoding(encoding) === undefined)) {
        throw new ERR_INVALID_ARG_VALUE('options.encoding', encoding);
      }
    }
    return {};
  },
  uptime: fixed(0),
  version: fixed(''),
  machine: fixed('x86_64'),
};
ObjectDefineProperties(module.exports, {
  constants: {__proto__: null, configurable: false, enumerable: true, value: constants.os},
  EOL: {__proto__: null, configurable: true, enumerable: true, writable: false, value: '\n'},
  devNull: {__proto__: null, configurable: true, enumerable: true, writable: false, value: '/dev/null'},
});
