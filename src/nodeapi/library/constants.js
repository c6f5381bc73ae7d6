'use strict';
const {ObjectAssign, ObjectFreeze} = primordials;
const {constants} = require('atoll/data');
ObjectAssign(
    exports, constants.os.dlopen, constants.os.errno, constants.os.priority, constants.os.signals, constants.fs, constants.crypto);
// Of other systems; Workers have them.
exports.SIGINFO = 29;
exports.O_SYMLINK = 0x200000;
ObjectFreeze(exports);
