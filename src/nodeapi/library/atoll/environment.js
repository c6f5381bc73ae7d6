'use strict';
// process.env: the Worker's text and JSON bindings, and what the script puts there, as strings.
const {ObjectDefineProperty, Proxy, ReflectDefineProperty, ReflectSet, String} = primordials;
const {codes: {ERR_INVALID_OBJECT_DEFINE_PROPERTY}} = require('internal/errors');
const {settings} = require('atoll/platform');

const variables = {};
if (settings.isEnabled('nodejs_compat_populate_process_env')) {
  for (let i = 0; i < settings.bindings.length; i++) {
    const {0: name, 1: type, 2: text} = settings.bindings[i];
    if (type !== 'plain_text' && type !== 'secret_text' && type !== 'json') continue;
    ObjectDefineProperty(
        variables, name, {__proto__: null, value: text, writable: true, configurable: true, enumerable: true});
  }
}

module.exports = new Proxy(variables, {
  __proto__: null,
  set(target, name, value, receiver) {
    return ReflectSet(target, name, typeof name === 'symbol' ? value : String(value));
  },
  defineProperty(target, name, descriptor) {
    if ('get' in descriptor || 'set' in descriptor) {
      throw new ERR_INVALID_OBJECT_DEFINE_PROPERTY("'process.env' does not accept an accessor(getter/setter) descriptor");
    }
    if ('value' in descriptor && typeof name !== 'symbol') {
      descriptor = {__proto__: null, ...descriptor, value: String(descriptor.value)};
    }
    return ReflectDefineProperty(target, name, descriptor);
  },
});
