// Conversions and manners of Web IDL (https://webidl.spec.whatwg.org), shared by every interface.
import {
  ArrayBufferIsView, ArrayBufferPrototypeGetByteLength, ArrayPrototypePush, MathFloor,
  NumberIsFinite, ObjectCreate, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ReflectApply,
  ReflectOwnKeys, RegExpPrototypeExec, StringPrototypeToWellFormed, Symbol, SymbolIterator,
  SymbolToStringTag, TypeError,
} from './primordials.js';

export function illegalInvocation() {
  throw new TypeError('Illegal invocation');
}

export function illegalConstructor() {
  throw new TypeError('Illegal constructor');
}

// `name` names the operation in the message: "EventTarget.addEventListener".
export function requireArguments(actual, needed, name) {
  if (actual < needed) {
    const noun = needed === 1 ? 'argument' : 'arguments';
    throw new TypeError(`${name}: ${needed} ${noun} required, but only ${actual} present.`);
  }
}

export function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

export function toBoolean(value) {
  return !!value;
}

export function toDOMString(value) {
  if (typeof value === 'string') return value;
  return `${value}`;  // throws a TypeError for symbols
}

export function toUSVString(value) {
  return StringPrototypeToWellFormed(typeof value === 'string' ? value : `${value}`);
}

const kBeyondByte = /[^\x00-\xff]/;

export function toByteString(value) {
  const string = typeof value === 'string' ? value : `${value}`;
  if (RegExpPrototypeExec(kBeyondByte, string) !== null) {
    throw new TypeError('The string is no ByteString: it has a character above U+00FF.');
  }
  return string;
}

// Web IDL's ConvertToInt for up to 53 bits (long long is limited to safe integers when enforced or
// clamped). mode: 0 wrap around, 1 [EnforceRange], 2 [Clamp].
export function toInteger(value, bits, signed, mode) {
  const wide = bits === 64;
  const upper = wide ? 9007199254740991 : signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  const lower = signed ? (wide ? -9007199254740991 : -(2 ** (bits - 1))) : 0;
  let number = +value;
  if (mode === 1) {
    if (!NumberIsFinite(number)) throw new TypeError('The value is not a finite number.');
    number = number < 0 ? -MathFloor(-number) : MathFloor(number);
    if (number < lower || number > upper) {
      throw new TypeError('The value is outside the accepted range.');
    }
    return number + 0;
  }
  if (mode === 2) {
    if (number !== number) return 0;
    if (number <= lower) return lower;
    if (number >= upper) return upper;
    const floor = MathFloor(number);
    const rest = number - floor;
    if (rest < 0.5) return floor + 0;
    if (rest > 0.5) return floor + 1;
    return (floor % 2 === 0 ? floor : floor + 1) + 0;
  }
  if (!NumberIsFinite(number)) return 0;
  number = number < 0 ? -MathFloor(-number) : MathFloor(number);
  if (number >= lower && number <= upper) return number + 0;
  const modulus = 2 ** bits;
  number %= modulus;
  if (number < 0) number += modulus;
  if (signed && number >= modulus / 2) number -= modulus;
  return number + 0;
}

export function toUnsignedShort(value, mode = 0) {
  return toInteger(value, 16, false, mode);
}

export function toLong(value) {
  return value | 0;
}

export function toUnsignedLong(value, mode = 0) {
  return mode === 0 ? value >>> 0 : toInteger(value, 32, false, mode);
}

export function toLongLong(value, mode = 0) {
  return toInteger(value, 64, true, mode);
}

export function toUnsignedLongLong(value, mode = 0) {
  return toInteger(value, 64, false, mode);
}

export function toUnrestrictedDouble(value) {
  return +value;
}

export function toDouble(value) {
  const number = +value;
  if (!NumberIsFinite(number)) throw new TypeError('The value is not a finite number.');
  return number;
}

const kNoMembers = ObjectCreate(null);

// The object to read members from, in the alphabetical order that Web IDL asks for. undefined and
// null have no members.
export function toDictionary(value, name) {
  if (value === undefined || value === null) return kNoMembers;
  if (!isObject(value)) throw new TypeError(`${name} is not an object.`);
  return value;
}

export function toCallback(value, name) {
  if (typeof value !== 'function') throw new TypeError(`${name} is not a function.`);
  return value;
}

export function toEnum(value, allowed, name) {
  const string = toDOMString(value);
  for (let i = 0; i < allowed.length; i++) {
    if (allowed[i] === string) return string;
  }
  throw new TypeError(`"${string}" is not a valid value for ${name}.`);
}

// Reads an iterable given by tenant code into a fresh array. `method` is its already fetched
// @@iterator.
export function iterableToArray(value, method, convert) {
  const iterator = ReflectApply(method, value, []);
  if (!isObject(iterator)) throw new TypeError('The iterator is not an object.');
  const next = iterator.next;
  const result = [];
  for (;;) {
    const step = ReflectApply(next, iterator, []);
    if (!isObject(step)) throw new TypeError('The iterator result is not an object.');
    if (step.done) return result;
    ArrayPrototypePush(result, convert(step.value));
  }
}

export function toSequence(value, convert, name) {
  const method = isObject(value) ? value[SymbolIterator] : undefined;
  if (typeof method !== 'function') throw new TypeError(`${name} is not iterable.`);
  return iterableToArray(value, method, convert);
}

// record<K, V> as a flat array [key, value, key, value…]; a repeated key keeps its first place and
// its last value. Where convertKey() gives undefined, the member is left out.
export function toRecord(value, convertKey, convertValue, name) {
  if (!isObject(value)) throw new TypeError(`${name} is not an object.`);
  const flat = [];
  const places = ObjectCreate(null);
  const keys = ReflectOwnKeys(value);
  for (let i = 0; i < keys.length; i++) {
    const descriptor = ObjectGetOwnPropertyDescriptor(value, keys[i]);
    if (descriptor === undefined || !descriptor.enumerable) continue;
    const key = convertKey(keys[i]);
    if (key === undefined) continue;
    const item = convertValue(value[keys[i]]);
    const place = places[key];
    if (place !== undefined) {
      flat[place] = item;
    } else {
      ArrayPrototypePush(flat, key, item);
      places[key] = flat.length - 1;
    }
  }
  return flat;
}

export function isArrayBuffer(value) {
  try {
    ArrayBufferPrototypeGetByteLength(value);
    return true;
  } catch {
    return false;
  }
}

export function isBufferSource(value) {
  return ArrayBufferIsView(value) ||
      (typeof value === 'object' && value !== null && isArrayBuffer(value));
}

export function makeEnumerable(target, names) {
  for (let i = 0; i < names.length; i++) {
    const descriptor = ObjectGetOwnPropertyDescriptor(target, names[i]);
    descriptor.enumerable = true;
    ObjectDefineProperty(target, names[i], descriptor);
  }
}

function makeMembersEnumerable(target) {
  const isClass = typeof target === 'function';
  const keys = ReflectOwnKeys(target);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (typeof key === 'symbol' || key === 'constructor') continue;
    if (isClass && (key === 'prototype' || key === 'length' || key === 'name')) continue;
    const descriptor = ObjectGetOwnPropertyDescriptor(target, key);
    if (descriptor.enumerable || !descriptor.configurable) continue;
    descriptor.enumerable = true;
    ObjectDefineProperty(target, key, descriptor);
  }
}

// A mark on the prototypes of our interfaces, which scripts can neither see nor set.
export let isPlatformPrototype;
let markPlatformPrototype;
{
  function Same(object) { return object; }
  class Mark extends Same {
    #mark = true;
    static {
      isPlatformPrototype = (object) => #mark in object;
      markPlatformPrototype = (object) => { new Mark(object); };
    }
  }
}

const kInternalClass = Symbol.for('cloudflare:internal-class');

// Gives a class the look of a Web IDL interface: enumerable members, statics included, and a
// @@toStringTag. Call it once, after the class is complete. A static "name" or "length" attribute
// is out of reach.
export function defineInterface(Class, name) {
  makeMembersEnumerable(Class.prototype);
  makeMembersEnumerable(Class);
  // The bundler renames classes that mention themselves.
  ObjectDefineProperty(Class, 'name', {
    __proto__: null, value: name, writable: false, enumerable: false, configurable: true,
  });
  ObjectDefineProperty(Class.prototype, SymbolToStringTag, {
    __proto__: null, value: name, writable: false, enumerable: false, configurable: true,
  });
  // By which libraries tell objects of the platform, as on the reference runtime.
  ObjectDefineProperty(Class.prototype, kInternalClass, {
    __proto__: null, value: kInternalClass, writable: false, enumerable: false, configurable: false,
  });
  markPlatformPrototype(Class.prototype);
  return Class;
}

// Constants live on both the interface object and its prototype.
export function defineConstants(Class, names, values) {
  for (let i = 0; i < names.length; i++) {
    const descriptor = {
      __proto__: null, value: values[i], writable: false, enumerable: true, configurable: false,
    };
    ObjectDefineProperty(Class, names[i], descriptor);
    ObjectDefineProperty(Class.prototype, names[i], descriptor);
  }
}

// Passed as first constructor argument by our own code to interfaces that scripts may not
// construct.
export const kInternal = Symbol('internal');
