'use strict';
// There is nothing to inspect: what only tells an inspector something does nothing, and sessions are refused.
const {ObjectKeys, PromiseResolve, SymbolDispose} = primordials;
const EventEmitter = require('events');
const {codes: {ERR_METHOD_NOT_IMPLEMENTED}} = require('internal/errors');

class Session extends EventEmitter {
  constructor() {
    super();
    throw new ERR_METHOD_NOT_IMPLEMENTED('inspector.Session');
  }
  connect() { throw new ERR_METHOD_NOT_IMPLEMENTED('inspector.Session.connect'); }
  connectToMainThread() { throw new ERR_METHOD_NOT_IMPLEMENTED('inspector.Session.connectToMainThread'); }
  disconnect() { throw new ERR_METHOD_NOT_IMPLEMENTED('inspector.Session.disconnect'); }
  post() { throw new ERR_METHOD_NOT_IMPLEMENTED('inspector.Session.post'); }
}

const silent = {};
const names = ['debug', 'error', 'info', 'log', 'warn', 'dir', 'dirxml', 'table', 'trace', 'group', 'groupCollapsed', 'groupEnd', 'clear', 'count',
               'countReset', 'assert', 'profile', 'profileEnd', 'time', 'timeLog', 'timeStamp'];
for (let i = 0; i < names.length; i++) {
  const name = names[i];
  silent[name] = {[name]() {}}[name];
}

const original = require('node/inspector');
module.exports = {
  Session,
  close() {},
  console: silent,
  open() { return {[SymbolDispose]: () => PromiseResolve(undefined)}; },
  url() { return undefined; },
  waitForDebugger() {},
};
const kept = ObjectKeys(original);
for (let i = 0; i < kept.length; i++) {
  if (module.exports[kept[i]] === undefined) module.exports[kept[i]] = original[kept[i]];
}
