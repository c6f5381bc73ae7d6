// Service-worker format: https://w3c.github.io/ServiceWorker/#fetchevent-interface
import {PromiseResolve, TypeError} from '../internal/primordials.js';
import {
  defineInterface, illegalConstructor, illegalInvocation, requireArguments, toDictionary,
} from '../internal/webidl.js';
import {createDOMException} from '../internal/dom_exception.js';
import {Event} from '../events/event.js';
import {isRequest} from '../fetch/request.js';
import {waitUntil} from './execution_context.js';

export class ExtendableEvent extends Event {
  #branded = true;

  // waitUntil() would have nothing to act on in an event of a script's own.
  constructor(type, init) {
    if (new.target === ExtendableEvent) illegalConstructor();
    super(type, init);
  }

  waitUntil(promise) {
    if (!(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'ExtendableEvent.waitUntil');
    waitUntil(promise);
  }
}
defineInterface(ExtendableEvent, 'ExtendableEvent');

export let answerOf;

export class FetchEvent extends ExtendableEvent {
  #request;
  #answer = undefined;

  constructor(type, init) {
    requireArguments(arguments.length, 2, 'FetchEvent');
    super(type, init);
    const {request} = toDictionary(init, 'FetchEventInit');
    if (!isRequest(request)) throw new TypeError('FetchEvent: request is not a Request.');
    this.#request = request;
  }

  get request() { return this.#request; }

  respondWith(response) {
    if (!(#request in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'FetchEvent.respondWith');
    if (this.#answer !== undefined) {
      throw createDOMException(
          'FetchEvent.respondWith() has already been called; it can only be called once.',
          'InvalidStateError');
    }
    this.#answer = PromiseResolve(response);
    this.stopImmediatePropagation();
  }

  passThroughOnException() {
    if (!(#request in this)) illegalInvocation();
    natives.passThroughOnException();
  }

  static {
    answerOf = (event) => event.#answer;  // a promise, or undefined if no listener has answered
  }
}
defineInterface(FetchEvent, 'FetchEvent');

export function createFetchEvent(request) { return new FetchEvent('fetch', {request, cancelable: true}); }
