// https://html.spec.whatwg.org/#the-eventsource-interface, with what Workers add: the option `fetcher`,
// and EventSource.from(stream).
import {
  Error, MathMax, MathMin, ObjectDefineProperty, PromisePrototypeThen, PromiseResolve,
  StringPrototypeIndexOf,
  StringPrototypeLastIndexOf, StringPrototypeSlice, SymbolDispose, TypeError,
} from '../internal/primordials.js';
import {
  defineConstants, defineInterface, illegalInvocation, kInternal, requireArguments, toDictionary,
  toUSVString,
} from '../internal/webidl.js';
import {createDOMException} from '../internal/dom_exception.js';
import {parseParameters} from '../internal/mime_type.js';
import {describeException} from '../internal/report.js';
import {createAbortSignal, signalAbort} from '../events/abort_signal.js';
import {Event} from '../events/event.js';
import {createErrorEvent, createMessageEvent} from '../events/event_classes.js';
import {
  defineEventHandler, dispatchTrusted, EventTarget, setHandler,
} from '../events/event_target.js';
import {bodyStreamOf, headerOf} from '../fetch/body.js';
import {sendRequest} from '../fetch/fetch.js';
import {parseAbsoluteUrl} from '../fetch/request.js';
import {isResponse, responseStatus, responseUrl} from '../fetch/response.js';
import {isDisturbed, isLocked, isReadableStream, startPump} from '../streams/internal.js';
import {startInternalTimer, stopInternalTimer} from '../timers/timers.js';
import {EventStream} from './event_stream.js';

const kConnecting = 0;
const kOpen = 1;
const kClosed = 2;

const kReconnectMs = 2000;
const kLeastReconnectMs = 1000;
const kMostReconnectMs = 10_000;

function originOf(href) {
  const start = StringPrototypeIndexOf(href, '//') + 2;
  const path = StringPrototypeIndexOf(href, '/', start);
  const authority = StringPrototypeSlice(href, start, path < 0 ? href.length : path);
  const at = StringPrototypeLastIndexOf(authority, '@');
  return StringPrototypeSlice(href, 0, start) + StringPrototypeSlice(authority, at + 1);
}

function notSupported(message) { return createDOMException(message, 'NotSupportedError'); }

function requireInvocation() {
  if (natives.inInvocation()) return;
  throw notSupported(
      'An EventSource can only be created within the context of a worker request.');
}

export class EventSource extends EventTarget {
  #state = kConnecting;
  #url = '';
  #fetcher;
  #signal = createAbortSignal();
  #stream = new EventStream();
  #pump;   // of the body that is read
  #timer;  // until the next attempt
  #hadNoBody = false;

  // Built-ins pass kInternal.
  constructor(url, init = undefined) {
    super();
    if (url === kInternal) return;
    requireArguments(arguments.length, 1, 'EventSource');
    const {fetcher, withCredentials} = toDictionary(init, 'EventSource: init');
    requireInvocation();
    if (withCredentials) {
      throw notSupported(
          'The init.withCredentials option is not supported. It must be false or undefined.');
    }
    const text = toUSVString(url);
    this.#url = parseAbsoluteUrl(text);
    if (this.#url === undefined) {
      throw createDOMException(
          `Cannot open an EventSource to '${text}'. The URL is invalid.`, 'SyntaxError');
    }
    this.#fetcher = fetcher;
    this.#connect();
  }

  // Reads events from a stream; there is no second attempt.
  static from(stream) {
    requireArguments(arguments.length, 1, 'EventSource.from');
    if (!isReadableStream(stream)) {
      throw new TypeError('EventSource.from: the argument is not a ReadableStream.');
    }
    requireInvocation();
    if (isLocked(stream)) throw new TypeError('This ReadableStream is locked.');
    if (isDisturbed(stream)) {
      throw new TypeError('This ReadableStream has already been read from.');
    }
    const source = new EventSource(kInternal);
    source.#read(stream, false);
    return source;
  }

  #connect() {
    const headers = {__proto__: null, accept: 'text/event-stream', 'cache-control': 'no-cache'};
    if (this.#stream.lastEventId !== '') headers['last-event-id'] = this.#stream.lastEventId;
    const init = {__proto__: null, headers, signal: this.#signal};
    let response;
    try {
      response = this.#fetcher === undefined || this.#fetcher === null ?
          sendRequest(0, this.#url, init) :
          this.#fetcher.fetch(this.#url, init);
    } catch (error) {
      response = (async () => { throw error; })();
    }
    PromisePrototypeThen(
        response, (answer) => this.#connected(answer), (error) => this.#fail(error, false));
  }

  #connected(response) {
    if (this.#state === kClosed) return;
    const problem = this.#problemOf(response);
    if (problem !== undefined) {
      this.#fail(createDOMException(problem, 'AbortError'), false);
      return;
    }
    const url = responseUrl(response);
    if (url !== '') this.#url = url;
    const body = bodyStreamOf(response);
    if (body !== undefined) {
      this.#read(body, true);
    } else if (this.#hadNoBody) {
      this.#fail(new Error('The server provided no content.'), false);
    } else {
      this.#hadNoBody = true;
      this.#fail(new Error('The server provided no content. Will try reconnecting.'), true);
    }
  }

  #problemOf(response) {
    if (!isResponse(response)) return 'The fetcher gave no response.';
    const status = responseStatus(response);
    if (status < 200 || status > 299) return `The response status code was ${status}.`;
    const type = headerOf(response, 'content-type');
    if (type === undefined) return 'No content type header was present in the response.';
    if (parseParameters(type).essence !== 'text/event-stream') {
      return `The content type '${type}' is invalid.`;
    }
    return undefined;
  }

  #read(stream, reconnects) {
    this.#state = kOpen;
    dispatchTrusted(this, new Event('open'));
    // The script gets time to add its listeners.
    PromisePrototypeThen(PromiseResolve(undefined), () => {
      if (this.#state !== kClosed) this.#startPump(stream, reconnects);
    });
  }

  #startPump(stream, reconnects) {
    this.#pump = startPump(stream, {
      __proto__: null,
      write: (bytes) => this.#take(bytes),
      close: () => this.#fail(new Error('The server disconnected.'), reconnects),
      abort: (reason) => this.#fail(reason, false),
    });
    PromisePrototypeThen(this.#pump.promise, undefined, () => {});
  }

  #take(bytes) {
    const events = this.#stream.feed(bytes);
    for (let i = 0; i < events.length && this.#state !== kClosed; i++) {
      const {type, data, id} = events[i];
      const event =
          createMessageEvent(type, {data, lastEventId: id, origin: originOf(this.#url)});
      // A handler may be a property for any type of event.
      const handler = this[`on${type}`];
      if (typeof handler === 'function') setHandler(this, type, handler);
      dispatchTrusted(this, event);
    }
  }

  #fail(error, reconnects) {
    if (this.#state === kClosed) return;
    this.#pump = undefined;
    this.#state = reconnects ? kConnecting : kClosed;
    const {message} = describeException(error);
    dispatchTrusted(this, createErrorEvent('error', {message, error}));
    if (!reconnects || this.#state === kClosed) return;
    const wanted = this.#stream.reconnectionMs ?? kReconnectMs;
    this.#timer = startInternalTimer(
        () => this.#connect(), MathMax(kLeastReconnectMs, MathMin(wanted, kMostReconnectMs)));
  }

  close() {
    if (!(#state in this)) illegalInvocation();
    if (this.#state === kClosed) return;
    this.#state = kClosed;
    const reason = createDOMException('The EventSource was closed.', 'AbortError');
    if (this.#timer !== undefined) stopInternalTimer(this.#timer);
    this.#pump?.cancel(reason);
    this.#pump = undefined;
    signalAbort(this.#signal, reason);
  }

  get url() { return this.#url; }
  get withCredentials() {
    if (!(#state in this)) illegalInvocation();
    return false;
  }
  get readyState() { return this.#state; }
}
defineConstants(EventSource, ['CONNECTING', 'OPEN', 'CLOSED'], [kConnecting, kOpen, kClosed]);
defineInterface(EventSource, 'EventSource');
defineEventHandler(EventSource.prototype, 'open');
defineEventHandler(EventSource.prototype, 'message');
defineEventHandler(EventSource.prototype, 'error');
ObjectDefineProperty(EventSource.prototype, SymbolDispose, {
  __proto__: null, value: EventSource.prototype.close, writable: true, enumerable: false,
  configurable: true,
});
