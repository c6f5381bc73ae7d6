// https://streams.spec.whatwg.org/#rs-default-controller-class
import { ReflectApply, TypeError } from '../internal/primordials.js';
import {
  defineInterface, illegalConstructor, illegalInvocation, isObject, kInternal,
} from '../internal/webidl.js';
import { QueueEntry, QueueWithSizes, requireChunkSize } from './queue_with_sizes.js';
import { kClosed, kErrored, kReadable } from './readable_state.js';
import { PullingController } from './source.js';

// `sizeCallback` undefined counts each chunk as one.
export class DefaultController extends PullingController {
  constructor(stream, source, highWaterMark, sizeCallback) {
    super(stream, source, highWaterMark);
    this.sizeCallback = sizeCallback;
    this.queue = new QueueWithSizes();
  }

  get isByteController() {
    return false;
  }

  get desiredSize() {
    if (this.stream.status === kErrored) return null;
    if (this.stream.status === kClosed) return 0;
    return this.highWaterMark - this.queue.totalSize;
  }

  shouldCallPull() {
    if (!this.canCloseOrEnqueue || !this.started) return false;
    return this.stream.hasRequests || this.highWaterMark - this.queue.totalSize > 0;
  }

  clearAlgorithms() {
    super.clearAlgorithms();
    this.sizeCallback = undefined;
  }

  dropQueue() {
    this.queue.reset();
  }

  close() {
    if (!this.canCloseOrEnqueue) return;
    this.closeRequested = true;
    if (this.queue.head === undefined) {
      this.clearAlgorithms();
      this.stream.close();
    }
  }

  // As ByteController.end().
  end() {
    this.close();
  }

  // Throws what the strategy's size() threw, or a RangeError if what it returned is no size; the
  // stream is errored by then.
  enqueue(chunk) {
    if (!this.canCloseOrEnqueue) return;
    // Asked for even where a read waits, as on the reference runtime; the standard would not.
    let size = 1;
    if (this.sizeCallback !== undefined) {
      try {
        size = +ReflectApply(this.sizeCallback, undefined, [chunk]);
        requireChunkSize(size);
      } catch (error) {
        this.error(error);
        throw error;
      }
      // The callback may have closed or errored the stream.
      if (this.stream.status !== kReadable) return;
    }
    if (this.stream.hasRequests) this.stream.fulfillRequest(chunk, false);
    else this.queue.enqueue(new QueueEntry(chunk, size));
    this.callPullIfNeeded();
  }

  error(reason) {
    if (this.stream.status !== kReadable) return;
    this.queue.reset();
    this.clearAlgorithms();
    this.stream.error(reason);
  }

  pullSteps(request) {
    const { queue } = this;
    if (queue.head === undefined) {
      this.stream.reader.requests.push(request);
      this.callPullIfNeeded();
      return;
    }
    const { value } = queue.dequeue();
    if (this.closeRequested && queue.head === undefined) {
      this.clearAlgorithms();
      this.stream.close();
    } else {
      this.callPullIfNeeded();
    }
    request.chunk(value);
  }

  releaseSteps() {}
}

export class ReadableStreamDefaultController {
  #controller;

  // Only built-ins can: (kInternal, DefaultController).
  constructor() {
    if (arguments[0] !== kInternal) illegalConstructor();
    this.#controller = arguments[1];
  }

  static #of(value) {
    if (!isObject(value) || !(#controller in value)) illegalInvocation();
    return value.#controller;
  }

  get desiredSize() {
    return ReadableStreamDefaultController.#of(this).desiredSize;
  }

  close() {
    const controller = ReadableStreamDefaultController.#of(this);
    if (!controller.canCloseOrEnqueue) {
      throw new TypeError('The stream is closed or errored and cannot be closed.');
    }
    controller.close();
  }

  enqueue(chunk = undefined) {
    const controller = ReadableStreamDefaultController.#of(this);
    if (!controller.canCloseOrEnqueue) {
      throw new TypeError('The stream is closed or errored and takes no more chunks.');
    }
    controller.enqueue(chunk);
  }

  error(reason = undefined) {
    ReadableStreamDefaultController.#of(this).error(reason);
  }
}
defineInterface(ReadableStreamDefaultController, 'ReadableStreamDefaultController');
