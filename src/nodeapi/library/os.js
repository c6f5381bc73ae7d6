'use strict';
const {ObjectDefineProperties, ObjectFreeze} = primordials;
const {validateInt32} = require('internal/validators');
const {constants} = require('atoll/data');
const {codes: {ERR_METHOD_NOT_IMPLEMENTED}} = require('internal/errors');

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
  setPriority() { throw new ERR_METHOD_NOT_IMPLEMENTED('os.setPriority'); },
  tmpdir: fixed('/tmp/'),
  totalmem: fixed(0),
  type: fixed('Linux'),
  userInfo: () => ({}),
  uptime: fixed(0),
  version: fixed(''),
  machine: fixed('x86_64'),
};
ObjectDefineProperties(module.exports, {
  constants: {__proto__: null, configurable: false, enumerable: true, value: constants.os},
  EOL: {__proto__: null, configurable: true, enumerable: true, writable: false, value: '\n'},
  devNull: {__proto__: null, configurable: true, enumerable: true, writable: false, value: '/dev/null'},
});
