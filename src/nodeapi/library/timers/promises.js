'use strict';
const {Promise, PromiseReject} = primordials;
const {AbortError, codes: {ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_THIS}} = require('internal/errors');
const {validateAbortSignal, validateBoolean, validateNumber, validateObject} = require('internal/validators');
const timers = require('timers');

function check(options, delay) {
  if (delay !== undefined) validateNumber(delay, 'delay');
  validateObject(options, 'options');
  if (options.signal !== undefined) validateAbortSignal(options.signal, 'options.signal');
  if (options.ref !== undefined) validateBoolean(options.ref, 'options.ref');
}

// `begin(done)` starts the timer; `end` stops it.
function once(options, delay, begin, end) {
  try { check(options, delay); } catch (error) { return PromiseReject(error); }
  const {signal} = options;
  if (signal?.aborted) return PromiseReject(new AbortError(undefined, {cause: signal.reason}));
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      end(timer);
      reject(new AbortError(undefined, {cause: signal.reason}));
    };
    const timer = begin((value) => {
      signal?.removeEventListener('abort', onAbort);
      resolve(value);
    });
    signal?.addEventListener('abort', onAbort, {once: true});
  });
}

function setTimeout(delay, value, options = {}) {
  return once(options, delay, (done) => timers.setTimeout(() => done(value), delay), timers.clearTimeout);
}

function setImmediate(value, options = {}) {
  return once(options, undefined, (done) => timers.setImmediate(() => done(value)), timers.clearImmediate);
}

async function* setInterval(delay, value, options = {}) {
  check(options, delay);
  const {signal} = options;
  const abortError = () => new AbortError(undefined, {cause: signal.reason});
  if (signal?.aborted) throw abortError();
  let missed = 0;
  let wake;
  const timer = timers.setInterval(() => {
    missed++;
    wake?.();
  }, delay);
  const onAbort = () => {
    timers.clearInterval(timer);
    wake?.();
  };
  signal?.addEventListener('abort', onAbort, {once: true});
  try {
    while (!signal?.aborted) {
      if (missed === 0) await new Promise((resolve) => { wake = resolve; });
      wake = undefined;
      for (; missed > 0; missed--) yield value;
    }
    throw abortError();
  } finally {
    timers.clearInterval(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

class Scheduler {
  #branded = true;
  constructor(key) { if (key !== Scheduler) throw new ERR_ILLEGAL_CONSTRUCTOR(); }
  yield() {
    if (!(#branded in this)) throw new ERR_INVALID_THIS('Scheduler');
    return setImmediate();
  }
  wait(delay, options) {
    if (!(#branded in this)) throw new ERR_INVALID_THIS('Scheduler');
    return setTimeout(delay, undefined, options);
  }
}

module.exports = {setTimeout, setImmediate, setInterval, scheduler: new Scheduler(Scheduler)};
