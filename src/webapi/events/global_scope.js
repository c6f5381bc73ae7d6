// The global scope as an event target: error, unhandledrejection and rejectionhandled events, and
// the prototype chain ServiceWorkerGlobalScope > WorkerGlobalScope > EventTarget that libraries
// test with instanceof.
import {
  ArrayPrototypePush, ObjectSetPrototypeOf, TypeError, WeakSet, WeakSetPrototypeAdd, WeakSetPrototypeDelete,
} from '../internal/primordials.js';
import {defineInterface, illegalConstructor} from '../internal/webidl.js';
import {
  describeException, messageOf, placeOf, reportException, setErrorEventFirer,
} from '../internal/report.js';
import {
  defineEventHandler, dispatchTrusted, EventTarget, globalTarget, hasListeners,
  setRepresentedObject,
} from './event_target.js';
import {createErrorEvent, createPromiseRejectionEvent} from './event_classes.js';

export class WorkerGlobalScope extends EventTarget {
  constructor() {
    illegalConstructor();
    super();
  }
}
defineInterface(WorkerGlobalScope, 'WorkerGlobalScope');

export class ServiceWorkerGlobalScope extends WorkerGlobalScope {}
defineInterface(ServiceWorkerGlobalScope, 'ServiceWorkerGlobalScope');
defineEventHandler(WorkerGlobalScope.prototype, 'error');
defineEventHandler(WorkerGlobalScope.prototype, 'unhandledrejection');
defineEventHandler(WorkerGlobalScope.prototype, 'rejectionhandled');

// addEventListener and the rest reach the global object through its prototypes.
export function installGlobalScope(global) {
  ObjectSetPrototypeOf(global, ServiceWorkerGlobalScope.prototype);
  setRepresentedObject(globalTarget, global);
}

setErrorEventFirer((error) => {
  if (!hasListeners(globalTarget, 'error')) return false;
  const {filename, lineno, colno} = placeOf(error);
  const event = createErrorEvent('error', {
    __proto__: null, message: messageOf(error), filename, lineno, colno, error, cancelable: true,
  });
  return !dispatchTrusted(globalTarget, event);
});

export function reportError(error) {
  if (arguments.length === 0) {
    throw new TypeError("Failed to execute 'reportError' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'Value'.");
  }
  reportException(error);
}

// https://html.spec.whatwg.org/#unhandled-promise-rejections
let newlyRejected = [];
const reported = new WeakSet();

// V8's promise-reject events: kind 0, rejected without a handler; kind 1, a handler came later.
export function promiseRejected(kind, promise, reason) {
  if (kind === 0) {
    ArrayPrototypePush(newlyRejected, {promise, reason});
    return;
  }
  for (let i = 0; i < newlyRejected.length; i++) {
    if (newlyRejected[i] !== undefined && newlyRejected[i].promise === promise) {
      newlyRejected[i] = undefined;
      return;
    }
  }
  if (WeakSetPrototypeDelete(reported, promise) && hasListeners(globalTarget, 'rejectionhandled')) {
    dispatchTrusted(globalTarget, createPromiseRejectionEvent('rejectionhandled', {promise, reason}));
  }
}

// Called by C++ after a microtask checkpoint during which promiseRejected() was called: what is
// still unhandled now is reported.
export function reportRejections() {
  while (newlyRejected.length > 0) {
    const batch = newlyRejected;
    newlyRejected = [];
    for (let i = 0; i < batch.length; i++) {
      if (batch[i] === undefined) continue;
      const {promise, reason} = batch[i];
      WeakSetPrototypeAdd(reported, promise);
      if (hasListeners(globalTarget, 'unhandledrejection')) {
        const init = {promise, reason, cancelable: true};
        const event = createPromiseRejectionEvent('unhandledrejection', init);
        if (!dispatchTrusted(globalTarget, event)) continue;
      }
      const {name, message, stack} = describeException(reason);
      natives.reportException(name, message, stack);
    }
  }
}
