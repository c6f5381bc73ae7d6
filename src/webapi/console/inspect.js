// Values as text for the log, in the form developers know from Node. Runs no code of the value's: accessors are named, not called,
// proxies are looked through, toString and toJSON are ignored. Output is bounded in depth, entries and length.
import {
  ArrayBufferPrototypeGetDetached, ArrayPrototypeJoin, ArrayPrototypePush, BigInt, DataViewPrototypeGetByteLength,
  DatePrototypeGetTime, DatePrototypeToISOString, FunctionPrototypeToString, MapPrototypeForEach, MapPrototypeGetSize, MathMax,
  MathMin, NumberIsNaN, ObjectGetOwnPropertyDescriptor, ObjectGetPrototypeOf, ObjectIs, RegExpPrototypeExec,
  RegExpPrototypeToString, ReflectApply, ReflectOwnKeys, SetPrototypeForEach, SetPrototypeGetSize,
  StringPrototypeCharCodeAt, StringPrototypeIncludes, StringPrototypePadEnd,
  StringPrototypePadStart, StringPrototypeRepeat, StringPrototypeReplaceAll, StringPrototypeSlice, StringPrototypeStartsWith,
  SymbolPrototypeToString, SymbolToStringTag, TypedArrayPrototypeGetLength, TypedArrayPrototypeGetSymbolToStringTag, Uint8Array,
} from '../internal/primordials.js';
import {isArrayBuffer, isPlatformPrototype} from '../internal/webidl.js';

const kMostEntries = 100;
const kMostString = 10000;
const kMostText = 65536;
const kLineLength = 80;

// The same order as Kind in console_natives.cc.
const kOther = 0, kProxy = 1, kFunction = 2, kArray = 3, kError = 4, kDate = 5, kRegExp = 6, kMap = 7, kSet = 8, kPromise = 9,
    kTypedArray = 10, kArrayBuffer = 11, kDataView = 12, kWeak = 13, kIterator = 14, kWrapper = 15, kGenerator = 16,
    kArguments = 17, kExternal = 18, kNamespace = 19;

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

export function formatNumber(number) {
  return ObjectIs(number, -0) ? '-0' : `${number}`;
}

export function formatPrimitive(value) {
  switch (typeof value) {
    case 'string': return quote(value);
    case 'number': return formatNumber(value);
    case 'bigint': return `${value}n`;
    case 'symbol': return SymbolPrototypeToString(value);
    default: return `${value}`;
  }
}

const kNeedsEscape = /[\x00-\x1f\x7f-\x9f\\'\ud800-\udfff]/;

function quote(string) {
  let suffix = '';
  if (string.length > kMostString) {
    suffix = `... ${string.length - kMostString} more characters`;
    string = StringPrototypeSlice(string, 0, kMostString);
  }
  if (RegExpPrototypeExec(kNeedsEscape, string) === null) return `'${string}'${suffix}`;
  const mark = !StringPrototypeIncludes(string, "'") ? "'" : !StringPrototypeIncludes(string, '"') ? '"' :
      !StringPrototypeIncludes(string, '`') && !StringPrototypeIncludes(string, '${') ? '`' : "'";
  let text = '';
  for (let i = 0; i < string.length; i++) {
    const code = StringPrototypeCharCodeAt(string, i);
    const character = string[i];
    if (character === '\n') text += '\\n';
    else if (character === '\t') text += '\\t';
    else if (character === '\r') text += '\\r';
    else if (character === '\\' || character === mark) text += `\\${character}`;
    else if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) text += `\\x${StringPrototypePadStart(hex(code), 2, '0')}`;
    else if (code >= 0xd800 && code <= 0xdfff) {
      const next = StringPrototypeCharCodeAt(string, i + 1);
      if (code < 0xdc00 && next >= 0xdc00 && next <= 0xdfff) text += character + string[++i];
      else text += `\\u${hex(code)}`;
    } else text += character;
  }
  return `${mark}${text}${mark}${suffix}`;
}

function hex(number) {
  const digits = '0123456789ABCDEF';
  let text = '';
  for (; number > 0; number = (number - (number % 16)) / 16) text = digits[number % 16] + text;
  return text === '' ? '0' : text;
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

// Name of the constructor that made the object, seen through its prototypes without calling anything.
function constructorName(value) {
  for (let object = value; object !== null; object = ObjectGetPrototypeOf(object)) {
    if (natives.kindOf(object) === kProxy) return 'Object';
    const descriptor = ObjectGetOwnPropertyDescriptor(object, 'constructor');
    if (descriptor === undefined || typeof descriptor.value !== 'function') continue;
    const name = dataProperty(descriptor.value, 'name');
    if (typeof name === 'string' && name !== '') return name;
  }
  return null;
}

function dataProperty(object, key) {
  if (natives.kindOf(object) === kProxy) return undefined;
  const descriptor = ObjectGetOwnPropertyDescriptor(object, key);
  return descriptor === undefined ? undefined : descriptor.value;
}

function tagOf(value) {
  for (let object = value; object !== null; object = ObjectGetPrototypeOf(object)) {
    if (natives.kindOf(object) === kProxy) return '';
    const tag = dataProperty(object, SymbolToStringTag);
    if (typeof tag === 'string') return tag;
  }
  return '';
}

function prefix(value, fallback, size) {
  const name = constructorName(value);
  const sized = size === undefined ? '' : `(${size})`;
  if (name === null) return `[${fallback}${sized}: null prototype] `;
  const tag = tagOf(value);
  return tag !== '' && tag !== name ? `${name}${sized} [${tag}] ` : `${name}${sized} `;
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
      const head = kind === kArguments ? '[Arguments] ' : name === 'Array' ? '' : prefix(value, 'Array', size);
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
      list = (output) => ArrayPrototypePush(output, `byteLength: ${DataViewPrototypeGetByteLength(value)}`);
      break;
    case kWeak:
      open = `${prefix(value, 'WeakMap')}{`;
      list = (output) => ArrayPrototypePush(output, '<items unknown>');
      break;
    case kIterator:
      open = `[${tagOf(value)}] {`;
      list = (output) => {
        const entries = natives.iteratorEntries(value) ?? [];
        for (let i = 0; i < entries.length && i < kMostEntries; i++) ArrayPrototypePush(output, child(run, entries[i], level));
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
  return combine(run, output, base, open, close, level, isArrayLike && entries > 6 && entries === output.length ? value : undefined);
}

function child(run, value, level) {
  if (run.budget <= 0) return '…';
  return formatValue(run, value, level + 1);
}

function shownKeys(value, kind) {
  const shown = [];
  const keys = ReflectOwnKeys(value);
  const indexed = kind === kArray || kind === kTypedArray || kind === kArguments || (kind === kWrapper && isStringObject(value));
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
  if (descriptor.get !== undefined) return `${name}: ${descriptor.set !== undefined ? '[Getter/Setter]' : '[Getter]'}`;
  if (descriptor.set !== undefined) return `${name}: [Setter]`;
  return `${name}: ${child(run, descriptor.value, level)}`;
}

// The entries of Headers, FormData and URLSearchParams; null for everything else.
function pairsOf(value) {
  const prototype = ObjectGetPrototypeOf(value);
  if (prototype === null || natives.kindOf(prototype) === kProxy || !isPlatformPrototype(prototype)) return null;
  const entries = dataProperty(prototype, 'entries');
  if (typeof entries !== 'function') return null;
  try {
    const pairs = [];
    const iterator = ReflectApply(entries, value, []);
    for (let step = iterator.next(); !step.done; step = iterator.next()) ArrayPrototypePush(pairs, step.value);
    return pairs;
  } catch {
    return null;
  }
}

function formatPairs(run, pairs, level, output) {
  for (let i = 0; i < pairs.length && i < kMostEntries && run.budget > 0; i++) {
    ArrayPrototypePush(output, `${child(run, pairs[i][0], level)} => ${child(run, pairs[i][1], level)}`);
  }
  if (pairs.length > output.length) ArrayPrototypePush(output, `... ${pairs.length - output.length} more items`);
}

// Objects of the platform keep their state in slots; their attributes are what there is to see. Bodies and signals are made
// when first asked for, so these are not asked for.
function formatPlatformAttributes(run, value, level, output) {
  let found = false;
  for (let prototype = ObjectGetPrototypeOf(value); prototype !== null; prototype = ObjectGetPrototypeOf(prototype)) {
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
  // A hole counts as one entry however long it is; only so many places are looked at.
  for (let looked = 0; i < size && output.length < kMostEntries && looked < 10000 && run.budget > 0; i++, looked++) {
    const descriptor = ObjectGetOwnPropertyDescriptor(array, `${i}`);
    if (descriptor === undefined) {
      holes++;
      continue;
    }
    flush();
    ArrayPrototypePush(output, descriptor.get !== undefined || descriptor.set !== undefined ? '[Getter]' : child(run, descriptor.value, level));
  }
  flush();
  if (i < size) ArrayPrototypePush(output, `... ${size - i} more item${size - i === 1 ? '' : 's'}`);
}

function formatTypedArray(array, size, output) {
  const shown = MathMin(size, kMostEntries);
  for (let i = 0; i < shown; i++) ArrayPrototypePush(output, formatPrimitive(array[i]));
  if (size > shown) ArrayPrototypePush(output, `... ${size - shown} more item${size - shown === 1 ? '' : 's'}`);
}

function formatSet(run, set, size, level, output) {
  let count = 0;
  SetPrototypeForEach(set, (value) => {
    if (count++ < kMostEntries && run.budget > 0) ArrayPrototypePush(output, child(run, value, level));
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

function functionBase(value, constructor) {
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

function isStringObject(value) {
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
  string: ''.valueOf, number: (0).valueOf, boolean: false.valueOf, bigint: BigInt.prototype.valueOf, symbol: SymbolToStringTag.valueOf,
};
const kWrapperTypes = ['String', 'Number', 'Boolean', 'BigInt', 'Symbol'];

function wrapperBase(value) {
  for (let i = 0; i < kWrapperTypes.length; i++) {
    const inner = wrapped(value, kWrapperTypes[i]);
    if (inner !== undefined) return `[${kWrapperTypes[i]}: ${formatPrimitive(inner)}]`;
  }
  return '[Object]';
}

// An error's stack, or "[Name: message]" if it has none. `stack` is made by V8, unless the script set it itself.
function errorBase(error, indentation) {
  let stack;
  let head = 'Error';
  try {
    ({stack} = error);
    const {name, message} = error;
    head = `${typeof name === 'string' ? name : 'Error'}${typeof message === 'string' && message !== '' ? `: ${message}` : ''}`;
  } catch {
    // a hostile accessor
  }
  if (typeof stack !== 'string' || stack === '') return `[${head}]`;
  if (!StringPrototypeIncludes(stack, '\n')) stack = `[${stack}]`;
  return indentation === 0 ? stack : StringPrototypeReplaceAll(stack, '\n', `\n${StringPrototypeRepeat(' ', indentation)}`);
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

// Long lists of short entries stand in columns.
function inColumns(output, value) {
  let total = 0;
  let longest = 0;
  const more = StringPrototypeStartsWith(output[output.length - 1], '... ') ? 1 : 0;
  const count = output.length - more;
  for (let i = 0; i < count; i++) {
    if (StringPrototypeIncludes(output[i], '\n')) return output;
    total += output[i].length + 2;
    longest = MathMax(longest, output[i].length + 2);
  }
  if (longest * 3 + 2 > kLineLength || total <= kLineLength - 8) return output;
  const columns = MathMin(12, (kLineLength - 4 - ((kLineLength - 4) % longest)) / longest);
  if (columns <= 1) return output;
  const numeric = natives.kindOf(value) === kTypedArray || isNumeric(output, count);
  const rows = [];
  for (let i = 0; i < count; i += columns) {
    const row = [];
    const end = MathMin(i + columns, count);
    for (let j = i; j < end; j++) {
      const comma = j < output.length - 1 ? ',' : '';
      const width = columnWidth(output, j - i, columns, count);
      const entry = `${output[j]}${comma}`;
      ArrayPrototypePush(row, numeric ? StringPrototypePadStart(entry, width + comma.length)
          : j < end - 1 ? StringPrototypePadEnd(entry, width + 1) : entry);
    }
    let line = ArrayPrototypeJoin(row, ' ');
    if (line[line.length - 1] === ',') line = StringPrototypeSlice(line, 0, line.length - 1);
    ArrayPrototypePush(rows, line);
  }
  if (more === 1) ArrayPrototypePush(rows, output[output.length - 1]);
  return rows;
}

function columnWidth(output, column, columns, count) {
  let width = 0;
  for (let i = column; i < count; i += columns) width = MathMax(width, output[i].length);
  return width;
}

const kNumeric = /^-?[0-9]/;

function isNumeric(output, count) {
  for (let i = 0; i < count; i++) {
    if (RegExpPrototypeExec(kNumeric, output[i]) === null) return false;
  }
  return true;
}

// One line if it fits and is not too nested, else one entry a line.
function combine(run, output, base, open, close, level, columnsOf) {
  const entries = output.length;
  if (columnsOf !== undefined) output = inColumns(output, columnsOf);
  if (run.deepest - level < 3 && entries === output.length) {
    let length = output.length + run.indentation + open.length + base.length + 10;
    let fits = !StringPrototypeIncludes(base, '\n');
    for (let i = 0; fits && i < output.length; i++) {
      length += output[i].length;
      fits = length <= kLineLength && !StringPrototypeIncludes(output[i], '\n');
    }
    if (fits) return `${base}${open} ${ArrayPrototypeJoin(output, ', ')} ${close}`;
  }
  const indentation = `\n${StringPrototypeRepeat(' ', run.indentation)}`;
  return `${base}${open}${indentation}  ${ArrayPrototypeJoin(output, `,${indentation}  `)}${indentation}${close}`;
}
