// Parts of the built-ins that are evaluated when first needed, so that an isolate that never uses them does not carry their
// classes. tools/bundle_builtins.mjs decides which modules belong to which part, and puts stand-ins where another part imports
// from one: a function loads its part when called, a class is a LazyInterface.

import {ArrayPrototypePush, ObjectDefineProperty} from './primordials.js';

// A class or an object of a part that may not be loaded yet.
export class LazyInterface {
  #load;
  #value;

  constructor(load) { this.#load = load; }

  load() { return (this.#value ??= this.#load()); }
}

// What C++ must define in each new isolate, four values a property: object, name, function that gives the value, enumerable. A
// snapshot cannot hold such properties.
export const lazyProperties = [];

// Defines a writable, configurable property; a lazy class is loaded when the property is first read, which does not show. Only
// while the snapshot is made.
export function defineValue(object, name, value, enumerable) {
  if (value instanceof LazyInterface) {
    ArrayPrototypePush(lazyProperties, object, name, () => value.load(), enumerable);
  } else {
    ObjectDefineProperty(object, name, {__proto__: null, value, writable: true, enumerable, configurable: true});
  }
}

// The same in a lazy part, which runs in an isolate that is there already.
export function defineValueNow(object, name, value, enumerable) {
  if (value instanceof LazyInterface) {
    natives.defineLazy([object, name, () => value.load(), enumerable]);
  } else {
    defineValue(object, name, value, enumerable);
  }
}
