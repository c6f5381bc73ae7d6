// https://dom.spec.whatwg.org/#interface-eventtarget. There is no tree here: an event's path is its
// target alone.
import {
  ArrayPrototypePush, ArrayPrototypeSplice, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor,
  ReflectApply, TypeError,
} from '../internal/primordials.js';
import {
  defineInterface, illegalInvocation, isObject, requireArguments, toDOMString,
} from '../internal/webidl.js';
import {createDOMException} from '../internal/dom_exception.js';
import {reportException} from '../internal/report.js';
import {
  beginDispatch, endDispatch, enterPhase, eventType, isBeingDispatched, isCanceled, isEvent,
  setInPassiveListener, stoppedImmediately, stoppedPropagation,
} from './event.js';

// abort_signal.js builds on this module and fills these in when it loads.
let isAbortSignal, isAborted, addAbortAlgorithm, removeAbortAlgorithm;

export function connectAbortSignal(functions) {
  ({isAbortSignal, isAborted, addAbortAlgorithm, removeAbortAlgorithm} = functions);
}

class Listener {
  type;
  callback;
  capture;
  once = false;
  passive = false;
  isHandler = false;  // belongs to an attribute such as onabort
  removed = false;
  signal = null;
  onAbort = null;

  constructor(type, callback, capture) {
    this.type = type;
    this.callback = callback;
    this.capture = capture;
  }
}

export let isEventTarget, dispatchTrusted, hasListeners, removeAllListeners, getHandler, setHandler,
    setListenerWatcher, setRepresentedObject;

// Calls listeners of one phase over a copy taken before the first: listeners added meanwhile wait
// for the next event.
function callListeners(snapshot, target, event, capture, listeners) {
  for (let i = 0; i < snapshot.length; i++) {
    const listener = snapshot[i];
    if (listener.removed || listener.capture !== capture) continue;
    if (listener.once) listeners.remove(listener);
    if (listener.passive) setInPassiveListener(event, true);
    try {
      const {callback} = listener;
      if (typeof callback === 'function') {
        const result = ReflectApply(callback, target, [event]);
        if (listener.isHandler && result === false) event.preventDefault();
      } else if (!listener.isHandler) {
        const handle = callback.handleEvent;
        if (typeof handle !== 'function') {
          throw new TypeError('The listener has no handleEvent method.');
        }
        ReflectApply(handle, callback, [event]);
      }
    } catch (error) {
      reportException(error);
    }
    if (listener.passive) setInPassiveListener(event, false);
    if (stoppedImmediately(event)) return;
  }
}

// The listeners of one target, in the order they were added.
class ListenerList {
  #items = [];

  find(type, callback, capture) {
    for (let i = 0; i < this.#items.length; i++) {
      const item = this.#items[i];
      if (item.type === type && item.callback === callback && item.capture === capture &&
          !item.isHandler) {
        return item;
      }
    }
    return undefined;
  }

  findHandler(type) {
    for (let i = 0; i < this.#items.length; i++) {
      if (this.#items[i].isHandler && this.#items[i].type === type) return this.#items[i];
    }
    return undefined;
  }

  add(listener) {
    ArrayPrototypePush(this.#items, listener);
  }

  remove(listener) {
    for (let i = 0; i < this.#items.length; i++) {
      if (this.#items[i] !== listener) continue;
      listener.removed = true;
      if (listener.signal !== null) removeAbortAlgorithm(listener.signal, listener.onAbort);
      ArrayPrototypeSplice(this.#items, i, 1);
      return;
    }
  }

  ofType(type) {
    const found = [];
    for (let i = 0; i < this.#items.length; i++) {
      if (this.#items[i].type === type) ArrayPrototypePush(found, this.#items[i]);
    }
    return found;
  }

  has(type) {
    for (let i = 0; i < this.#items.length; i++) {
      if (this.#items[i].type === type) return true;
    }
    return false;
  }

  clear() {
    for (let i = this.#items.length - 1; i >= 0; i--) this.remove(this.#items[i]);
  }
}

let dispatch, thisTarget;

export class EventTarget {
  #listeners = null;  // most targets never have any
  #watcher = null;
  #represented = null;  // what scripts see as the target, if not this object: the global scope

  addEventListener(type, callback, options = undefined) {
    const self = thisTarget(this);
    requireArguments(arguments.length, 2, 'EventTarget.addEventListener');
    type = toDOMString(type);
    let capture = false, once = false, passive = false, signal = null;
    if (isObject(options)) {
      capture = !!options.capture;
      once = !!options.once;
      passive = !!options.passive;
      if (options.signal !== undefined) {
        signal = options.signal;
        if (!isAbortSignal(signal)) throw new TypeError('The signal option is not an AbortSignal.');
      }
    } else {
      capture = !!options;
    }
    if (callback === null || callback === undefined) return;
    if (!isObject(callback)) {
      throw new TypeError('The event listener is neither a function nor an object.');
    }
    if (signal !== null && isAborted(signal)) return;

    const listeners = (self.#listeners ??= new ListenerList());
    if (listeners.find(type, callback, capture) !== undefined) return;
    const listener = new Listener(type, callback, capture);
    listener.once = once;
    listener.passive = passive;
    if (signal !== null) {
      listener.signal = signal;
      listener.onAbort = () => listeners.remove(listener);
      addAbortAlgorithm(signal, listener.onAbort);
    }
    listeners.add(listener);
    if (self.#watcher !== null) self.#watcher(self, type);
  }

  removeEventListener(type, callback, options = undefined) {
    const self = thisTarget(this);
    requireArguments(arguments.length, 2, 'EventTarget.removeEventListener');
    type = toDOMString(type);
    const capture = isObject(options) ? !!options.capture : !!options;
    if (self.#listeners === null) return;
    const listener = self.#listeners.find(type, callback, capture);
    if (listener !== undefined) self.#listeners.remove(listener);
  }

  dispatchEvent(event) {
    const self = thisTarget(this);
    requireArguments(arguments.length, 1, 'EventTarget.dispatchEvent');
    if (!isEvent(event)) {
      throw new TypeError('EventTarget.dispatchEvent: the argument is not an Event.');
    }
    if (isBeingDispatched(event)) {
      throw createDOMException('The event is already being dispatched.', 'InvalidStateError');
    }
    return dispatch(self, event, false);
  }

  static {
    isEventTarget = (value) => typeof value === 'object' && value !== null && #listeners in value;

    // Fires an event that the platform made. Returns false if a listener called preventDefault().
    dispatchTrusted = (target, event) => dispatch(target, event, true);

    hasListeners = (target, type) => target.#listeners !== null && target.#listeners.has(type);

    removeAllListeners = (target) => {
      if (target.#listeners !== null) target.#listeners.clear();
    };

    getHandler = (target, type) => target.#listeners?.findHandler(type)?.callback ?? null;

    // A handler keeps its place among the listeners while its value changes; null takes it away.
    setHandler = (target, type, value) => {
      const existing = target.#listeners?.findHandler(type);
      if (!isObject(value)) {
        if (existing !== undefined) target.#listeners.remove(existing);
        return;
      }
      if (existing !== undefined) {
        existing.callback = value;
        return;
      }
      const listener = new Listener(type, value, false);
      listener.isHandler = true;
      (target.#listeners ??= new ListenerList()).add(listener);
      if (target.#watcher !== null) target.#watcher(target, type);
    };

    // watcher(target, type) is called after each added listener.
    setListenerWatcher = (target, watcher) => { target.#watcher = watcher; };

    setRepresentedObject = (target, object) => { target.#represented = object; };
  }

  static {
    dispatch = (target, event, trusted) => {
      const shown = target.#represented ?? target;
      beginDispatch(event, shown, trusted);
      const listeners = target.#listeners;
      if (listeners !== null) {
        const snapshot = listeners.ofType(eventType(event));
        if (snapshot.length !== 0 && !stoppedPropagation(event)) {
          enterPhase(event, shown, 2);
          callListeners(snapshot, shown, event, true, listeners);
          if (!stoppedPropagation(event)) callListeners(snapshot, shown, event, false, listeners);
        }
      }
      endDispatch(event);
      return !isCanceled(event);
    };

    // Operations taken off the global object, or called on it, mean the global scope.
    thisTarget = (value) => {
      if (value === undefined || value === null || value === globalThis) return globalTarget;
      if (!isEventTarget(value)) illegalInvocation();
      return value;
    };
  }
}
defineInterface(EventTarget, 'EventTarget');

// What addEventListener() called as a global function, or on globalThis, works on. The global
// object itself has no slots.
export const globalTarget = new EventTarget();

// Adds the attribute on<type> to an interface whose instances are EventTargets (or to the global
// scope).
export function defineEventHandler(prototype, type) {
  const resolve = thisTarget;
  const accessors = {
    get [`on${type}`]() { return getHandler(resolve(this), type); },
    set [`on${type}`](value) { setHandler(resolve(this), type, value); },
  };
  const {get, set} = ObjectGetOwnPropertyDescriptor(accessors, `on${type}`);
  ObjectDefineProperty(prototype, `on${type}`, {
    __proto__: null, get, set, enumerable: true, configurable: true,
  });
}
