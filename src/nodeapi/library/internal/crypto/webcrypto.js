'use strict';
const {webValue} = require('atoll/platform');
module.exports = {crypto: webValue('crypto')};
