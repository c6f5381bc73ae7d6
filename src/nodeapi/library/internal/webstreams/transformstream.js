'use strict';
const {webValue} = require('atoll/platform');
const TransformStream = webValue('TransformStream');
module.exports = {TransformStream, isTransformStream: (value) => value instanceof TransformStream};
