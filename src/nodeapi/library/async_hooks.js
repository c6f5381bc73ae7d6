'use strict';
const {natives, settings, tools, webValue} = require('atoll/platform');
const {Error, ObjectDefineProperties, ObjectFreeze, ReflectApply, SymbolDispose} = tools;

// Most Workers never come to need these.
const validateFunction = (value, name) => {
  if (typeof value !== 'function') require('internal/validators').validateFunction(value, name);
};
const validateObject = (value, name) => require('internal/validators').validateObject(value, name);
const validateString = (value, name) => {
  if (typeof value !== 'string') require('internal/validators').validateString(value, name);
};

const {asyncContext, setAsyncContext, asyncContextOwner} = natives;
const useAsyncContexts = webValue('useAsyncContexts');

function valueOf(frame, storage) {
  if (frame === undefined) return undefined;
  for (let i = 0; i < frame.length; i += 2) {
    if (frame[i] === storage) return frame[i + 1];
  }
  return undefined;
}

function isIn(frame, storage) {
  if (frame === undefined) return false;
  for (let i = 0; i < frame.length; i += 2) {
    if (frame[i] === storage) return true;
  }
  return false;
}

// The frame with another value for one storage.
function changed(frame, storage, value) {
  useAsyncContexts();
  const made = [storage, value];
  if (frame === undefined) return made;
  let size = 2;
  for (let i = 0; i < frame.length; i += 2) {
    if (frame[i] === storage) continue;
    made[size++] = frame[i];
    made[size++] = frame[i + 1];
  }
  return made;
}

function without(frame, storage) {
  if (!isIn(frame, storage)) return frame;
  if (frame.length === 2) return undefined;
  const made = [];
  for (let i = 0, size = 0; i < frame.length; i += 2) {
    if (frame[i] === storage) continue;
    made[size++] = frame[i];
    made[size++] = frame[i + 1];
  }
  return made;
}

function runIn(frame, callback, receiver, args) {
  const before = asyncContext();
  setAsyncContext(frame);
  try {
    return ReflectApply(callback, receiver, args);
  } finally {
    setAsyncContext(before);
  }
}

const isBound = settings.isEnabled('bind_asynclocalstorage_snapshot_to_request');

// Refuses to let code of one request run with what another one has put into its context.
function checkOwner(owner) {
  if (isBound && owner !== undefined && asyncContextOwner() !== owner) {
    throw new Error('Cannot call this AsyncLocalStorage bound function outside of the request in which it was created.');
  }
}

// The value holds until the scope is disposed of.
class RunScope {
  #before = asyncContext();
  #disposed = false;

  constructor(storage, store) { setAsyncContext(changed(this.#before, storage, store)); }

  dispose() {
    if (this.#disposed) return;
    this.#disposed = true;
    setAsyncContext(this.#before);
  }
  [SymbolDispose]() { this.dispose(); }
}

class AsyncLocalStorage {
  #defaultValue;
  #name = '';

  constructor(options = undefined) {
    if (options === undefined) return;
    validateObject(options, 'options');
    this.#defaultValue = options.defaultValue;
    if (options.name !== undefined) this.#name = `${options.name}`;
  }

  static bind(callback) {
    validateFunction(callback, 'fn');
    const frame = asyncContext();
    const owner = asyncContextOwner();
    return function(...args) {
      checkOwner(owner);
      return runIn(frame, callback, this, args);
    };
  }

  static snapshot() {
    const frame = asyncContext();
    const owner = asyncContextOwner();
    return function(callback, ...args) {
      checkOwner(owner);
      return runIn(frame, callback, this, args);
    };
  }

  get name() { return this.#name; }

  disable() { setAsyncContext(without(asyncContext(), this)); }

  getStore() {
    const frame = asyncContext();
    return isIn(frame, this) ? valueOf(frame, this) : this.#defaultValue;
  }

  enterWith(store) { setAsyncContext(changed(asyncContext(), this, store)); }

  run(store, callback, ...args) {
    return runIn(changed(asyncContext(), this, store), callback, null, args);
  }

  withScope(store) { return new RunScope(this, store); }

  exit(callback, ...args) {
    return runIn(without(asyncContext(), this), callback, null, args);
  }
}

class AsyncResource {
  #frame;
  #owner;

  constructor(type, options = undefined) {
    validateString(type, 'type');
    this.#frame = asyncContext();
    this.#owner = asyncContextOwner();
  }

  runInAsyncScope(callback, receiver, ...args) {
    validateFunction(callback, 'fn');
    checkOwner(this.#owner);
    return runIn(this.#frame, callback, receiver, args);
  }

  emitDestroy() { return this; }
  asyncId() { return 0; }
  triggerAsyncId() { return 0; }

  bind(callback, receiver = undefined) {
    validateFunction(callback, 'fn');
    const resource = this;
    const bound = receiver === undefined ?
      function(...args) { return resource.runInAsyncScope(callback, this, ...args); } :
      (...args) => resource.runInAsyncScope(callback, receiver, ...args);
    ObjectDefineProperties(bound, {
      length: {__proto__: null, configurable: true, enumerable: false, value: callback.length, writable: false},
      asyncResource: {__proto__: null, configurable: true, enumerable: true, value: this, writable: true},
    });
    return bound;
  }

  static bind(callback, type, receiver) {
    type ||= callback.name || 'bound-anonymous-fn';
    return new AsyncResource(type).bind(callback, receiver);
  }
}

class AsyncHook {
  enable() { return this; }
  disable() { return this; }
}

function createHook(hooks) {
  validateObject(hooks, 'hooks');
  const names = ['init', 'before', 'after', 'destroy', 'promiseResolve'];
  for (let i = 0; i < names.length; i++) {
    if (hooks[names[i]] === undefined || typeof hooks[names[i]] === 'function') continue;
    throw new (require('internal/errors').codes.ERR_ASYNC_CALLBACK)(`hook.${names[i]}`);
  }
  return new AsyncHook();
}

module.exports = {
  AsyncLocalStorage,
  AsyncResource,
  asyncWrapProviders: ObjectFreeze({__proto__: null, NONE: 0}),
  createHook,
  executionAsyncId: () => 0,
  executionAsyncResource: () => ({__proto__: null}),
  triggerAsyncId: () => 0,
};
