'use strict';
// What `process` was before enable_nodejs_process_v2.
const {ObjectCreate, ObjectDefineProperty, ReflectApply} = primordials;
const EventEmitter = require('events');
const full = require('process');

const legacy = ObjectCreate(ObjectCreate(EventEmitter.prototype));
ReflectApply(EventEmitter, legacy, []);
for (const name of ['_events', '_eventsCount', '_maxListeners']) {
  ObjectDefineProperty(legacy, name, {__proto__: null, value: legacy[name], writable: true, enumerable: false, configurable: true});
}
for (const name of ['nextTick', 'exit', 'getBuiltinModule', 'platform', 'features']) legacy[name] = full[name];
ObjectDefineProperty(legacy, 'env', {
  __proto__: null,
  enumerable: true,
  configurable: true,
  get: () => full.env,
  set(value) { full.env = value; },
});

module.exports = legacy;
