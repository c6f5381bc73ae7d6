'use strict';
module.exports = {has: () => true};
