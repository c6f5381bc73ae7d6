'use strict';
// How util.inspect() shows an object of the web platform: attributes lie on prototypes, state in private fields.

const {
  ArrayPrototypePush, ErrorPrototype, FunctionPrototypeCall, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf, ObjectKeys, ObjectPrototypeIsPrototypeOf, ReflectOwnKeys, SafeWeakMap, StringPrototypeReplace,
} = primordials;
const { webValue } = require('atoll/platform');

const isPlatformPrototype = webValue('isPlatformPrototype');
const hiddenState = webValue('hiddenState');
const pairs = new SafeWeakMap();

// The entries that a record stands for: those of Headers, FormData and URLSearchParams.
const pairsOf = (record) => pairs.get(record);

function entriesOf(object, prototype) {
  const entries = ObjectGetOwnPropertyDescriptor(prototype, 'entries')?.value;
  if (typeof entries !== 'function') return undefined;
  const found = [];
  const iterator = FunctionPrototypeCall(entries, object);
  for (let step = iterator.next(); !step.done; step = iterator.next()) ArrayPrototypePush(found, step.value);
  return found;
}

function addMember(record, object, holder, key) {
  if (typeof key !== 'string' || key in record) return;
  let value;
  try {
    const descriptor = ObjectGetOwnPropertyDescriptor(holder, key);
    if (!descriptor.enumerable) return;
    value = descriptor.get === undefined ? descriptor.value : FunctionPrototypeCall(descriptor.get, object);
  } catch {
    return;
  }
  if (typeof value === 'function') return;
  ObjectDefineProperty(record, key, { __proto__: null, value, enumerable: true, configurable: true, writable: true });
}

function recordOf(object) {
  const record = {};
  for (let holder = object; holder !== null; holder = ObjectGetPrototypeOf(holder)) {
    if (holder !== object && !isPlatformPrototype(holder)) continue;
    const entries = holder === object ? undefined : entriesOf(object, holder);
    if (entries !== undefined) {
      pairs.set(record, entries);
      continue;
    }
    const keys = ReflectOwnKeys(holder);
    for (let i = 0; i < keys.length; i++) addMember(record, object, holder, keys[i]);
  }
  const hidden = hiddenState(object) ?? {};
  const names = ObjectKeys(hidden);
  for (let i = 0; i < names.length; i++) {
    ObjectDefineProperty(record, names[i], { __proto__: null, value: hidden[names[i]], enumerable: false });
  }
  return record;
}

function inspectObject(depth, options, inspect) {
  const name = this.constructor?.name ?? 'Object';
  if (depth < 0) return options.stylize(`[${name}]`, 'special');
  const record = recordOf(this);
  const text = inspect(record, {
    __proto__: null, ...options, depth: options.depth === null ? null : depth, showHidden: true,
  });
  return pairsOf(record) === undefined ? `${name} ${text}` : `${name}${StringPrototypeReplace(text, 'Object', '')}`;
}

// A function in the form of a custom inspection, or undefined for other objects. Errors look like errors.
function inspectionOf(object) {
  if (typeof object !== 'object' || ObjectPrototypeIsPrototypeOf(ErrorPrototype, object)) return undefined;
  for (let at = ObjectGetPrototypeOf(object); at !== null; at = ObjectGetPrototypeOf(at)) {
    if (isPlatformPrototype(at)) return inspectObject;
  }
  return undefined;
}

module.exports = { inspectionOf, pairsOf };
