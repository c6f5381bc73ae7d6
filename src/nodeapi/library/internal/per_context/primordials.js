'use strict';
// The originals of the language for Node's library, from what was read when the snapshot was made: `module` is {values, load}, where
// load(name) gives a source of the library as a function. Fills `primordials`.
const {values, load} = module;
const {getOwnPropertyDescriptor, ownKeys, defineProperty} = exports.reflect;
const {apply, bind, call} = exports.functions;

// Not values[0].call(...): those are what a script may have changed.
const uncurryThis = exports.reflect.apply(bind, bind, [call]);
const applyBind = exports.reflect.apply(bind, bind, [apply]);
primordials.uncurryThis = uncurryThis;
primordials.applyBind = applyBind;

// Names are parsed with the original JSON.parse; no primordial has been made yet.
const table = {};
load('atoll/primordial_names')(table, undefined, undefined, undefined, undefined, exports);
const {names, classes} = table;

let at = 0;
for (let i = 0; i < names.length; i++) {
  const name = names[i][0];
  const how = names[i][1];
  const value = values[at++];
  if (how === 0) primordials[name] = value;
  else if (how === 1) primordials[name] = value === undefined ? undefined : uncurryThis(value);
  else if (how === 2) primordials[name] = exports.reflect.apply(bind, value, [values[at++]]);
  else if (how === 3) primordials[name] = applyBind(value);
  else primordials[name] = applyBind(value, values[at++]);
}

// The classes as they were: pairs of object and its keys.
const objects = [];
for (let i = 0; i < classes.length; i++) {
  const keys = classes[i];
  const object = values[at++];
  const names = [];
  const descriptors = [];
  for (let k = 0; k < keys.length; k++) {
    const value = values[at++];
    names[k] = keys[k][0];
    descriptors[k] = keys[k][1] ?
      {get: value, set: undefined, enumerable: false, configurable: true} :
      {value, writable: names[k] !== 'prototype', enumerable: false, configurable: names[k] !== 'prototype'};
  }
  objects[i] = {object, names, descriptors};
}

function find(object) {
  for (let i = 0; i < objects.length; i++) {
    if (objects[i].object === object) return objects[i];
  }
  return undefined;
}

load('atoll/safe_primordials')({}, {
  ReflectDefineProperty: defineProperty,
  ReflectOwnKeys: (object) => find(object)?.names ?? ownKeys(object),
  ReflectGetOwnPropertyDescriptor(object, key) {
    const known = find(object);
    if (known === undefined) return getOwnPropertyDescriptor(object, key);
    for (let i = 0; i < known.names.length; i++) {
      if (known.names[i] === key) return {...known.descriptors[i]};
    }
    return undefined;
  },
}, undefined, undefined, undefined, primordials);
