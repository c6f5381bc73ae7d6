// https://dom.spec.whatwg.org/#aborting-ongoing-activities
import {
  ArrayPrototypePush, ArrayPrototypeSplice, Set, SetPrototypeAdd, SetPrototypeDelete, TypeError,
  WeakRef, WeakRefPrototypeDeref,
} from '../internal/primordials.js';
import {
  defineInterface, illegalConstructor, illegalInvocation, kInternal, requireArguments, toSequence,
  toUnsignedLongLong,
} from '../internal/webidl.js';
import {createDOMException} from '../internal/dom_exception.js';
import {reportException} from '../internal/report.js';
import {
  connectAbortSignal, defineEventHandler, dispatchTrusted, EventTarget, hasListeners,
  setListenerWatcher,
} from './event_target.js';
import {Event} from './event.js';
import {startInternalTimer} from '../timers/timers.js';

// For other built-ins. An algorithm is a function called with the reason, before any listener; it
// runs at most once. Adding one to an aborted signal does nothing: look at isAborted() first.
export let isAbortSignal, isAborted, abortReason, addAbortAlgorithm, removeAbortAlgorithm,
    createAbortSignal, signalAbort, anySignal;

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason = undefined;
  #algorithms = null;
  // AbortSignal.any(): a dependent knows its sources, and each source its dependents, both weakly,
  // so that a signal that lives as long as the isolate does not collect the signals of every
  // request. A dependent somebody waits on is held strongly.
  #sources = null;
  #dependents = null;
  #awaited = null;

  constructor(key = undefined) {
    if (key !== kInternal) illegalConstructor();
    super();
  }

  get aborted() {
    if (!(#aborted in this)) illegalInvocation();
    return this.#aborted;
  }

  get reason() {
    if (!(#aborted in this)) illegalInvocation();
    return this.#reason;
  }

  throwIfAborted() {
    if (!(#aborted in this)) illegalInvocation();
    if (this.#aborted) throw this.#reason;
  }

  static abort(reason = undefined) {
    const signal = new AbortSignal(kInternal);
    signal.#aborted = true;
    signal.#reason = reason === undefined ? abortError() : reason;
    return signal;
  }

  static timeout(milliseconds) {
    requireArguments(arguments.length, 1, 'AbortSignal.timeout');
    const delay = toUnsignedLongLong(milliseconds, 1);
    natives.requireInvocation();
    const signal = new AbortSignal(kInternal);
    startInternalTimer(() => {
      const message = 'The operation was aborted due to timeout';
      signalAbort(signal, createDOMException(message, 'TimeoutError'));
    }, delay);
    return signal;
  }

  static any(signals) {
    requireArguments(arguments.length, 1, 'AbortSignal.any');
    return anySignal(toSequence(signals, (value) => {
      if (!isAbortSignal(value)) {
        throw new TypeError('AbortSignal.any: an element is not an AbortSignal.');
      }
      return value;
    }, 'AbortSignal.any: the argument'));
  }

  static {
    isAbortSignal = (value) => typeof value === 'object' && value !== null && #aborted in value;
    isAborted = (signal) => signal.#aborted;
    abortReason = (signal) => signal.#reason;
    createAbortSignal = () => new AbortSignal(kInternal);

    addAbortAlgorithm = (signal, algorithm) => {
      if (signal.#aborted) return;
      ArrayPrototypePush(signal.#algorithms ??= [], algorithm);
      if (signal.#sources !== null) keepForSources(signal);
    };

    removeAbortAlgorithm = (signal, algorithm) => {
      const list = signal.#algorithms;
      if (list === null) return;
      for (let i = 0; i < list.length; i++) {
        if (list[i] === algorithm) {
          ArrayPrototypeSplice(list, i, 1);
          if (list.length === 0 && signal.#sources !== null && !hasListeners(signal, 'abort')) {
            releaseFromSources(signal);
          }
          return;
        }
      }
    };

    signalAbort = (signal, reason) => {
      if (signal.#aborted) return;
      signal.#aborted = true;
      signal.#reason = reason;
      const dependents = [];
      if (signal.#dependents !== null) {
        for (let i = 0; i < signal.#dependents.length; i++) {
          const dependent = WeakRefPrototypeDeref(signal.#dependents[i]);
          if (dependent === undefined || dependent.#aborted) continue;
          dependent.#aborted = true;  // all of them, before any listener can look
          dependent.#reason = signal.#reason;
          ArrayPrototypePush(dependents, dependent);
        }
        signal.#dependents = null;
      }
      runAbortSteps(signal);
      for (let i = 0; i < dependents.length; i++) {
        releaseFromSources(dependents[i]);
        dependents[i].#sources = null;
        runAbortSteps(dependents[i]);
      }
    };

    const runAbortSteps = (signal) => {
      const algorithms = signal.#algorithms;
      signal.#algorithms = null;
      if (algorithms !== null) {
        for (let i = 0; i < algorithms.length; i++) {
          try {
            algorithms[i](signal.#reason);
          } catch (error) {
            reportException(error);
          }
        }
      }
      if (hasListeners(signal, 'abort')) dispatchTrusted(signal, new Event('abort'));
    };

    anySignal = (signals) => {
      const result = new AbortSignal(kInternal);
      for (let i = 0; i < signals.length; i++) {
        if (signals[i].#aborted) {
          result.#aborted = true;
          result.#reason = signals[i].#reason;
          return result;
        }
      }
      result.#sources = [];
      for (let i = 0; i < signals.length; i++) {
        const sources = signals[i].#sources;
        if (sources === null) {
          follow(result, signals[i]);
          continue;
        }
        for (let j = 0; j < sources.length; j++) {
          const source = WeakRefPrototypeDeref(sources[j]);
          if (source !== undefined) follow(result, source);
        }
      }
      setListenerWatcher(result, (target, type) => {
        if (type === 'abort' && target.#sources !== null) keepForSources(target);
      });
      return result;
    };

    const follow = (dependent, source) => {
      for (let i = 0; i < dependent.#sources.length; i++) {
        if (WeakRefPrototypeDeref(dependent.#sources[i]) === source) return;
      }
      ArrayPrototypePush(dependent.#sources, new WeakRef(source));
      const list = (source.#dependents ??= []);
      for (let i = list.length - 1; i >= 0; i--) {
        if (WeakRefPrototypeDeref(list[i]) === undefined) ArrayPrototypeSplice(list, i, 1);
      }
      ArrayPrototypePush(list, new WeakRef(dependent));
    };

    const keepForSources = (signal) => {
      for (let i = 0; i < signal.#sources.length; i++) {
        const source = WeakRefPrototypeDeref(signal.#sources[i]);
        if (source !== undefined) SetPrototypeAdd(source.#awaited ??= new Set(), signal);
      }
    };

    const releaseFromSources = (signal) => {
      for (let i = 0; i < signal.#sources.length; i++) {
        const source = WeakRefPrototypeDeref(signal.#sources[i]);
        if (source !== undefined && source.#awaited !== null) {
          SetPrototypeDelete(source.#awaited, signal);
        }
      }
    };
  }
}
connectAbortSignal({isAbortSignal, isAborted, addAbortAlgorithm, removeAbortAlgorithm});
defineEventHandler(AbortSignal.prototype, 'abort');
defineInterface(AbortSignal, 'AbortSignal');

function abortError() {
  return createDOMException('The operation was aborted', 'AbortError');
}

export class AbortController {
  #signal = createAbortSignal();

  get signal() { return this.#signal; }

  abort(reason = undefined) {
    if (!(#signal in this)) illegalInvocation();
    signalAbort(this.#signal, reason === undefined ? abortError() : reason);
  }
}
defineInterface(AbortController, 'AbortController');

export function createAbortController() {
  return new AbortController();
}
