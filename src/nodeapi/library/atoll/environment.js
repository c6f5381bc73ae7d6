'use strict';
// process.env: the Worker's text and JSON bindings, and what the script puts there, as strings.
const {JSONParse, ObjectDefineProperty, Proxy, ReflectDefineProperty, ReflectSet, TypeError} = primordials;
const {codes: {ERR_INVALID_ARG_VALUE}} = require('internal/errors');
const {settings} = require('atoll/platform');

// JSON that is a string counts as that string.
function textOfJson(text) {
  if (typeof text !== 'string') return text;
  try {
    const value = JSONParse(text);
    return typeof value === 'string' ? value : text;
  } catch {
    return text;
  }
}

const variables = {};
if (settings.isEnabled('nodejs_compat_populate_process_env')) {
  for (let i = 0; i < settings.bindings.length; i++) {
    const {0: name, 1: type, 2: text} = settings.bindings[i];
    if (type !== 'plain_text' && type !== 'secret_text' && type !== 'json') continue;
    ObjectDefineProperty(
        variables, name, {__proto__: null, value: type === 'json' ? textOfJson(text) : text, writable: true, configurable: true, enumerable: true});
  }
}

module.exports = new Proxy(variables, {
  __proto__: null,
  set(target, name, value) {
    if (typeof name === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
    return ReflectSet(target, name, `${value}`);
  },
  defineProperty(target, name, descriptor) {
    if ('get' in descriptor || 'set' in descriptor) {
      throw new ERR_INVALID_ARG_VALUE('descriptor', descriptor, "'process.env' does not accept an accessor(getter/setter) descriptor");
    }
    if (descriptor.configurable !== true || descriptor.writable !== true || descriptor.enumerable !== true) {
      throw new ERR_INVALID_ARG_VALUE('descriptor', descriptor, "'process.env' only accepts configurable, writable and enumerable properties");
    }
    if ('value' in descriptor && typeof name !== 'symbol') {
      descriptor = {__proto__: null, ...descriptor, value: `${descriptor.value}`};
    }
    return ReflectDefineProperty(target, name, descriptor);
  },
});
