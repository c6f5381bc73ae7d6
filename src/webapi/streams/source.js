// The parties that fill a readable stream: a tenant's object, or one of ours. A source has
//   pull(controller)   more is wanted; returns undefined or a promise, or throws
//   cancel(reason)     nothing more is wanted; likewise
import { PromiseReject, PromiseResolve, ReflectApply, Symbol } from '../internal/primordials.js';
import { isolate } from './isolate.js';
import { enqueueStep, invoke, promiseResolvedWith, upon } from './promises.js';
import { kReadable } from './readable_state.js';

// What an internal pull() returns when it is done for good by the time it returns: the controller
// then goes on without waiting for a microtask.
export const kDoneAtOnce = Symbol('done at once');

// What an internal pull() returns when it will call controller.finishPull() itself.
export const kFinishLater = Symbol('finish later');

export class UserSource {
  static {
    isolate(this);
  }

  constructor(object, callbacks, controller) {
    this.object = object;
    this.pullCallback = callbacks.pull;
    this.cancelCallback = callbacks.cancel;
    this.controller = controller;
  }

  pull() {
    if (this.pullCallback === undefined) return undefined;
    return ReflectApply(this.pullCallback, this.object, [this.controller]);
  }

  cancel(reason) {
    return invoke(this.cancelCallback, this.object, [reason]);
  }
}

// What both kinds of readable controller share: when to ask the source, and for what.
// Subclasses have shouldCallPull(), error(reason), dropQueue() and end().
export class PullingController {
  static {
    isolate(this);
  }

  constructor(stream, source, highWaterMark) {
    this.stream = stream;
    this.source = source;
    this.highWaterMark = highWaterMark;
    this.started = false;
    this.closeRequested = false;
    this.pulling = false;
    this.pullAgain = false;
    this.onPulled = undefined;
    this.onPullFailed = undefined;
    stream.controller = this;
  }

  // To be called once, with what the source's start() returned.
  start(result) {
    const started = () => {
      this.started = true;
      this.callPullIfNeeded();
    };
    if (result === undefined) enqueueStep(started);
    else upon(promiseResolvedWith(result), started, (reason) => this.error(reason));
  }

  callPullIfNeeded() {
    if (!this.shouldCallPull()) return;
    if (this.pulling) {
      this.pullAgain = true;
      return;
    }
    let result;
    do {
      this.pulling = true;
      this.pullAgain = false;
      try {
        result = this.source.pull(this);
      } catch (error) {
        result = PromiseReject(error);
      }
      if (result !== kDoneAtOnce) break;
      this.pulling = false;
    } while (this.pullAgain && this.shouldCallPull());
    if (result === kDoneAtOnce || result === kFinishLater) return;
    upon(result, this.onPulled ??= () => this.finishPull(),
         this.onPullFailed ??= (reason) => this.error(reason));
  }

  finishPull() {
    this.pulling = false;
    if (!this.pullAgain) return;
    this.pullAgain = false;
    this.callPullIfNeeded();
  }

  get canCloseOrEnqueue() {
    return !this.closeRequested && this.stream.status === kReadable;
  }

  // https://streams.spec.whatwg.org/#rs-default-controller-has-backpressure
  get hasBackpressure() {
    return !this.shouldCallPull();
  }

  // Frees what the source holds once it will not be asked again.
  clearAlgorithms() {
    this.source = undefined;
    this.onPulled = undefined;
    this.onPullFailed = undefined;
  }

  // Returns a promise.
  cancelSteps(reason) {
    this.dropQueue();
    let result;
    try {
      result = PromiseResolve(this.source.cancel(reason));
    } catch (error) {
      result = PromiseReject(error);
    }
    this.clearAlgorithms();
    return result;
  }
}
