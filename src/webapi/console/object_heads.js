// What an object is: its kind, its class, and the words that stand before its properties.
import {
  BigInt, FunctionPrototypeToString, ObjectGetOwnPropertyDescriptor, ObjectGetPrototypeOf,
  ReflectApply, StringPrototypeIncludes, StringPrototypeRepeat, StringPrototypeReplaceAll,
  StringPrototypeStartsWith, SymbolToStringTag,
} from '../internal/primordials.js';
import {formatPrimitive} from './primitives.js';

// The same order as Kind in console_natives.cc.
export const kOther = 0, kProxy = 1, kFunction = 2, kArray = 3, kError = 4, kDate = 5,
    kRegExp = 6, kMap = 7, kSet = 8, kPromise = 9, kTypedArray = 10, kArrayBuffer = 11,
    kDataView = 12, kWeak = 13, kIterator = 14, kWrapper = 15, kGenerator = 16, kArguments = 17,
    kExternal = 18, kNamespace = 19;

// Name of the constructor that made the object, seen through its prototypes without calling
// anything.
export function constructorName(value) {
  for (let object = value; object !== null; object = ObjectGetPrototypeOf(object)) {
    if (natives.kindOf(object) === kProxy) return 'Object';
    const descriptor = ObjectGetOwnPropertyDescriptor(object, 'constructor');
    if (descriptor === undefined || typeof descriptor.value !== 'function') continue;
    const name = dataProperty(descriptor.value, 'name');
    if (typeof name === 'string' && name !== '') return name;
  }
  return null;
}

export function dataProperty(object, key) {
  if (natives.kindOf(object) === kProxy) return undefined;
  const descriptor = ObjectGetOwnPropertyDescriptor(object, key);
  return descriptor === undefined ? undefined : descriptor.value;
}

export function tagOf(value) {
  for (let object = value; object !== null; object = ObjectGetPrototypeOf(object)) {
    if (natives.kindOf(object) === kProxy) return '';
    const tag = dataProperty(object, SymbolToStringTag);
    if (typeof tag === 'string') return tag;
  }
  return '';
}

export function prefix(value, fallback, size) {
  const name = constructorName(value);
  const sized = size === undefined ? '' : `(${size})`;
  if (name === null) return `[${fallback}${sized}: null prototype] `;
  const tag = tagOf(value);
  return tag !== '' && tag !== name ? `${name}${sized} [${tag}] ` : `${name}${sized} `;
}

export function functionBase(value, constructor) {
  const name = dataProperty(value, 'name');
  const text = FunctionPrototypeToString(value);
  if (StringPrototypeStartsWith(text, 'class') && (text[5] === ' ' || text[5] === '{')) {
    let base = typeof name === 'string' && name !== '' ? `[class ${name}` : '[class (anonymous)';
    const parent = ObjectGetPrototypeOf(value);
    const parentName = typeof parent === 'function' ? dataProperty(parent, 'name') : undefined;
    if (typeof parentName === 'string' && parentName !== '') base += ` extends ${parentName}`;
    return `${base}]`;
  }
  const kind = constructor === null ? 'Function (null prototype)' : constructor;
  return typeof name === 'string' && name !== '' ? `[${kind}: ${name}]` : `[${kind} (anonymous)]`;
}

export function isStringObject(value) {
  return wrapped(value, 'String') !== undefined;
}

// The value inside new String('x') and its like; valueOf() of each class refuses the others.
function wrapped(value, type) {
  try {
    switch (type) {
      case 'String': return ReflectApply(kValueOf.string, value, []);
      case 'Number': return ReflectApply(kValueOf.number, value, []);
      case 'Boolean': return ReflectApply(kValueOf.boolean, value, []);
      case 'BigInt': return ReflectApply(kValueOf.bigint, value, []);
      default: return ReflectApply(kValueOf.symbol, value, []);
    }
  } catch {
    return undefined;
  }
}

const kValueOf = {
  string: ''.valueOf, number: (0).valueOf, boolean: false.valueOf, bigint: BigInt.prototype.valueOf,
  symbol: SymbolToStringTag.valueOf,
};
const kWrapperTypes = ['String', 'Number', 'Boolean', 'BigInt', 'Symbol'];

export function wrapperBase(value) {
  for (let i = 0; i < kWrapperTypes.length; i++) {
    const inner = wrapped(value, kWrapperTypes[i]);
    if (inner !== undefined) return `[${kWrapperTypes[i]}: ${formatPrimitive(inner)}]`;
  }
  return '[Object]';
}

// An error's stack, or "[Name: message]" if it has none. `stack` is made by V8, unless the script
// set it itself.
export function errorBase(error, indentation) {
  let stack;
  let head = 'Error';
  try {
    ({stack} = error);
    const {name, message} = error;
    if (typeof name === 'string') head = name;
    if (typeof message === 'string' && message !== '') head += `: ${message}`;
  } catch {
    // a hostile accessor
  }
  if (typeof stack !== 'string' || stack === '') return `[${head}]`;
  if (!StringPrototypeIncludes(stack, '\n')) stack = `[${stack}]`;
  if (indentation === 0) return stack;
  return StringPrototypeReplaceAll(stack, '\n', `\n${StringPrototypeRepeat(' ', indentation)}`);
}
