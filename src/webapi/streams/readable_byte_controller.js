// https://streams.spec.whatwg.org/#rbs-controller-class
import { ArrayBufferPrototypeGetByteLength, TypeError } from '../internal/primordials.js';
import {
  defineInterface, illegalConstructor, illegalInvocation, isObject, kInternal, requireArguments,
} from '../internal/webidl.js';
import { kReadable } from './readable_state.js';
import { bufferOf, byteLengthOf, requireView } from './views.js';

export class ReadableByteStreamController {
  #controller;

  // Only built-ins can: (kInternal, ByteController).
  constructor() {
    if (arguments[0] !== kInternal) illegalConstructor();
    this.#controller = arguments[1];
  }

  static #of(value) {
    if (!isObject(value) || !(#controller in value)) illegalInvocation();
    return value.#controller;
  }

  get byobRequest() {
    return ReadableByteStreamController.#of(this).getByobRequest();
  }

  get desiredSize() {
    return ReadableByteStreamController.#of(this).desiredSize;
  }

  close() {
    const controller = ReadableByteStreamController.#of(this);
    if (controller.closeRequested || controller.stream.status !== kReadable) {
      throw new TypeError('The stream is closed or errored and cannot be closed.');
    }
    controller.close();
  }

  enqueue(chunk) {
    const controller = ReadableByteStreamController.#of(this);
    requireArguments(arguments.length, 1, 'ReadableByteStreamController.enqueue');
    requireView(chunk);
    if (byteLengthOf(chunk) === 0 || ArrayBufferPrototypeGetByteLength(bufferOf(chunk)) === 0) {
      throw new TypeError('Cannot enqueue a zero-length ArrayBuffer.');
    }
    if (controller.closeRequested || controller.stream.status !== kReadable) {
      throw new TypeError('The stream is closed or errored and takes no more chunks.');
    }
    controller.enqueue(chunk);
  }

  error(reason = undefined) {
    ReadableByteStreamController.#of(this).error(reason);
  }
}
defineInterface(ReadableByteStreamController, 'ReadableByteStreamController');
