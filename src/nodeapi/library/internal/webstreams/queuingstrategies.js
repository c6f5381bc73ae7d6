'use strict';
const {webValue} = require('atoll/platform');
module.exports = {ByteLengthQueuingStrategy: webValue('ByteLengthQueuingStrategy'), CountQueuingStrategy: webValue('CountQueuingStrategy')};
