'use strict';
const stream = require('stream');
module.exports = stream.Writable;
module.exports.Writable = stream.Writable;
