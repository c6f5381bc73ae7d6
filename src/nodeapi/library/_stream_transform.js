'use strict';
const stream = require('stream');
module.exports = stream.Transform;
module.exports.Transform = stream.Transform;
