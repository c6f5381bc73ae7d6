// The structured clone refuses functions and proxies, which is what objects for others to call are.
// Where a value has some, a copy of it is sent, in which each is replaced by a Placeholder.
import {
  ArrayIsArray, ArrayPrototypePush, Map, MapPrototypeForEach, MapPrototypeGet, MapPrototypeSet,
  Object, ObjectDefineProperty, ObjectGetPrototypeOf, ObjectKeys, Set, SetPrototypeAdd, SetPrototypeForEach,
} from '../internal/primordials.js';

const kProxy = 1;  // of natives.kindOf
const kMap = 7;
const kSet = 8;

export class Placeholder {
  constructor(target) { this.target = target; }
}

function isReplaced(value) {
  return typeof value === 'function' ||
      (typeof value === 'object' && value !== null && natives.kindOf(value) === kProxy);
}

class Copier {
  constructor() {
    this.copies = new Map();
    this.work = [];  // containers whose members are still to be copied
    this.hasReplaced = false;
  }

  copyOf(value) {
    if (typeof value !== 'function' && (typeof value !== 'object' || value === null)) return value;
    const known = MapPrototypeGet(this.copies, value);
    if (known !== undefined) return known;
    let copy;
    if (isReplaced(value)) {
      this.hasReplaced = true;
      copy = new Placeholder(value);
    } else if (ArrayIsArray(value)) {
      copy = [];
    } else if (ObjectGetPrototypeOf(value) === Object.prototype) {
      copy = {};
    } else {
      const kind = natives.kindOf(value);
      if (kind !== kMap && kind !== kSet) return value;
      copy = kind === kMap ? new Map() : new Set();
    }
    MapPrototypeSet(this.copies, value, copy);
    if (!(copy instanceof Placeholder)) ArrayPrototypePush(this.work, value, copy);
    return copy;
  }

  fill() {
    for (let i = 0; i < this.work.length; i += 2) {
      const source = this.work[i];
      const copy = this.work[i + 1];
      if (ArrayIsArray(source)) {
        copy.length = source.length;
        this.#copyMembers(source, copy);
      } else if (ObjectGetPrototypeOf(copy) === Object.prototype) {
        this.#copyMembers(source, copy);
      } else if (natives.kindOf(source) === kMap) {
        MapPrototypeForEach(source, (value, key) => {
          MapPrototypeSet(copy, this.copyOf(key), this.copyOf(value));
        });
      } else {
        SetPrototypeForEach(source, (value) => { SetPrototypeAdd(copy, this.copyOf(value)); });
      }
    }
  }

  #copyMembers(source, copy) {
    const names = ObjectKeys(source);
    for (let i = 0; i < names.length; i++) {
      const value = this.copyOf(source[names[i]]);
      // Not by assignment, which `__proto__` and setters that scripts defined would intercept.
      defineMember(copy, names[i], value);
    }
  }
}

function defineMember(object, name, value) {
  ObjectDefineProperty(
      object, name, {__proto__: null, value, writable: true, enumerable: true, configurable: true});
}

// The copy, or undefined if there is nothing to replace.
export function withPlaceholders(value) {
  const copier = new Copier();
  const copy = copier.copyOf(value);
  copier.fill();
  return copier.hasReplaced ? copy : undefined;
}

// Whether a look at the outermost levels shows that there is something to replace.
export function needsPlaceholders(value) {
  if (typeof value === 'function') return true;
  if (!ArrayIsArray(value)) return false;
  for (let i = 0; i < value.length && i < 16; i++) {
    if (typeof value[i] === 'function') return true;
  }
  return false;
}
