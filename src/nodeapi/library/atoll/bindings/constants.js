'use strict';
module.exports = require('atoll/data').constants;
