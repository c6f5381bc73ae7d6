// https://dom.spec.whatwg.org/#interface-event
import {ArrayPrototypePush} from '../internal/primordials.js';
import {
  defineConstants, defineInterface, illegalInvocation, requireArguments, toDictionary, toDOMString,
} from '../internal/webidl.js';

// The event's state while it is dispatched, for event_target.js only.
export let isEvent, eventType, beginDispatch, enterPhase, endDispatch, setInPassiveListener,
    stoppedImmediately, stoppedPropagation, isBeingDispatched, isCanceled;

export class Event {
  #type;
  #bubbles;
  #cancelable;
  #composed;
  #target = null;
  #currentTarget = undefined;  // not null where there is none: what Workers and their types know
  #phase = 0;
  #dispatching = false;
  #stopped = false;
  #stoppedNow = false;
  #canceled = false;
  #inPassiveListener = false;
  #trusted = false;

  constructor(type, options = undefined) {
    requireArguments(arguments.length, 1, 'Event');
    this.#type = toDOMString(type);
    const init = toDictionary(options, 'EventInit');
    this.#bubbles = !!init.bubbles;
    this.#cancelable = !!init.cancelable;
    this.#composed = !!init.composed;
  }

  get type() { return this.#type; }
  get target() { return this.#target; }
  get srcElement() { return this.#target; }
  get currentTarget() { return this.#currentTarget; }
  get eventPhase() { return this.#phase; }
  get bubbles() { return this.#bubbles; }
  get cancelable() { return this.#cancelable; }
  get composed() { return this.#composed; }

  // Always zero, as on the reference runtime.
  get timeStamp() {
    if (!(#type in this)) illegalInvocation();
    return 0;
  }

  get isTrusted() { return this.#trusted; }
  get defaultPrevented() { return this.#canceled; }
  get returnValue() { return !this.#canceled; }
  set returnValue(value) {
    if (!value) this.preventDefault();
  }
  get cancelBubble() { return this.#stopped; }
  set cancelBubble(value) {
    if (!(#type in this)) illegalInvocation();
    if (value) this.#stopped = true;
  }

  composedPath() {
    if (!(#type in this)) illegalInvocation();
    const path = [];
    if (this.#currentTarget !== undefined) ArrayPrototypePush(path, this.#currentTarget);
    return path;
  }

  stopPropagation() {
    if (!(#type in this)) illegalInvocation();
    this.#stopped = true;
  }

  stopImmediatePropagation() {
    if (!(#type in this)) illegalInvocation();
    this.#stopped = true;
    this.#stoppedNow = true;
  }

  preventDefault() {
    if (!(#type in this)) illegalInvocation();
    if (this.#cancelable && !this.#inPassiveListener) this.#canceled = true;
  }

  initEvent(type, bubbles = false, cancelable = false) {
    if (!(#type in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'Event.initEvent');
    type = toDOMString(type);
    if (this.#dispatching) return;
    this.#type = type;
    this.#bubbles = !!bubbles;
    this.#cancelable = !!cancelable;
    this.#stopped = this.#stoppedNow = this.#canceled = false;
    this.#trusted = false;
    this.#target = null;
  }

  static {
    isEvent = (value) => typeof value === 'object' && value !== null && #type in value;
    eventType = (event) => event.#type;
    isBeingDispatched = (event) => event.#dispatching;
    isCanceled = (event) => event.#canceled;
    stoppedPropagation = (event) => event.#stopped;
    stoppedImmediately = (event) => event.#stoppedNow;
    // `trusted`: the platform itself fires the event, not a script's dispatchEvent().
    beginDispatch = (event, target, trusted) => {
      event.#dispatching = true;
      event.#target = target;
      event.#trusted = trusted;
    };
    enterPhase = (event, target, phase) => {
      event.#currentTarget = target;
      event.#phase = phase;
    };
    endDispatch = (event) => {
      event.#dispatching = event.#stopped = event.#stoppedNow = false;
      event.#currentTarget = undefined;
      event.#phase = 0;
    };
    setInPassiveListener = (event, inside) => { event.#inPassiveListener = inside; };
  }
}
defineConstants(Event, ['NONE', 'CAPTURING_PHASE', 'AT_TARGET', 'BUBBLING_PHASE'], [0, 1, 2, 3]);
defineInterface(Event, 'Event');
