'use strict';
const stream = require('stream');
module.exports = stream.PassThrough;
module.exports.PassThrough = stream.PassThrough;
