// The calling side: stubs, the promises that calls return, and their properties. Each is a Proxy
// around a function of its own, which has nothing but the prototype of its class; what it stands
// for is a private field on the proxy itself, out of the reach of traps and scripts.
import {
  ArrayPrototypePush, Error, ObjectSetPrototypeOf, PromisePrototypeFinally,
  PromisePrototypeThen, PromiseReject, Proxy, ReflectGet, ReflectHas, TypeError,
} from '../internal/primordials.js';
import {illegalInvocation, isObject} from '../internal/webidl.js';
import {RpcPromise, RpcProperty, RpcStub} from './classes.js';
import {channelOf} from './channel.js';
import {Entry, stubKindOf, kNoStub} from './entry.js';
import {throwFromWire} from './errors.js';
import {MessageWriter, readMessage} from './message.js';
import {defineDisposer, callDisposer} from './disposal.js';
import {mark, PromiseState, PropertyState, stateOf, StubState} from './states.js';
import {behaviours} from '../internal/behaviours.js';

const kMaxDepth = 64;

// Names that exist win over names of the other side. A stub has no `then`, or it would count as a
// promise.
class Handler {
  constructor(isThenable) {
    this.isThenable = isThenable;
    this.self = undefined;
  }

  get(target, key, receiver) {
    if (typeof key === 'symbol' || ReflectHas(target, key)) {
      return ReflectGet(target, key, receiver);
    }
    if (key === 'then' && !this.isThenable) return undefined;
    return propertyOf(this.self, key);
  }

  has(target, key) {
    return ReflectHas(target, key) ||
        (typeof key === 'string' && (this.isThenable || key !== 'then'));
  }

  apply(target, thisArgument, args) { return callProvider(this.self, args); }
}
ObjectSetPrototypeOf(Handler.prototype, null);

function createCallable(Class, state, isThenable) {
  const target = () => undefined;
  delete target.name;
  delete target.length;
  ObjectSetPrototypeOf(target, Class.prototype);
  const handler = new Handler(isThenable);
  const proxy = new Proxy(target, handler);
  handler.self = proxy;
  mark(proxy, state);
  return proxy;
}

// A stub for what import `number` names.
export function stubOf(number) { return createCallable(RpcStub, new StubState(number), false); }

export function createStub(object) {
  const kind = stubKindOf(object);
  if (kind === kNoStub) {
    throw new TypeError(
        'RpcStubs can only wrap plain objects, functions, and RpcTarget derivatives.');
  }
  const entry = new Entry(object, kind);
  return stubOf(natives.rpcExport(entry, entry.wantsRelease()));
}

function disposedStub() { return new Error('RPC stub used after being disposed.'); }

export function duplicateStub(stub) {
  const state = stateOf(stub);
  if (!(state instanceof StubState)) illegalInvocation();
  if (state.isDisposed) throw disposedStub();
  return stubOf(natives.rpcDuplicate(state.number));
}

export function disposeStub(stub) {
  const state = stateOf(stub);
  if (!(state instanceof StubState)) illegalInvocation();
  state.dispose();
}

export function propertyOf(parent, name) {
  const state = stateOf(parent);
  let depth = 0;
  if (state instanceof PropertyState) {
    depth = state.depth + 1;
    if (depth > kMaxDepth) {
      throw new TypeError(`RPC pipelined property path is too deep (max ${kMaxDepth}).`);
    }
  }
  return createCallable(RpcProperty, new PropertyState(parent, name, depth), true);
}

// Where a call on `provider` goes, with the names on the way there in `path`.
class Route {
  constructor(provider) {
    this.isChannel = false;
    this.number = 0;
    this.isTemporary = false;  // a capability made for this one call
    this.isPipeline = false;
    const names = [];
    let at = provider;
    let state = stateOf(at);
    while (state instanceof PropertyState) {
      ArrayPrototypePush(names, state.name);
      at = state.parent;
      state = stateOf(at);
    }
    this.path = [];
    for (let i = names.length - 1; i >= 0; i--) ArrayPrototypePush(this.path, names[i]);
    this.#begin(at, state);
  }

  #begin(object, state) {
    if (state instanceof StubState) {
      if (state.isDisposed) throw disposedStub();
      this.number = state.number;
      return;
    }
    if (state instanceof PromiseState) {
      if (state.error !== undefined) throw state.error.reason;
      if (state.isDisposed) throw new Error('RPC promise used after being disposed.');
      if (!state.isResolved) {
        this.number = state.pipeline;
        this.isPipeline = true;
        return;
      }
      this.#beginAtValue(state);
      return;
    }
    this.isChannel = true;
    this.number = channelOf(object);
  }

  // The call is over and its pipeline closed, but the script goes on calling through the promise.
  #beginAtValue(promise) {
    const {value} = promise;
    natives.rpcRequireOwner(promise.owner);
    if (!isObject(value)) {
      throw new TypeError("Can't pipeline on RPC that did not return an object.");
    }
    const state = stateOf(value);
    if (state instanceof StubState) {
      this.#begin(value, state);
      return;
    }
    const channel = channelOf(value);
    if (channel !== undefined) {
      this.isChannel = true;
      this.number = channel;
      return;
    }
    this.number = natives.rpcExport(Entry.borrowing(value), false);
    this.isTemporary = true;
  }
}

// Sends a call, or without `args` the question for a property's value; returns its PromiseState.
function send(provider, args) {
  const state = new PromiseState();
  try {
    const route = new Route(provider);
    let bytes, externals, writer;
    if (args !== undefined && args.length > 0) {
      writer = new MessageWriter(behaviours.duplicatesStubs);
      bytes = writer.write(args);
      externals = writer.externals();
    }
    const started = natives.rpcCall(
        route.isChannel, route.number, route.path, args === undefined, bytes, externals, false,
        route.isPipeline);
    if (writer !== undefined) {
      writer.begin();
      writer.disposeHandedOver();
    }
    if (route.isTemporary) natives.rpcDispose(route.number);
    state.pipeline = started[1];
    state.owner = started[2];
    state.promise =
        PromisePrototypeThen(started[0], (answer) => receive(state, answer), throwFromWire);
  } catch (error) {
    state.error = {reason: error};
    state.promise = PromiseReject(error);
  }
  return state;
}

function receive(state, answer) {
  const hasDisposer = answer[1];
  const {pipeline} = state;
  let message;
  try {
    message = readMessage(answer[0][0], answer[0][1]);
  } catch (error) {
    natives.rpcDispose(pipeline);
    throw error;
  }
  const {value, stubs} = message;
  if (!hasDisposer) natives.rpcDispose(pipeline);
  if (isObject(value) && !(stateOf(value) instanceof StubState)) {
    defineDisposer(value, () => {
      for (let i = 0; i < stubs.length; i++) stubs[i].dispose();
      if (hasDisposer) natives.rpcDispose(pipeline);
    });
  }
  if (state.isDisposed) {
    callDisposer(value);
  } else {
    state.isResolved = true;
    state.value = value;
  }
  return value;
}

export function callProvider(provider, args) {
  return createCallable(RpcPromise, send(provider, args), true);
}

// A call whose answer nobody pipelines on.
export function ask(provider, args) { return send(provider, args).promise; }

// The promise behind a thenable: that of a call, or a new question for the value of a property.
function promiseOf(thenable) {
  const state = stateOf(thenable);
  if (state instanceof PromiseState) return state.promise;
  if (!(state instanceof PropertyState)) illegalInvocation();
  return send(thenable, undefined).promise;
}

export function thenOf(thenable, onFulfilled, onRejected) {
  return PromisePrototypeThen(promiseOf(thenable), onFulfilled, onRejected);
}

export function catchOf(thenable, onRejected) {
  return PromisePrototypeThen(promiseOf(thenable), undefined, onRejected);
}

export function finallyOf(thenable, onFinally) {
  return PromisePrototypeFinally(promiseOf(thenable), onFinally);
}

export function disposePromise(promise) {
  const state = stateOf(promise);
  if (!(state instanceof PromiseState)) illegalInvocation();
  if (state.isResolved && !state.isDisposed) callDisposer(state.value);
  state.isDisposed = true;
}
