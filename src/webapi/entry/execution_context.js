// The `ctx` of a handler. Which invocation it belongs to, C++ knows from the running code.
import {PromisePrototypeThen, PromiseResolve} from '../internal/primordials.js';
import {
  defineInterface, illegalConstructor, illegalInvocation, isObject, kInternal, requireArguments,
} from '../internal/webidl.js';
import {describeException} from '../internal/report.js';
import {defineValue} from '../internal/lazy.js';
import {mapVirtualHost} from '../sockets/virtual_hosts.js';
import {exportsOfWorker} from './exports.js';
import {behaviours} from '../internal/behaviours.js';
import {abortInvocation} from '../rpc/errors.js';
import {propsFromWire} from '../structured_clone/props.js';

function taskDone() { natives.waitUntilEnd(); }

function taskFailed(reason) {
  const {name, message, stack} = describeException(reason);
  natives.waitUntilEnd(name, message, stack);
}

// Keeps the current invocation alive until the promise settles; a rejection is logged. Takes any
// value.
export function waitUntil(promise) {
  requireArguments(arguments.length, 1, 'waitUntil');
  const task = PromiseResolve(promise);
  natives.waitUntilBegin();
  PromisePrototypeThen(task, taskDone, taskFailed);
}

// Props are copied out of their wire form when a script first looks at them.
export class ExecutionContext {
  #props;
  #areSerialized;

  // `serializedProps` is the wire form of the caller's props, see props.js.
  constructor(key, serializedProps) {
    if (key !== kInternal) illegalConstructor();
    this.#props = serializedProps;
    this.#areSerialized = true;
  }

  waitUntil(promise) {
    if (!isObject(this) || !(#props in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'ExecutionContext.waitUntil');
    waitUntil(promise);
  }

  passThroughOnException() {
    if (!isObject(this) || !(#props in this)) illegalInvocation();
    natives.passThroughOnException();
  }

  // Beyond what this platform has: nobody has been let in by an access policy.
  get access() { return undefined; }

  get exports() { return behaviours.hasExports ? exportsOfWorker() : undefined; }

  // Ends the invocation: its callers get `reason`.
  abort(reason = undefined) {
    if (!isObject(this) || !(#props in this)) illegalInvocation();
    abortInvocation(reason);
  }

  get props() {
    if (this.#areSerialized) {
      this.#props = propsFromWire(this.#props);
      this.#areSerialized = false;
    }
    return this.#props;
  }
}
defineInterface(ExecutionContext, 'ExecutionContext');

// For Workers that have the flag "experimental".
export function addVirtualHosts() {
  defineValue(ExecutionContext.prototype, 'mapVirtualHost', {mapVirtualHost(fetcher, port) {
    requireArguments(arguments.length, 2, 'ExecutionContext.mapVirtualHost');
    natives.requireInvocation();
    return mapVirtualHost(fetcher, port);
  }}.mapVirtualHost, true);
}
