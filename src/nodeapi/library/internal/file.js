'use strict';
const {webValue} = require('atoll/platform');
module.exports = {File: webValue('File')};
