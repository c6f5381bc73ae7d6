// The events that carry data: CustomEvent, ErrorEvent, MessageEvent, PromiseRejectionEvent,
// CloseEvent. Others make them with the functions below, which load this part when they are called.
import {ObjectFreeze, TypeError} from '../internal/primordials.js';
import {
  defineInterface, illegalInvocation, isObject, requireArguments, toDictionary, toDOMString,
  toSequence, toUnsignedLong, toUnsignedShort, toUSVString,
} from '../internal/webidl.js';
import {Event, isBeingDispatched} from './event.js';

export class CustomEvent extends Event {
  #detail = null;

  constructor(type, options = undefined) {
    requireArguments(arguments.length, 1, 'CustomEvent');
    super(type, options);
    const {detail} = toDictionary(options, 'CustomEventInit');
    if (detail !== undefined) this.#detail = detail;
  }

  get detail() { return this.#detail; }

  initCustomEvent(type, bubbles = false, cancelable = false, detail = null) {
    if (!(#detail in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'CustomEvent.initCustomEvent');
    if (isBeingDispatched(this)) return;
    this.initEvent(type, bubbles, cancelable);
    this.#detail = detail;
  }
}
defineInterface(CustomEvent, 'CustomEvent');

export class ErrorEvent extends Event {
  #message;
  #filename;
  #lineno;
  #colno;
  #error;

  constructor(type, options = undefined) {
    requireArguments(arguments.length, 1, 'ErrorEvent');
    super(type, options);
    const init = toDictionary(options, 'ErrorEventInit');
    const {colno = 0, error, filename = '', lineno = 0, message = ''} = init;
    this.#message = toDOMString(message);
    this.#filename = toUSVString(filename);
    this.#lineno = toUnsignedLong(lineno);
    this.#colno = toUnsignedLong(colno);
    this.#error = error;
  }

  get message() { return this.#message; }
  get filename() { return this.#filename; }
  get lineno() { return this.#lineno; }
  get colno() { return this.#colno; }
  get error() { return this.#error; }
}
defineInterface(ErrorEvent, 'ErrorEvent');

export class MessageEvent extends Event {
  #data;
  #origin;
  #lastEventId;
  #source;
  #ports = undefined;

  constructor(type, options = undefined) {
    requireArguments(arguments.length, 1, 'MessageEvent');
    super(type, options);
    const init = toDictionary(options, 'MessageEventInit');
    const {data = null, lastEventId = '', origin = '', ports, source = null} = init;
    this.#data = data;
    this.#origin = toUSVString(origin);
    this.#lastEventId = toDOMString(lastEventId);
    this.#source = source;
    if (ports !== undefined) {
      this.#ports = ObjectFreeze(toSequence(ports, (port) => {
        if (!isObject(port)) {
          throw new TypeError('MessageEvent: an element of ports is not a MessagePort.');
        }
        return port;
      }, 'MessageEvent: ports'));
    }
  }

  get data() { return this.#data; }
  get origin() { return this.#origin; }
  get lastEventId() { return this.#lastEventId; }
  get source() { return this.#source; }
  get ports() { return (this.#ports ??= ObjectFreeze([])); }
}
defineInterface(MessageEvent, 'MessageEvent');

export class PromiseRejectionEvent extends Event {
  #promise;
  #reason;

  constructor(type, options) {
    requireArguments(arguments.length, 2, 'PromiseRejectionEvent');
    super(type, options);
    const {promise, reason} = toDictionary(options, 'PromiseRejectionEventInit');
    if (promise === undefined) throw new TypeError('PromiseRejectionEvent: promise is required.');
    this.#promise = promise;
    this.#reason = reason;
  }

  get promise() { return this.#promise; }
  get reason() { return this.#reason; }
}
defineInterface(PromiseRejectionEvent, 'PromiseRejectionEvent');

export class CloseEvent extends Event {
  #wasClean;
  #code;
  #reason;

  constructor(type, options = undefined) {
    requireArguments(arguments.length, 1, 'CloseEvent');
    super(type, options);
    const {code = 0, reason = '', wasClean = false} = toDictionary(options, 'CloseEventInit');
    this.#wasClean = !!wasClean;
    this.#code = toUnsignedShort(code);
    this.#reason = toUSVString(reason);
  }

  get wasClean() { return this.#wasClean; }
  get code() { return this.#code; }
  get reason() { return this.#reason; }
}
defineInterface(CloseEvent, 'CloseEvent');

export function createErrorEvent(type, init) { return new ErrorEvent(type, init); }
export function createMessageEvent(type, init) { return new MessageEvent(type, init); }
export function createPromiseRejectionEvent(type, init) { return new PromiseRejectionEvent(type, init); }
export function createCloseEvent(type, init) { return new CloseEvent(type, init); }
