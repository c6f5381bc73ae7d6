// Iteration of Web IDL's pair iterables (https://webidl.spec.whatwg.org/#js-iterable) over a live
// flat list [key, value, key, value…].
import {
  IteratorPrototype, ObjectDefineProperty, ObjectSetPrototypeOf, ReflectApply, SymbolIterator,
  SymbolToStringTag, TypeError,
} from './primordials.js';
import {illegalInvocation, makeEnumerable, requireArguments} from './webidl.js';

const kKeys = 0;
const kValues = 1;
const kEntries = 2;

// Gives Class.prototype keys, values, entries, forEach and @@iterator. listOf(object) returns the
// list as it is now, and throws for an object of another class. Call before defineInterface().
export function definePairIterable(Class, name, listOf) {
  class PairIterator {
    #object;
    #kind;
    #index = 0;

    constructor(object, kind) {
      this.#object = object;
      this.#kind = kind;
    }

    next() {
      if (!(#index in this)) illegalInvocation();
      const list = listOf(this.#object);
      const index = this.#index;
      if (index >= list.length) return {value: undefined, done: true};
      this.#index = index + 2;
      const value = this.#kind === kKeys ? list[index]
          : this.#kind === kValues ? list[index + 1]
          : [list[index], list[index + 1]];
      return {value, done: false};
    }
  }
  delete PairIterator.prototype.constructor;
  makeEnumerable(PairIterator.prototype, ['next']);
  ObjectSetPrototypeOf(PairIterator.prototype, IteratorPrototype);
  ObjectDefineProperty(PairIterator.prototype, SymbolToStringTag, {
    __proto__: null, value: `${name} Iterator`, writable: false, enumerable: false,
    configurable: true,
  });

  const methods = {
    entries() {
      listOf(this);
      return new PairIterator(this, kEntries);
    },
    keys() {
      listOf(this);
      return new PairIterator(this, kKeys);
    },
    values() {
      listOf(this);
      return new PairIterator(this, kValues);
    },
    forEach(callback, thisArg = undefined) {
      listOf(this);
      requireArguments(arguments.length, 1, `${name}.forEach`);
      if (typeof callback !== 'function') {
        throw new TypeError(`${name}.forEach: the callback is not a function.`);
      }
      for (let index = 0; ; index += 2) {
        const list = listOf(this);  // it may change under us
        if (index >= list.length) return;
        ReflectApply(callback, thisArg, [list[index + 1], list[index], this]);
      }
    },
  };
  const define = (key, value, enumerable) => {
    ObjectDefineProperty(Class.prototype, key, {
      __proto__: null, value, writable: true, enumerable, configurable: true,
    });
  };
  define('entries', methods.entries, true);
  define('keys', methods.keys, true);
  define('values', methods.values, true);
  define('forEach', methods.forEach, true);
  define(SymbolIterator, methods.entries, false);
}
