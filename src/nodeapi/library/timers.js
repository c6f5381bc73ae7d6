'use strict';
// Timers as objects over the platform's numbered ones, which belong to a request and keep their async context.
const {MathTrunc, NumberIsFinite, ObjectDefineProperty, Promise, ReflectApply, SymbolDispose, SymbolToPrimitive, SafeMap} = primordials;
const {validateFunction} = require('internal/validators');
const {kEmptyObject, customPromisifyArgs, promisify} = require('internal/util');
const {webValue} = require('atoll/platform');

const start = {setTimeout: webValue('setTimeout'), setInterval: webValue('setInterval')};
const stop = webValue('clearTimeout');

const running = new SafeMap();  // number → Timeout, so that clearTimeout(+timeout) finds it

class Timeout {
  #id;
  #callback;
  #args;
  #delay;
  #repeats;
  #hasRef = true;

  constructor(callback, delay, args, repeats) {
    this.#callback = callback;
    this.#args = args;
    delay = MathTrunc(+delay);
    this.#delay = delay >= 1 ? delay : 1;  // Node has a limit, Workers have not
    this.#repeats = repeats;
    this.#begin();
  }

  #begin() {
    const id = start[this.#repeats ? 'setInterval' : 'setTimeout'](() => this.#fire(), this.#delay);
    this.#id = id;
    running.set(id, this);
  }

  #fire() {
    if (!this.#repeats) running.delete(this.#id);
    const callback = this.#callback;
    if (this.#args === undefined) ReflectApply(callback, this, []);
    else ReflectApply(callback, this, this.#args);
  }

  static stop(timeout) {
    running.delete(timeout.#id);
    stop(timeout.#id);
  }

  static isTimeout(value) { return typeof value === 'object' && value !== null && #id in value; }

  refresh() {
    stopTimeout(this);
    this.#begin();
    return this;
  }
  unref() {
    this.#hasRef = false;
    return this;
  }
  ref() {
    this.#hasRef = true;
    return this;
  }
  hasRef() { return this.#hasRef; }
  close() {
    stopTimeout(this);
    return this;
  }
  [SymbolDispose]() { stopTimeout(this); }
  [SymbolToPrimitive]() { return this.#id; }
}
const {isTimeout, stop: stopTimeout} = Timeout;
delete Timeout.isTimeout;
delete Timeout.stop;

class Immediate {
  #id;
  #hasRef = true;
  constructor(callback, args) {
    this.#id = start.setTimeout(() => ReflectApply(callback, this, args), 0);
  }
  static idOf(value) { return typeof value === 'object' && value !== null && #id in value ? value.#id : undefined; }
  unref() {
    this.#hasRef = false;
    return this;
  }
  ref() {
    this.#hasRef = true;
    return this;
  }
  hasRef() { return this.#hasRef; }
  [SymbolDispose]() { stop(this.#id); }
}
const {idOf} = Immediate;
delete Immediate.idOf;

function setTimeout(callback, after, ...args) {
  validateFunction(callback, 'callback');
  return new Timeout(callback, after, args.length === 0 ? undefined : args, false);
}

function setInterval(callback, repeat, ...args) {
  validateFunction(callback, 'callback');
  return new Timeout(callback, repeat, args.length === 0 ? undefined : args, true);
}

function setImmediate(callback, ...args) {
  validateFunction(callback, 'callback');
  return new Immediate(callback, args);
}

function clearTimeout(timer) {
  if (isTimeout(timer)) return stopTimeout(timer);
  if (typeof timer === 'number' || typeof timer === 'string') {
    running.delete(+timer);
    stop(+timer);
  }
}

function clearImmediate(immediate) {
  const id = idOf(immediate);
  if (id !== undefined) stop(id);
}

const promised = (name) => ({__proto__: null, enumerable: true, get: () => require('timers/promises')[name]});
ObjectDefineProperty(setTimeout, promisify.custom, promised('setTimeout'));
ObjectDefineProperty(setImmediate, promisify.custom, promised('setImmediate'));

module.exports = {
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval: clearTimeout,
  setImmediate,
  clearImmediate,
  active(timer) { timer?.refresh?.(); },
  _unrefActive(timer) { timer?.refresh?.(); },
  enroll() { throw new primordials.Error('Not implemented'); },
  unenroll() { throw new primordials.Error('Not implemented'); },
};
ObjectDefineProperty(module.exports, 'promises', {
  __proto__: null, configurable: true, enumerable: true, get: () => require('timers/promises'),
});
