'use strict';
const {
  ArrayPrototypePush, Error, ErrorCaptureStackTrace, ObjectDefineProperty, RegExpPrototypeExec, SharedArrayBuffer, StringPrototypeReplaceAll,
  StringPrototypeSlice, StringPrototypeSplit, StringPrototypeTrim, WeakRef, globalThis,
} = primordials;
const {natives, nativeBinding} = require('atoll/platform');

const binding = nativeBinding('util');
const {apply} = globalThis.Reflect;

binding.constants = {
  kPending: 0, kFulfilled: 1, kRejected: 2,
  kExiting: 0, kExitCode: 1, kHasExitCode: 2,
  ALL_PROPERTIES: 0, ONLY_WRITABLE: 1, ONLY_ENUMERABLE: 2, ONLY_CONFIGURABLE: 4, SKIP_STRINGS: 8, SKIP_SYMBOLS: 16,
  kDisallowCloneAndTransfer: 0, kTransferable: 1, kCloneable: 2,
};
binding.isInsideNodeModules = () => false;
binding.guessHandleType = (fd) => fd >= 0 && fd <= 2 ? 2 : 6;
binding.sleep = () => {};
binding.constructSharedArrayBuffer = (length) => new SharedArrayBuffer(length);
binding.getSharedArrayBufferGrowable = (buffer) => buffer.growable;
binding.getExternalValue = () => 0n;

binding.defineLazyProperties = (target, id, keys, enumerable = true) => {
  const properties = [];
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    ArrayPrototypePush(properties, target, key, () => require(id)[key], enumerable);
  }
  natives.defineLazy(properties);
};

const kLine = /^\s*(?:export\s+)?([\w.-]+)[ \t]*=[ \t]*(?:"([^"]*)"|'([^']*)'|`([^`]*)`|([^#\r\n]*))?/;

// The text of a .env file: name → value.
binding.parseEnv = (content) => {
  const variables = {};
  let rest = content;
  while (rest.length > 0) {
    const match = RegExpPrototypeExec(kLine, rest);
    if (match !== null) {
      let value = match[2] ?? match[3] ?? match[4];
      if (match[2] !== undefined) value = StringPrototypeReplaceAll(value, '\\n', '\n');
      value ??= StringPrototypeTrim(match[5] ?? '');
      variables[match[1]] = value;
      rest = StringPrototypeSlice(rest, match[0].length);
    }
    const end = rest.indexOf('\n');
    if (end < 0) break;
    rest = StringPrototypeSlice(rest, end + 1);
  }
  return variables;
};

binding.WeakReference = class WeakReference {
  #weak;
  #strong;
  #references = 0;
  constructor(object) { this.#weak = new WeakRef(object); }
  incRef() {
    if (++this.#references === 1) this.#strong = this.#weak.deref();
    return this.#references;
  }
  decRef() {
    if (--this.#references === 0) this.#strong = undefined;
    return this.#references;
  }
  get() { return this.#weak.deref(); }
};

module.exports = binding;
