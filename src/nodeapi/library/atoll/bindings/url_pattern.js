'use strict';
const {webValue} = require('atoll/platform');
exports.URLPattern = webValue('URLPattern');
