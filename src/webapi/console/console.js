// https://console.spec.whatwg.org. Each call becomes one entry of the invocation's log; C++ adds
// time, Worker and request.
import {
  ErrorCaptureStackTrace, Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet, Object,
  ObjectCreate, ObjectDefineProperty, ObjectKeys, ReflectApply, StringPrototypeIndexOf,
  StringPrototypeRepeat, StringPrototypeReplaceAll, StringPrototypeSlice, SymbolToStringTag,
} from '../internal/primordials.js';
import {toDictionary, toDOMString, toSequence} from '../internal/webidl.js';
import {format} from './format.js';
import {inspect} from './inspect.js';
import {table} from './table.js';

const kDebug = 0, kInfo = 1, kLog = 2, kWarn = 3, kError = 4;

let indentation = 0;
let counts = null;  // label → number
let timers = null;  // label → start

const kMostText = 65536;

function emit(level, text) {
  if (text.length > kMostText) text = `${StringPrototypeSlice(text, 0, kMostText)}…`;
  if (indentation > 0) {
    const space = StringPrototypeRepeat('  ', indentation);
    text = space + StringPrototypeReplaceAll(text, '\n', `\n${space}`);
  }
  natives.log(level, text);
}

function elapsed(label) {
  const start = timers === null ? undefined : MapPrototypeGet(timers, label);
  if (start === undefined) {
    emit(kWarn, `Timer "${label}" does not exist.`);
    return undefined;
  }
  return `${label}: ${natives.now() - start}ms`;
}

const methods = {
  debug() { emit(kDebug, format(arguments)); },
  error() { emit(kError, format(arguments)); },
  info() { emit(kInfo, format(arguments)); },
  log() { emit(kLog, format(arguments)); },
  warn() { emit(kWarn, format(arguments)); },

  dir(item = undefined, options = undefined) {
    const {depth} = toDictionary(options, 'console.dir: the options');
    emit(kLog, inspect(item, depth === null ? Infinity : depth === undefined ? 2 : +depth));
  },
  dirxml() { emit(kLog, format(arguments)); },

  table(data = undefined, columns = undefined) {
    if (columns !== undefined) {
      columns = toSequence(columns, toDOMString, 'console.table: the columns');
    }
    const text = table(data, columns);
    emit(kLog, text ?? format([data]));
  },

  trace() {
    const holder = {};
    ErrorCaptureStackTrace(holder, methods.trace);
    const {stack} = holder;
    const frames = StringPrototypeIndexOf(stack, '\n');
    const text = arguments.length === 0 ? 'Trace' : `Trace: ${format(arguments)}`;
    emit(kLog, frames < 0 ? text : text + StringPrototypeSlice(stack, frames));
  },

  group() {
    if (arguments.length > 0) emit(kLog, format(arguments));
    if (indentation < 100) indentation++;
  },
  groupCollapsed() { ReflectApply(methods.group, undefined, arguments); },
  groupEnd() {
    if (indentation > 0) indentation--;
  },
  clear() {},

  count(label = 'default') {
    label = toDOMString(label);
    const number = (counts === null ? 0 : MapPrototypeGet(counts, label) ?? 0) + 1;
    MapPrototypeSet(counts ??= new Map(), label, number);
    emit(kInfo, `${label}: ${number}`);
  },
  countReset(label = 'default') {
    label = toDOMString(label);
    if (counts === null || !MapPrototypeDelete(counts, label)) {
      emit(kWarn, `Count for "${label}" does not exist.`);
    }
  },

  assert(condition = false) {
    if (condition) return;
    const text = arguments.length > 1 ? format(arguments, 1) : '';
    emit(kError, text === '' ? 'Assertion failed' : `Assertion failed: ${text}`);
  },

  time(label = 'default') {
    label = toDOMString(label);
    timers ??= new Map();
    if (MapPrototypeGet(timers, label) !== undefined) {
      emit(kWarn, `Timer "${label}" already exists.`);
    } else {
      MapPrototypeSet(timers, label, natives.now());
    }
  },
  timeLog(label = 'default') {
    const text = elapsed(toDOMString(label));
    if (text !== undefined) {
      emit(kLog, arguments.length > 1 ? `${text} ${format(arguments, 1)}` : text);
    }
  },
  timeEnd(label = 'default') {
    label = toDOMString(label);
    const text = elapsed(label);
    if (text === undefined) return;
    MapPrototypeDelete(timers, label);
    emit(kInfo, text);
  },

  profile() {},
  profileEnd() {},
  timeStamp() {},
};

// A namespace object: its prototype is an empty object of its own.
export const console = ObjectCreate(ObjectCreate(Object.prototype));
{
  const names = ObjectKeys(methods);
  for (let i = 0; i < names.length; i++) {
    ObjectDefineProperty(console, names[i], {
      __proto__: null, value: methods[names[i]], writable: true, enumerable: true,
      configurable: true,
    });
  }
  ObjectDefineProperty(console, SymbolToStringTag, {
    __proto__: null, value: 'console', writable: false, enumerable: false, configurable: true,
  });
}
