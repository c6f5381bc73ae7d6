'use strict';
const {
  FunctionPrototypeBind, ObjectDefineProperties, ReflectApply, Symbol, SymbolDispose,
} = primordials;
const {codes: {ERR_ASYNC_CALLBACK, ERR_INVALID_ARG_TYPE, ERR_ASYNC_TYPE}} = require('internal/errors');
const {validateFunction, validateObject, validateString} = require('internal/validators');
const {natives, settings, webValue} = require('atoll/platform');

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
    throw new primordials.Error('Cannot call this AsyncLocalStorage bound function outside of the request in which it was created.');
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
  for (const name of ['init', 'before', 'after', 'destroy', 'promiseResolve']) {
    if (hooks[name] !== undefined && typeof hooks[name] !== 'function') throw new ERR_ASYNC_CALLBACK(`hook.${name}`);
  }
  return new AsyncHook();
}

module.exports = {
  AsyncLocalStorage,
  AsyncResource,
  asyncWrapProviders: primordials.ObjectFreeze({__proto__: null, NONE: 0}),
  createHook,
  executionAsyncId: () => 0,
  executionAsyncResource: () => ({}),
  triggerAsyncId: () => 0,
};
