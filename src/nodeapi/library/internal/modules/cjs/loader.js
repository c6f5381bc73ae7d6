'use strict';
module.exports = {Module: require('module')};
