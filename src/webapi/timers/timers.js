// https://html.spec.whatwg.org/#timers and https://wicg.github.io/scheduling-apis. C++ keeps the
// clock and knows which invocation started a timer; here is only what to call. natives.startTimer
// throws where no invocation runs.
import {
  ArrayPrototypeSlice, Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet, MathTrunc,
  Promise, ReflectApply, TypeError,
} from '../internal/primordials.js';
import {
  defineInterface, illegalConstructor, illegalInvocation, kInternal, requireArguments, toCallback,
  toDictionary,
} from '../internal/webidl.js';
import {reportException} from '../internal/report.js';
import {
  abortReason, addAbortAlgorithm, isAborted, isAbortSignal, removeAbortAlgorithm,
} from '../events/abort_signal.js';

class Timer {
  callback;
  args;  // undefined when there are none, which is nearly always
  repeat;
  context;  // of AsyncLocalStorage

  constructor(callback, args, repeat, context) {
    this.callback = callback;
    this.args = args;
    this.repeat = repeat;
    this.context = context;
  }
}

// Whether anything has put a value into an async context, which few scripts do.
let contextsInUse = false;

export function useAsyncContexts() { contextsInUse = true; }

// Running timers of the isolate. An entry leaves when it fires, is cleared, or C++ calls
// forgetTimer() at the end of its invocation.
const timers = new Map();
let lastId = 0;

function start(callback, delay, args, repeat) {
  const id = lastId + 1;
  delay = MathTrunc(+delay);
  natives.startTimer(id, delay > 0 ? delay : 0, repeat);  // may throw: nothing is kept then
  lastId = id;
  MapPrototypeSet(timers, id, new Timer(
      callback, args, repeat, contextsInUse ? natives.asyncContext() : undefined));
  return id;
}

function stop(id) {
  if (id === undefined || id === null) return;
  id = +id;
  if (MapPrototypeDelete(timers, id)) natives.cancelTimer(id);
}

function restOf(args) {
  return args.length > 2 ? ArrayPrototypeSlice(args, 2) : undefined;
}

export function setTimeout(callback, delay = 0) {
  requireArguments(arguments.length, 1, 'setTimeout');
  toCallback(callback, 'The first argument of setTimeout');
  return start(callback, delay, restOf(arguments), false);
}

export function setInterval(callback, delay = 0) {
  requireArguments(arguments.length, 1, 'setInterval');
  toCallback(callback, 'The first argument of setInterval');
  return start(callback, delay, restOf(arguments), true);
}

export function clearTimeout(id = undefined) {
  stop(id);
}

export function clearInterval(id = undefined) {
  stop(id);
}

// The promise's own reaction runs the callback, so that the microtask inherits the async context
// like any other.
async function runMicrotask(callback) {
  await undefined;
  try {
    callback();
  } catch (error) {
    reportException(error);
  }
}

export function queueMicrotask(callback) {
  if (typeof callback !== 'function') {
    throw new TypeError("Failed to execute 'queueMicrotask' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'function'.");
  }
  runMicrotask(callback);
}

// For other built-ins: callback() is called once after delay ms; the id is for stopInternalTimer().
export function startInternalTimer(callback, delay) {
  return start(callback, delay, undefined, false);
}

export const stopInternalTimer = stop;

// Called by C++ when a timer is due, within the invocation and async context that started it.
export function fireTimer(id) {
  const timer = MapPrototypeGet(timers, id);
  if (timer === undefined) return;
  if (!timer.repeat) MapPrototypeDelete(timers, id);
  if (timer.context !== undefined) natives.setAsyncContext(timer.context);
  try {
    const {callback} = timer;
    if (timer.args === undefined) callback();
    else ReflectApply(callback, undefined, timer.args);
  } catch (error) {
    reportException(error);
  }
}

// Called by C++ for each timer that is still running when its invocation ends.
export function forgetTimer(id) {
  MapPrototypeDelete(timers, id);
}

export class Scheduler {
  #branded = true;

  constructor(key = undefined) {
    if (key !== kInternal) illegalConstructor();
  }

  async wait(delay, options = undefined) {
    if (!(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'Scheduler.wait');
    const {signal} = toDictionary(options, 'SchedulerWaitOptions');
    if (signal === undefined || signal === null) {
      await new Promise((resolve) => { start(resolve, delay, undefined, false); });
      return;
    }
    if (!isAbortSignal(signal)) {
      throw new TypeError('Scheduler.wait: the signal option is not an AbortSignal.');
    }
    if (isAborted(signal)) throw abortReason(signal);
    await new Promise((resolve, reject) => {
      const id = start(() => {
        removeAbortAlgorithm(signal, onAbort);
        resolve();
      }, delay, undefined, false);
      const onAbort = (reason) => {
        stop(id);
        reject(reason);
      };
      addAbortAlgorithm(signal, onAbort);
    });
  }
}
defineInterface(Scheduler, 'Scheduler');

export const scheduler = new Scheduler(kInternal);
