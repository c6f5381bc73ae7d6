// https://streams.spec.whatwg.org/#rs-byob-request-class
import { TypeError } from '../internal/primordials.js';
import {
  defineInterface, illegalConstructor, illegalInvocation, isObject, kInternal, requireArguments,
  toUnsignedLongLong,
} from '../internal/webidl.js';
import { bufferOf, isDetached, requireView } from './views.js';

// invalidateRequest ends a request's power over its controller; viewOfRequest is for those who must
// not call the getter, which tenants can replace.
export let invalidateRequest, viewOfRequest;

export class ReadableStreamBYOBRequest {
  #controller;
  #view;

  // Only built-ins can: (kInternal, ByteController, Uint8Array).
  constructor() {
    if (arguments[0] !== kInternal) illegalConstructor();
    this.#controller = arguments[1];
    this.#view = arguments[2];
  }

  static #of(value) {
    if (!isObject(value) || !(#controller in value)) illegalInvocation();
    return value;
  }

  get view() {
    return ReadableStreamBYOBRequest.#of(this).#view;
  }

  respond(bytesWritten) {
    const request = ReadableStreamBYOBRequest.#of(this);
    requireArguments(arguments.length, 1, 'ReadableStreamBYOBRequest.respond');
    const count = toUnsignedLongLong(bytesWritten, 1);
    const controller = request.#liveController();
    if (isDetached(bufferOf(request.#view))) {
      throw new TypeError('The buffer of the BYOB request has been detached.');
    }
    controller.respond(count);
  }

  respondWithNewView(view) {
    const request = ReadableStreamBYOBRequest.#of(this);
    requireArguments(arguments.length, 1, 'ReadableStreamBYOBRequest.respondWithNewView');
    requireView(view);
    const controller = request.#liveController();
    if (isDetached(bufferOf(view))) {
      throw new TypeError('The buffer of the new view has been detached.');
    }
    controller.respondWithNewView(view);
  }

  // Not in the standard: what the reader asked for at least, in bytes, beside what is filled
  // already.
  get atLeast() {
    const request = ReadableStreamBYOBRequest.#of(this);
    return request.#controller === undefined ? null : request.#controller.missingBytes;
  }

  #liveController() {
    if (this.#controller === undefined) {
      throw new TypeError('This ReadableStreamBYOBRequest has been invalidated.');
    }
    return this.#controller;
  }

  static {
    viewOfRequest = (request) => request.#view;
    invalidateRequest = (request) => {
      request.#controller = undefined;
      request.#view = null;
    };
  }
}
defineInterface(ReadableStreamBYOBRequest, 'ReadableStreamBYOBRequest');
