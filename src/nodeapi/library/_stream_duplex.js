'use strict';
const stream = require('stream');
module.exports = stream.Duplex;
module.exports.Duplex = stream.Duplex;
