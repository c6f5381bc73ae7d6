'use strict';
module.exports = {constants: {}};
