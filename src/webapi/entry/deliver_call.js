// The called side: finds what a call means, runs it, and sends back what it gives.
import {
  ArrayPrototypeJoin, Object, ObjectGetPrototypeOf, ObjectPrototypeHasOwnProperty, PromisePrototypeThen, PromiseResolve,
  ReflectApply, SymbolDispose, TypeError,
} from '../internal/primordials.js';
import {isObject, kInternal} from '../internal/webidl.js';
import {reportException} from '../internal/report.js';
import {entrypointNamed, isModuleFormat, kEntrypointClass, kObject} from './handlers.js';
import {deliverSocket} from './deliver_socket.js';
import {environmentWith} from './environment.js';
import {ExecutionContext} from './execution_context.js';
import {deliverEvent} from './deliver_event.js';
import {addNextCall} from './inbound.js';
import {channelOf} from '../rpc/channel.js';
import {Entry, isPlainFunction, kClassMembers, kOwnMembers, looksLikeTarget} from '../rpc/entry.js';
import {sendFailure} from '../rpc/errors.js';
import {MessageWriter, readMessage} from '../rpc/message.js';
import {PropertyState, stateOf, StubState} from '../rpc/states.js';

const kReserved = {__proto__: null, dup: true, constructor: true};
const kReservedByEntrypoints = {
  __proto__: null,
  fetch: true,
  connect: true,
  alarm: true,
  webSocketMessage: true,
  webSocketClose: true,
  webSocketError: true,
  dup: true,
  constructor: true,
};

// What a call is looked up on.
class Receiver {
  constructor(object, kind, reserved, ctx, env) {
    this.object = object;
    this.kind = kind;
    this.reserved = reserved;
    this.ctx = ctx;  // for entrypoints that are plain objects: their functions get (arg, env, ctx)
    this.env = env;
  }

  // What the path leads to. `object` is then the `this` of a call.
  find(path) {
    if (path.length === 0) return this.object;
    let isInStub = false;
    for (let i = 0; i < path.length - 1; i++) {
      const next = this.#member(path[i]);
      if (!isObject(next)) notImplemented(path[i]);
      this.object = next;
      if (ObjectGetPrototypeOf(next) === Object.prototype) {
        this.kind = kOwnMembers;
      } else if (looksLikeTarget(next)) {
        this.kind = kClassMembers;
      } else if (stateOf(next) instanceof StubState || channelOf(next) !== undefined ||
                 (isInStub && stateOf(next) instanceof PropertyState)) {
        this.kind = kClassMembers;
        isInStub = true;
      } else if (isPlainFunction(next)) {
        this.kind = kOwnMembers;
      } else {
        notImplemented(path[i]);
      }
    }
    return this.#member(path[path.length - 1]);
  }

  #member(name) {
    if (this.reserved[name]) {
      throw new TypeError(`'${name}' is a reserved method and cannot be called over RPC.`);
    }
    const {object} = this;
    const isOwn = ObjectPrototypeHasOwnProperty(object, name);
    if (this.kind === kOwnMembers) {
      if (!isOwn) notImplemented(name);
      return object[name];
    }
    // What an instance holds is its own business.
    if (isOwn) notImplemented(name);
    const value = object[name];
    if (value === Object.prototype[name]) notImplemented(name);
    return value;
  }
}

function notImplemented(name) {
  throw new TypeError(`The RPC receiver does not implement the method "${name}".`);
}

// `addNext`: undefined, or what to do with the handler's `ctx`.
function receiverOfEntrypoint(name, props, env, addNext) {
  if (!isModuleFormat()) throw new TypeError('The receiver is not an RPC object');
  const entrypoint = entrypointNamed(name);
  if (entrypoint === undefined) {
    throw new TypeError(`The Worker has no entrypoint named "${name ?? 'default'}".`);
  }
  const ctx = new ExecutionContext(kInternal, props);
  if (addNext !== undefined) addNext(ctx);
  if (entrypoint.kind === kObject) {
    return new Receiver(entrypoint.target, kOwnMembers, kReservedByEntrypoints, ctx, env);
  }
  if (entrypoint.kind !== kEntrypointClass) {
    throw new TypeError('The entrypoint is a class that does not extend WorkerEntrypoint.');
  }
  const instance = new entrypoint.target(ctx, env);
  return new Receiver(instance, kClassMembers, kReservedByEntrypoints, undefined, undefined);
}

// A call whose result is awaited.
class Call {
  constructor(number) {
    this.number = number;
    this.args = undefined;
    this.stubs = undefined;  // among the arguments: the callee has them for the time of the call
    this.succeed = (value) => { this.#succeed(value); };
    this.fail = (reason) => { this.#fail(reason); };
  }

  run(receiver, path, readsProperty, bytes, externals) {
    const found = receiver.find(path);
    if (readsProperty) return found;
    const name = path.length === 0 ? '(this)' : ArrayPrototypeJoin(path, '.');
    if (typeof found !== 'function') throw new TypeError(`"${name}" is not a function.`);
    if (receiver.ctx !== undefined) {
      return this.#runWithContext(receiver, found, name, bytes, externals);
    }
    return ReflectApply(found, receiver.object, this.#arguments(bytes, externals));
  }

  #arguments(bytes, externals) {
    if (bytes === undefined) return this.args = [];
    const {value, stubs} = readMessage(bytes, externals);
    this.stubs = stubs;
    return this.args = value;
  }

  // Of a function that belongs to no class only the first argument can come from the caller: were
  // there more, one that forgets `env` would be given it in the place of an argument, and might
  // send it back.
  #runWithContext(receiver, found, name, bytes, externals) {
    const arity = +found.length;
    if (!(arity >= 0 && arity < 256)) {
      throw new TypeError(`RPC function has unreasonable length attribute: ${arity}`);
    }
    if (arity > 3) {
      throw new TypeError(
          `Cannot call handler function "${name}" over RPC because it has the wrong number of arguments. A simple function ` +
          'handler can only be called over RPC if it has exactly the arguments (arg, env, ctx), where only the first ' +
          'argument comes from the client. To support multi-argument RPC functions, use class-based syntax (extending ' +
          'WorkerEntrypoint) instead.');
    }
    const args = this.#arguments(bytes, externals);
    if (args.length !== 1) {
      throw new TypeError(
          `Attempted to call RPC function "${name}" with the wrong number of arguments. When calling a top-level handler ` +
          'function that is not declared as part of a class, you must always send exactly one argument. In order to support ' +
          'variable numbers of arguments, the server must use class-based syntax (extending WorkerEntrypoint) instead.');
    }
    return ReflectApply(found, receiver.object, [args[0], receiver.env, receiver.ctx]);
  }

  #succeed(value) {
    try {
      sendResult(this.number, value);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#release();
  }

  #fail(reason) {
    this.#release();
    sendFailure(this.number, reason);
  }

  #release() {
    const {stubs} = this;
    if (stubs === undefined) return;
    this.stubs = undefined;
    for (let i = 0; i < stubs.length; i++) stubs[i].dispose();
  }
}

function sendResult(call, value) {
  let entry;
  let isOneStub = false;
  let disposer;
  if (isObject(value)) {
    if (stateOf(value) instanceof StubState) {
      isOneStub = true;
    } else if (ObjectGetPrototypeOf(value) === Object.prototype &&
               natives.kindOf(value) !== kProxy) {
      disposer = value[SymbolDispose];
      // The caller's copy gets one of its own, which tells this one.
      delete value[SymbolDispose];
      entry = new Entry(value, kOwnMembers);
    } else if (channelOf(value) !== undefined) {
      entry = new Entry(value, kClassMembers);
    } else if (looksLikeTarget(value) || isPlainFunction(value) || natives.kindOf(value) === kProxy) {
      isOneStub = true;
    }
  }
  const writer = new MessageWriter(false);
  const bytes = writer.write(value);
  const externals = writer.externals();
  const hasDisposer = typeof disposer === 'function';
  const stubs = writer.handedOver();
  if (entry !== undefined) {
    entry.disposer = disposer;
    if (stubs.length > 0) entry.stubs = stubs;
  }
  natives.rpcReturn(call, bytes, externals, isOneStub || entry,
                    entry !== undefined && entry.wantsRelease(), hasDisposer);
  writer.begin();
  if (entry === undefined) writer.disposeHandedOver();
}

const kProxy = 1;  // of natives.kindOf

// A socket's number in the place of `entry` makes it a connection: then `path` is the address as the
// caller wrote it, and `readsProperty` holds members to add to `env`.
export function deliverCall(number, entry, entrypoint, props, path, readsProperty, bytes,
                            externals, hasNext, envValues) {
  if (typeof entry === 'number') {
    deliverSocket(number, entry, entrypoint, props, path, readsProperty, hasNext);
    return;
  }
  const call = new Call(number);
  let result;
  try {
    if (entry === undefined && path.length === 0 && !readsProperty) {
      result = deliverEvent(entrypoint, props, bytes, hasNext);
    } else {
      const addNext = hasNext ? (ctx) => addNextCall(ctx, call, path, readsProperty) : undefined;
      const receiver = entry === undefined ?
          receiverOfEntrypoint(entrypoint, props, environmentWith(envValues), addNext) :
          new Receiver(entry.target, entry.kind, kReserved, undefined, undefined);
      result = call.run(receiver, path, readsProperty, bytes, externals);
    }
  } catch (error) {
    call.fail(error);
    return;
  }
  if (isObject(result)) PromisePrototypeThen(PromiseResolve(result), call.succeed, call.fail);
  else call.succeed(result);
}

// Nobody holds it any more.
export function releaseExport(entry) {
  try {
    entry.release();
  } catch (error) {
    reportException(error);
  }
}
