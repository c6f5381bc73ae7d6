// https://html.spec.whatwg.org/#message-channels within one isolate. Ports cannot be transferred, and
// as in Node, a listener for messages starts a port.
import {
  ArrayPrototypePush, Error, PromisePrototypeThen, PromiseResolve, SymbolIterator,
} from '../internal/primordials.js';
import {
  defineInterface, illegalConstructor, illegalInvocation, isObject, kInternal, requireArguments,
  toDictionary, toSequence,
} from '../internal/webidl.js';
import {Event} from '../events/event.js';
import {createMessageEvent} from '../events/event_classes.js';
import {
  defineEventHandler, dispatchTrusted, EventTarget, hasListeners, setListenerWatcher,
} from '../events/event_target.js';
import {deserialize, serialize} from '../structured_clone/structured_clone.js';

const kPending = 0;  // messages wait for a listener
const kStarted = 1;
const kClosed = 2;

const same = (value) => value;

function refuseTransfer(options) {
  let transfer = options;
  if (isObject(options) && options[SymbolIterator] === undefined) {
    ({transfer} = toDictionary(options, 'MessagePort.postMessage: options'));
  }
  if (transfer === undefined || transfer === null) return;
  const list = toSequence(transfer, same, 'MessagePort.postMessage: transfer');
  if (list.length !== 0) throw new Error('Transfer list is not supported');
}

let entangle;

export class MessagePort extends EventTarget {
  #other = null;
  #state = kPending;
  #waiting = [];

  constructor(key) {
    if (key !== kInternal) illegalConstructor();
    super();
    setListenerWatcher(this, (port, type) => {
      if (type === 'message') this.#start();
    });
  }

  // What is sent is copied now; it arrives in a microtask.
  postMessage(message, options = undefined) {
    if (!(#state in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'MessagePort.postMessage');
    refuseTransfer(options);
    const bytes = serialize(message);
    this.#other?.#receive(deserialize(bytes));
  }

  #receive(data) {
    if (this.#state === kClosed) return;
    if (this.#state === kStarted && !hasListeners(this, 'message')) this.#state = kPending;
    ArrayPrototypePush(this.#waiting, data);
    if (this.#state === kStarted) this.#deliverSoon();
  }

  #deliverSoon() {
    const messages = this.#waiting;
    if (messages.length === 0) return;
    this.#waiting = [];
    PromisePrototypeThen(PromiseResolve(undefined), () => {
      for (let i = 0; i < messages.length; i++) {
        dispatchTrusted(this, createMessageEvent('message', {data: messages[i], source: this}));
      }
    });
  }

  start() {
    if (!(#state in this)) illegalInvocation();
    this.#start();
  }

  #start() {
    if (this.#state !== kPending) return;
    this.#state = kStarted;
    this.#deliverSoon();
  }

  // Closes both ports.
  close() {
    if (!(#state in this)) illegalInvocation();
    this.#other?.#close();
    this.#close();
  }

  #close() {
    if (this.#state === kClosed) return;
    this.#state = kClosed;
    this.#waiting = [];
    this.#other = null;
    dispatchTrusted(this, new Event('close'));
  }

  static {
    entangle = (first, second) => {
      first.#other = second;
      second.#other = first;
    };
  }
}
defineInterface(MessagePort, 'MessagePort');
defineEventHandler(MessagePort.prototype, 'message');
defineEventHandler(MessagePort.prototype, 'messageerror');
defineEventHandler(MessagePort.prototype, 'close');

export class MessageChannel {
  #port1 = new MessagePort(kInternal);
  #port2 = new MessagePort(kInternal);

  constructor() { entangle(this.#port1, this.#port2); }

  get port1() { return this.#port1; }
  get port2() { return this.#port2; }
}
defineInterface(MessageChannel, 'MessageChannel');
