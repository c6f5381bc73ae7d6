'use strict';
// Domains that catch nothing.
const {ReflectApply} = primordials;
const EventEmitter = require('events');

class Domain extends EventEmitter {
  members = undefined;
  enter() {}
  exit() {}
  add() {}
  remove() {}
  run(callback, ...args) { return ReflectApply(callback, this, args); }
  intercept(callback) { return callback; }
  bind(callback) { return callback; }
  _errorHandler(error) { throw error; }
}

function createDomain() { return new Domain(); }

module.exports = {Domain, active: null, createDomain, create: createDomain()};
