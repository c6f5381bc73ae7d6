// The originals of the language that Node's library works with ("primordials"), as two sources: one that reads them, run while the
// start-up snapshot is made and before any script could change one; and one that names them, for when the library is loaded.
// The names follow Node's internal/per_context/primordials.js, which would read them when it runs.

const kNamespaces = ['Atomics', 'JSON', 'Math', 'Proxy', 'Reflect'];
const kIntrinsics = [
  'AggregateError', 'Array', 'ArrayBuffer', 'BigInt', 'BigInt64Array', 'BigUint64Array', 'Boolean', 'DataView', 'Date', 'Error', 'EvalError',
  'FinalizationRegistry', 'Float16Array', 'Float32Array', 'Float64Array', 'Function', 'Int16Array', 'Int32Array', 'Int8Array', 'Iterator',
  'Map', 'Number', 'Object', 'RangeError', 'ReferenceError', 'RegExp', 'Set', 'String', 'Symbol', 'SyntaxError', 'TypeError', 'URIError',
  'Uint16Array', 'Uint32Array', 'Uint8Array', 'Uint8ClampedArray', 'WeakMap', 'WeakRef', 'WeakSet',
];
const kFunctions = ['decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent', 'escape', 'eval', 'unescape'];
const prototypeOf = (text) => `Reflect.getPrototypeOf(${text})`;
const kPrototypes = {
  ArrayIteratorPrototype: prototypeOf('Array.prototype[Symbol.iterator]()'),
  AsyncFunctionPrototype: prototypeOf('async function() {}'),
  AsyncGeneratorFunctionPrototype: prototypeOf('async function*() {}'),
  AsyncIteratorPrototype: prototypeOf(prototypeOf('async function*() {}') + '.prototype'),
  GeneratorFunctionPrototype: prototypeOf('function*() {}'),
  IteratorHelperPrototype: prototypeOf('Iterator.prototype.drop.call({ __proto__: null }, null)'),
  MapIteratorPrototype: prototypeOf('new Map()[Symbol.iterator]()'),
  RegExpStringIteratorPrototype: prototypeOf('RegExp.prototype[Symbol.matchAll]()'),
  SetIteratorPrototype: prototypeOf('new Set()[Symbol.iterator]()'),
  StringIteratorPrototype: prototypeOf('String.prototype[Symbol.iterator]()'),
  WrapForValidIteratorPrototype: prototypeOf('Iterator.from({ __proto__: null })'),
};
const kVariadic = [
  'ArrayOf', 'ArrayPrototypePush', 'ArrayPrototypeUnshift', 'MathHypot', 'MathMax', 'MathMin', 'StringFromCharCode', 'StringFromCodePoint',
  'StringPrototypeConcat', 'TypedArrayOf',
];
// Subclassed by Node as they were at first.
const kSafe = ['Map', 'WeakMap', 'Set', 'WeakSet', 'FinalizationRegistry', 'WeakRef', 'Promise'];

// How library/internal/per_context/primordials.js makes a name's value out of what was read.
const kAsIs = 0, kUncurried = 1, kBound = 2, kApplied = 3, kBoundApplied = 4;

const evaluate = (text) => (0, eval)(`(${text})`);
const keyText = (key) => (typeof key === 'symbol' ? `Symbol.${key.description.slice(7)}` : JSON.stringify(key));
const keyName = (key) => (typeof key === 'symbol' ? `Symbol${key.description[7].toUpperCase()}${key.description.slice(8)}` :
  `${key[0].toUpperCase()}${key.slice(1)}`);

// `used`: the names that sources of the library mention.
export function primordialSources(used) {
  const read = [];  // texts of expressions
  const names = [];  // [name, how]
  const objects = new Map();
  const objectNumber = (text) => {
    if (!objects.has(text)) objects.set(text, objects.size);
    return `o${objects.get(text)}`;
  };
  const add = (name, how, ...texts) => {
    if (!used.has(name) || names.some(([known]) => known === name)) return;
    names.push([name, how]);
    read.push(...texts);
  };
  const copy = (objectText, prefix, how) => {
    const object = evaluate(objectText);
    for (const key of Reflect.ownKeys(object)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
      const here = `d(${objectNumber(objectText)}, ${keyText(key)})`;
      if ('get' in descriptor) {
        add(`${prefix}Get${keyName(key)}`, kUncurried, `${here}?.get`);
        if (descriptor.set) add(`${prefix}Set${keyName(key)}`, kUncurried, `${here}?.set`);
        continue;
      }
      const name = `${prefix}${keyName(key)}`;
      const isFunction = typeof descriptor.value === 'function';
      if (how === kBound && isFunction) add(name, kBound, `${here}?.value`, objectText);
      else add(name, how === kUncurried && isFunction ? kUncurried : kAsIs, `${here}?.value`);
      if (kVariadic.includes(name)) {
        if (how === kUncurried) add(`${name}Apply`, kApplied, `${here}?.value`);
        else add(`${name}Apply`, kBoundApplied, `${here}?.value`, objectText);
      }
    }
  };
  for (const name of ['Proxy', 'globalThis', ...kFunctions]) add(name, kAsIs, name);
  for (const name of kNamespaces) copy(name, name, kAsIs);
  for (const name of kIntrinsics) {
    add(name, kAsIs, name);
    copy(name, name, kAsIs);
    copy(`${name}.prototype`, `${name}Prototype`, kUncurried);
  }
  add('Promise', kAsIs, 'Promise');
  copy('Promise', 'Promise', kBound);
  copy('Promise.prototype', 'PromisePrototype', kUncurried);
  const typedArray = prototypeOf('Uint8Array');
  add('TypedArray', kAsIs, typedArray);
  copy(typedArray, 'TypedArray', kUncurried);
  copy(`${typedArray}.prototype`, 'TypedArrayPrototype', kUncurried);
  for (const [name, text] of Object.entries(kPrototypes)) {
    add(name, kAsIs, text);
    copy(text, name, kUncurried);
  }
  const classes = [];  // [name, which object, [key, is getter] …]
  for (const name of kSafe) {
    for (const text of [name, `${name}.prototype`]) {
      const keys = [];
      const object = evaluate(text);
      read.push(text);
      for (const key of Reflect.ownKeys(object)) {
        const isGetter = 'get' in Reflect.getOwnPropertyDescriptor(object, key);
        keys.push(`[${keyText(key)}, ${isGetter}]`);
        read.push(`d(${objectNumber(text)}, ${keyText(key)})?.${isGetter ? 'get' : 'value'}`);
      }
      classes.push(`[${keys.join(', ')}]`);
    }
  }
  const declared = [...objects].map(([text, number]) => `const o${number} = ${text};`).join('\n');
  return {
    capture: `'use strict';\nconst d = Reflect.getOwnPropertyDescriptor;\n${declared}\nreturn [\n${read.join(',\n')}\n];\n`,
    names: `'use strict';\nexports.names = primordials.JSONParse(${JSON.stringify(JSON.stringify(names))});\n` +
      `const { ${kSafe.length ? 'Symbol' : ''} } = primordials;\nexports.classes = [${classes.join(',\n')}];\n`,
  };
}

// The second half of Node's own file: the classes it derives from the originals.
export function safeClasses(text) {
  const marker = '/* eslint-enable node-core/prefer-primordials */';
  const pieces = text.split(marker);
  if (pieces.length !== 2) throw new Error('internal/per_context/primordials: its second half was not found');
  return `'use strict';\nconst { uncurryThis } = primordials;\n` +
    'const { ReflectDefineProperty, ReflectOwnKeys, ReflectGetOwnPropertyDescriptor } = require;\n' + pieces[1];
}
