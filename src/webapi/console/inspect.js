// Values as text for the log, in the form developers know from Node. Runs no code of the value's:
// accessors are named, not called, proxies are looked through, toString and toJSON are ignored.
// Output is bounded in depth, entries and length.
import {
  ArrayBufferPrototypeGetDetached, ArrayPrototypePush, DataViewPrototypeGetByteLength,
  DatePrototypeGetTime, DatePrototypeToISOString, MapPrototypeForEach, MapPrototypeGetSize,
  MathMin, NumberIsNaN, ObjectGetOwnPropertyDescriptor, ObjectGetPrototypeOf, ReflectApply,
  ReflectOwnKeys, RegExpPrototypeExec, RegExpPrototypeToString, SetPrototypeForEach,
  SetPrototypeGetSize, StringPrototypeSlice, SymbolPrototypeToString, TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetSymbolToStringTag, Uint8Array,
} from '../internal/primordials.js';
import {isArrayBuffer, isPlatformPrototype} from '../internal/webidl.js';
import {combine, kColumns, kNoColumns, kTypedColumns} from './layout.js';
import {
  constructorName, dataProperty, errorBase, functionBase, isStringObject, kArguments, kArray,
  kArrayBuffer, kDataView, kDate, kError, kExternal, kFunction, kGenerator, kIterator, kMap,
  kNamespace, kOther, kPromise, kProxy, kRegExp, kSet, kTypedArray, kWeak, kWrapper, prefix, tagOf,
  wrapperBase,
} from './object_heads.js';
import {formatPrimitive, quote} from './primitives.js';

const kMostEntries = 100;
const kMostText = 65536;

// One run of inspect(): how deep to go, where we are, how much text there may still be.
class Inspection {
  depth;
  ancestors = [];
  circular = [];
  deepest = 0;  // level of the object formatted last
  indentation = 0;
  budget = kMostText;

  constructor(depth) {
    this.depth = depth;
  }
}

export function inspect(value, depth = 2) {
  const text = formatValue(new Inspection(depth), value, 0);
  return text.length > kMostText ? `${StringPrototypeSlice(text, 0, kMostText)}…` : text;
}

function formatValue(run, value, level) {
  let text;
  if (typeof value === 'function' || (typeof value === 'object' && value !== null)) {
    text = formatObject(run, value, level);
  } else {
    text = formatPrimitive(value);
  }
  run.budget -= text.length;
  return text;
}

function formatObject(run, value, level) {
  let kind = natives.kindOf(value);
  if (kind === kProxy) {
    for (let hops = 0; kind === kProxy; hops++) {
      value = natives.proxyTarget(value);
      if (value === null || hops === 100) return '<Revoked Proxy>';
      kind = natives.kindOf(value);
    }
    return `Proxy(${formatObject(run, value, level)})`;
  }
  for (let i = 0; i < run.ancestors.length; i++) {
    if (run.ancestors[i] !== value) continue;
    let number = 1;
    while (number <= run.circular.length && run.circular[number - 1] !== value) number++;
    if (number > run.circular.length) ArrayPrototypePush(run.circular, value);
    return `[Circular *${number}]`;
  }
  const height = run.ancestors.length;
  const {indentation} = run;
  ArrayPrototypePush(run.ancestors, value);
  let text;
  try {
    text = formatParts(run, value, kind, level);
  } catch {
    text = '[object that cannot be shown]';  // out of stack, most likely
    run.indentation = indentation;
  }
  run.ancestors.length = height;
  for (let i = 0; i < run.circular.length; i++) {
    if (run.circular[i] === value) text = `<ref *${i + 1}> ${text}`;
  }
  return text;
}

function formatParts(run, value, kind, level) {
  let base = '';
  let open = '{';
  let close = '}';
  let list = null;  // formats the entries that are not properties: (output) => void
  let isArrayLike = false;
  const name = constructorName(value);
  switch (kind) {
    case kArray:
    case kArguments: {
      isArrayLike = true;
      const size = kind === kArray ? value.length : (dataProperty(value, 'length') ?? 0);
      const head = kind === kArguments ? '[Arguments] '
          : name === 'Array' ? ''
          : prefix(value, 'Array', size);
      open = `${head}[`;
      close = ']';
      list = (output) => formatArray(run, value, size, level, output);
      break;
    }
    case kTypedArray: {
      isArrayLike = true;
      const size = TypedArrayPrototypeGetLength(value);
      open = `${prefix(value, TypedArrayPrototypeGetSymbolToStringTag(value), size)}[`;
      close = ']';
      list = (output) => formatTypedArray(value, size, output);
      break;
    }
    case kSet: {
      const size = SetPrototypeGetSize(value);
      open = `${prefix(value, 'Set', size)}{`;
      list = (output) => formatSet(run, value, size, level, output);
      break;
    }
    case kMap: {
      const size = MapPrototypeGetSize(value);
      open = `${prefix(value, 'Map', size)}{`;
      list = (output) => formatMap(run, value, size, level, output);
      break;
    }
    case kFunction:
      base = functionBase(value, name);
      break;
    case kRegExp:
      base = RegExpPrototypeToString(value);
      break;
    case kDate: {
      const time = DatePrototypeGetTime(value);
      base = NumberIsNaN(time) ? 'Invalid Date' : DatePrototypeToISOString(value);
      break;
    }
    case kError:
      base = errorBase(value, run.indentation);
      break;
    case kPromise:
      open = `${prefix(value, 'Promise')}{`;
      list = (output) => {
        const state = natives.promiseState(value);
        if (state[0] === 0) {
          ArrayPrototypePush(output, '<pending>');
          return;
        }
        const result = child(run, state[1], level);
        ArrayPrototypePush(output, state[0] === 2 ? `<rejected> ${result}` : result);
      };
      break;
    case kArrayBuffer:
      open = `${prefix(value, 'ArrayBuffer')}{`;
      list = (output) => formatArrayBuffer(value, output);
      break;
    case kDataView:
      open = `${prefix(value, 'DataView')}{`;
      list = (output) => {
        ArrayPrototypePush(output, `byteLength: ${DataViewPrototypeGetByteLength(value)}`);
      };
      break;
    case kWeak:
      open = `${prefix(value, 'WeakMap')}{`;
      list = (output) => ArrayPrototypePush(output, '<items unknown>');
      break;
    case kIterator:
      open = `[${tagOf(value)}] {`;
      list = (output) => {
        const entries = natives.iteratorEntries(value) ?? [];
        for (let i = 0; i < entries.length && i < kMostEntries; i++) {
          ArrayPrototypePush(output, child(run, entries[i], level));
        }
      };
      break;
    case kWrapper:
      base = wrapperBase(value);
      break;
    case kGenerator:
      open = 'Object [Generator] {';
      break;
    case kExternal:
      return '[External]';
    case kNamespace:
      open = '[Module: null prototype] {';
      break;
    default: {
      const head = prefix(value, 'Object');
      open = head === 'Object ' ? '{' : `${head}{`;
    }
  }
  const keys = shownKeys(value, kind);
  if (base !== '' && keys.length === 0 && list === null && kind !== kError) return base;
  if (level > run.depth) {
    if (base !== '') return base;
    return isArrayLike ? `[${name ?? 'Array'}]` : `[${name ?? 'Object: null prototype'}]`;
  }
  const output = [];
  run.deepest = level;
  run.indentation += 2;
  if (list !== null) list(output);
  const entries = output.length;
  let platform = false;
  if (kind === kOther) {
    const pairs = pairsOf(value);
    if (pairs !== null) {
      open = `${name ?? 'Object'}(${pairs.length}) {`;
      formatPairs(run, pairs, level, output);
    } else {
      platform = formatPlatformAttributes(run, value, level, output);
    }
  }
  for (let i = 0; i < keys.length; i++) {
    if (output.length - entries >= kMostEntries || run.budget <= 0) {
      ArrayPrototypePush(output, `... ${keys.length - i} more`);
      break;
    }
    ArrayPrototypePush(output, formatProperty(run, value, keys[i], level, kind));
  }
  if (kind === kError) formatErrorExtras(run, value, level, output);
  run.indentation -= 2;
  if (output.length === 0) {
    if (base !== '') return base;
    return platform || open.length > 1 || kind === kArray ? `${open}${close}` : '{}';
  }
  if (base !== '') base += ' ';
  let columns = kNoColumns;
  if (isArrayLike && entries > 6 && entries === output.length) {
    columns = kind === kTypedArray ? kTypedColumns : kColumns;
  }
  return combine(run, output, base, open, close, level, columns);
}

function child(run, value, level) {
  if (run.budget <= 0) return '…';
  return formatValue(run, value, level + 1);
}

function shownKeys(value, kind) {
  const shown = [];
  const keys = ReflectOwnKeys(value);
  const indexed = kind === kArray || kind === kTypedArray || kind === kArguments ||
      (kind === kWrapper && isStringObject(value));
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (indexed && typeof key === 'string' && RegExpPrototypeExec(kIndex, key) !== null) continue;
    if (shown.length > kMostEntries) {  // enough to know that there are more
      ArrayPrototypePush(shown, key);
      continue;
    }
    const descriptor = ObjectGetOwnPropertyDescriptor(value, key);
    if (descriptor === undefined || !descriptor.enumerable) continue;
    ArrayPrototypePush(shown, key);
  }
  return shown;
}

const kIndex = /^(?:0|[1-9][0-9]{0,9})$/;
const kIdentifier = /^[a-zA-Z_][a-zA-Z_0-9]*$/;

function formatProperty(run, value, key, level) {
  const name = typeof key === 'symbol' ? `[${SymbolPrototypeToString(key)}]`
      : RegExpPrototypeExec(kIdentifier, key) !== null ? key : quote(key);
  let descriptor;
  try {
    descriptor = ObjectGetOwnPropertyDescriptor(value, key);
  } catch {
    return `${name}: <uninitialized>`;  // a module's export before its turn
  }
  if (descriptor === undefined) return `${name}: undefined`;
  if (descriptor.get !== undefined) {
    return `${name}: ${descriptor.set !== undefined ? '[Getter/Setter]' : '[Getter]'}`;
  }
  if (descriptor.set !== undefined) return `${name}: [Setter]`;
  return `${name}: ${child(run, descriptor.value, level)}`;
}

// The entries of Headers, FormData and URLSearchParams; null for everything else.
function pairsOf(value) {
  const prototype = ObjectGetPrototypeOf(value);
  if (prototype === null || natives.kindOf(prototype) === kProxy ||
      !isPlatformPrototype(prototype)) {
    return null;
  }
  const entries = dataProperty(prototype, 'entries');
  if (typeof entries !== 'function') return null;
  try {
    const pairs = [];
    const iterator = ReflectApply(entries, value, []);
    for (let step = iterator.next(); !step.done; step = iterator.next()) {
      ArrayPrototypePush(pairs, step.value);
    }
    return pairs;
  } catch {
    return null;
  }
}

function formatPairs(run, pairs, level, output) {
  for (let i = 0; i < pairs.length && i < kMostEntries && run.budget > 0; i++) {
    const key = child(run, pairs[i][0], level);
    ArrayPrototypePush(output, `${key} => ${child(run, pairs[i][1], level)}`);
  }
  if (pairs.length > output.length) {
    ArrayPrototypePush(output, `... ${pairs.length - output.length} more items`);
  }
}

// Objects of the platform keep their state in slots; their attributes are what there is to see.
// Bodies and signals are made when first asked for, so these are not asked for.
function formatPlatformAttributes(run, value, level, output) {
  let found = false;
  let prototype = ObjectGetPrototypeOf(value);
  for (; prototype !== null; prototype = ObjectGetPrototypeOf(prototype)) {
    if (natives.kindOf(prototype) === kProxy) break;
    if (!isPlatformPrototype(prototype)) continue;
    found = true;
    const keys = ReflectOwnKeys(prototype);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (typeof key !== 'string' || key === 'body' || key === 'signal') continue;
      const {get, enumerable} = ObjectGetOwnPropertyDescriptor(prototype, key);
      if (get === undefined || !enumerable) continue;
      let attribute;
      try {
        attribute = ReflectApply(get, value, []);
      } catch {
        continue;
      }
      ArrayPrototypePush(output, `${key}: ${child(run, attribute, level)}`);
    }
  }
  return found;
}

function formatArray(run, array, size, level, output) {
  let holes = 0;
  let i = 0;
  const flush = () => {
    if (holes > 0) ArrayPrototypePush(output, `<${holes} empty item${holes === 1 ? '' : 's'}>`);
    holes = 0;
  };
  // A hole counts as one entry however long it is, so the places looked at are limited, too.
  const end = MathMin(size, 10000);
  for (; i < end && output.length < kMostEntries && run.budget > 0; i++) {
    const descriptor = ObjectGetOwnPropertyDescriptor(array, `${i}`);
    if (descriptor === undefined) {
      holes++;
      continue;
    }
    flush();
    const isAccessor = descriptor.get !== undefined || descriptor.set !== undefined;
    ArrayPrototypePush(output, isAccessor ? '[Getter]' : child(run, descriptor.value, level));
  }
  flush();
  if (i < size) ArrayPrototypePush(output, `... ${size - i} more item${size - i === 1 ? '' : 's'}`);
}

function formatTypedArray(array, size, output) {
  const shown = MathMin(size, kMostEntries);
  for (let i = 0; i < shown; i++) ArrayPrototypePush(output, formatPrimitive(array[i]));
  if (size > shown) {
    ArrayPrototypePush(output, `... ${size - shown} more item${size - shown === 1 ? '' : 's'}`);
  }
}

function formatSet(run, set, size, level, output) {
  let count = 0;
  SetPrototypeForEach(set, (value) => {
    if (count++ < kMostEntries && run.budget > 0) {
      ArrayPrototypePush(output, child(run, value, level));
    }
  });
  if (count > output.length) ArrayPrototypePush(output, `... ${count - output.length} more items`);
}

function formatMap(run, map, size, level, output) {
  let count = 0;
  MapPrototypeForEach(map, (value, key) => {
    if (count++ < kMostEntries && run.budget > 0) {
      ArrayPrototypePush(output, `${child(run, key, level)} => ${child(run, value, level)}`);
    }
  });
  if (count > output.length) ArrayPrototypePush(output, `... ${count - output.length} more items`);
}

function formatArrayBuffer(buffer, output) {
  if (isArrayBuffer(buffer) && ArrayBufferPrototypeGetDetached(buffer)) {
    ArrayPrototypePush(output, '(detached)', 'byteLength: 0');
    return;
  }
  const size = TypedArrayPrototypeGetLength(new Uint8Array(buffer));
  const bytes = new Uint8Array(buffer, 0, MathMin(size, 50));
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    const byte = hexByte(bytes[i]);
    text += i === 0 ? byte : ` ${byte}`;
  }
  if (size > 50) text += ` ... ${size - 50} more byte${size === 51 ? '' : 's'}`;
  ArrayPrototypePush(output, `[Uint8Contents]: <${text}>`, `byteLength: ${size}`);
}

function hexByte(byte) {
  const digits = '0123456789abcdef';
  return digits[byte >> 4] + digits[byte & 15];
}

function formatErrorExtras(run, error, level, output) {
  const cause = ObjectGetOwnPropertyDescriptor(error, 'cause');
  if (cause !== undefined && !cause.enumerable && 'value' in cause) {
    ArrayPrototypePush(output, `[cause]: ${child(run, cause.value, level)}`);
  }
  const errors = ObjectGetOwnPropertyDescriptor(error, 'errors');
  if (errors !== undefined && !errors.enumerable && 'value' in errors) {
    ArrayPrototypePush(output, `[errors]: ${child(run, errors.value, level)}`);
  }
}
