// https://streams.spec.whatwg.org/#ts-class
import { RangeError, ReflectApply, TypeError } from '../internal/primordials.js';
import {
  defineInterface, illegalConstructor, illegalInvocation, isObject, kInternal, toCallback,
  toDictionary,
} from '../internal/webidl.js';
import { toExpectedLength } from './expected_length.js';
import { isolate } from './isolate.js';
import { invoke, resultOfStart } from './promises.js';
import { QueuingStrategy } from './queuing_strategies.js';
import { wrapReadable } from './readable_shell.js';
import { TransformState } from './transform_state.js';
import { wrapWritable } from './writable_shell.js';

const optionalCallback = (value, name) => value === undefined ? undefined : toCallback(value, name);

// Web IDL's Transformer; members are read in alphabetical order.
class Transformer {
  static {
    isolate(this);
  }

  constructor(value) {
    const dictionary = toDictionary(value, 'The transformer');
    this.cancel = optionalCallback(dictionary.cancel, 'cancel');
    const { expectedLength } = dictionary;  // not in the standard
    this.expectedLength = expectedLength === undefined ? undefined : toExpectedLength(expectedLength);
    this.flush = optionalCallback(dictionary.flush, 'flush');
    const hasReadableType = dictionary.readableType !== undefined;
    this.start = optionalCallback(dictionary.start, 'start');
    this.transform = optionalCallback(dictionary.transform, 'transform');
    const hasWritableType = dictionary.writableType !== undefined;
    this.hasType = hasReadableType || hasWritableType;
  }
}

// A tenant's object in the place of a transformer.
class UserTransformer {
  static {
    isolate(this);
  }

  constructor(object, callbacks, controller) {
    this.object = object;
    this.callbacks = callbacks;
    this.controller = controller;
  }

  get isIdentity() {
    const { cancel, flush, start, transform } = this.callbacks;
    return cancel === undefined && flush === undefined && start === undefined &&
        transform === undefined;
  }

  transform(chunk, state) {
    const { transform } = this.callbacks;
    if (transform !== undefined) {
      return ReflectApply(transform, this.object, [chunk, this.controller]);
    }
    state.enqueue(chunk);
    return undefined;
  }

  flush() {
    return invoke(this.callbacks.flush, this.object, [this.controller]);
  }

  cancel(reason) {
    return invoke(this.callbacks.cancel, this.object, [reason]);
  }
}

export class TransformStreamDefaultController {
  #state;

  // Only built-ins can: (kInternal, TransformState).
  constructor() {
    if (arguments[0] !== kInternal) illegalConstructor();
    this.#state = arguments[1];
  }

  static #of(value) {
    if (!isObject(value) || !(#state in value)) illegalInvocation();
    return value.#state;
  }

  get desiredSize() {
    return TransformStreamDefaultController.#of(this).readable.controller.desiredSize;
  }

  enqueue(chunk = undefined) {
    TransformStreamDefaultController.#of(this).enqueue(chunk);
  }

  error(reason = undefined) {
    TransformStreamDefaultController.#of(this).error(reason);
  }

  terminate() {
    TransformStreamDefaultController.#of(this).terminate();
  }
}
defineInterface(TransformStreamDefaultController, 'TransformStreamDefaultController');

export class TransformStream {
  #readable;
  #writable;

  // Built-ins may also pass (kInternal, x) where x.readable and x.writable are a ReadableState and
  // a WritableState.
  constructor(transformer = undefined, writableStrategy = undefined, readableStrategy = undefined) {
    if (transformer === kInternal) {
      this.#wrap(writableStrategy);
      return;
    }
    if (transformer !== undefined && !isObject(transformer)) {
      throw new TypeError('The transformer is not an object.');
    }
    const writableSide = new QueuingStrategy(writableStrategy);
    const readableSide = new QueuingStrategy(readableStrategy);
    const callbacks = new Transformer(transformer);
    if (callbacks.hasType) {
      throw new RangeError('readableType and writableType of a transformer are reserved.');
    }
    readableSide.highWaterMark = readableSide.highWaterMarkOr(0);
    writableSide.highWaterMark = writableSide.highWaterMarkOr(1);
    const state = new TransformState(writableSide, readableSide, false);
    state.readable.expectedLength = callbacks.expectedLength;
    const controller = new TransformStreamDefaultController(kInternal, state);
    state.transformer = new UserTransformer(transformer, callbacks, controller);
    this.#wrap(state);
    const { start } = callbacks;
    state.start(start === undefined ? undefined : resultOfStart(start, transformer, controller));
  }

  get readable() {
    if (!isObject(this) || !(#readable in this)) illegalInvocation();
    return this.#readable;
  }

  get writable() {
    if (!isObject(this) || !(#readable in this)) illegalInvocation();
    return this.#writable;
  }

  #wrap(sides) {
    this.#readable = wrapReadable(sides.readable);
    this.#writable = wrapWritable(sides.writable);
  }
}
defineInterface(TransformStream, 'TransformStream');
