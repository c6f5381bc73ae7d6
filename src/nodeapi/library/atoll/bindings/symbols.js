'use strict';
const {Proxy, Symbol} = primordials;

// One symbol for each name that is asked for.
module.exports = new Proxy({__proto__: null}, {
  __proto__: null,
  get(target, name) { return target[name] ??= Symbol(name); },
});
