'use strict';
// Events of `process` that come from the global scope. It is listened to once a script listens to them.
const { ReflectApply, SafeSet } = primordials;
const { webValue } = require('atoll/platform');

const { addEventListener } = webValue('EventTarget').prototype;
const connected = new SafeSet();

const sources = {
  __proto__: null,
  unhandledRejection: ['unhandledrejection', (event) => {
    if (process.emit('unhandledRejection', event.reason, event.promise)) event.preventDefault();
  }],
  rejectionHandled: ['rejectionhandled', (event) => { process.emit('rejectionHandled', event.promise); }],
};

function connect(type) {
  const source = typeof type === 'string' ? sources[type] : undefined;
  if (source === undefined || connected.has(type)) return;
  connected.add(type);
  ReflectApply(addEventListener, globalThis, source);
}

module.exports = { connect };
