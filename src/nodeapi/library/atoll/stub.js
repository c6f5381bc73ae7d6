'use strict';
// Modules that load, so that importing one never fails, and whose functions say that they do nothing here.
const {ObjectDefineProperty, ObjectKeys, Symbol} = primordials;
const {codes: {ERR_METHOD_NOT_IMPLEMENTED}} = require('internal/errors');

function refusing(path, asClass) {
  const name = path.slice(path.lastIndexOf('.') + 1);
  const value = asClass ?
    class { constructor() { throw new ERR_METHOD_NOT_IMPLEMENTED(path); } } :
    function() { throw new ERR_METHOD_NOT_IMPLEMENTED(path); };
  ObjectDefineProperty(value, 'name', {__proto__: null, value: name, configurable: true});
  return value;
}

// `members`: name → 'function', 'class', [constant], [{symbol: description}], or an object of such.
function build(path, members) {
  const made = {};
  const names = ObjectKeys(members);
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const what = members[name];
    if (what === 'function' || what === 'class') made[name] = refusing(`${path}.${name}`, what === 'class');
    else if (what.length !== 1) made[name] = build(`${path}.${name}`, what);
    else made[name] = typeof what[0] === 'object' && what[0]?.symbol !== undefined ? Symbol(what[0].symbol) : what[0];
  }
  return made;
}

module.exports = build;
