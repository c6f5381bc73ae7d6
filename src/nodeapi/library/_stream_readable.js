'use strict';
const stream = require('stream');
module.exports = stream.Readable;
module.exports.Readable = stream.Readable;
