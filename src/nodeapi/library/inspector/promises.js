'use strict';
const {Session, console, Network} = require('inspector');
module.exports = {...require('node/inspector/promises'), Session, console, Network};
