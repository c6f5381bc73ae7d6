// https://streams.spec.whatwg.org/#ws-class
import {
  PromiseReject, PromiseResolve, RangeError, ReflectApply, TypeError,
} from '../internal/primordials.js';
import {
  defineInterface, illegalConstructor, illegalInvocation, isObject, kInternal, requireArguments,
  toCallback, toDictionary,
} from '../internal/webidl.js';
import { isolate } from './isolate.js';
import { invoke, resultOfStart } from './promises.js';
import { QueuingStrategy } from './queuing_strategies.js';
import { setWritableShell, writableStateOf } from './writable_shell.js';
import { kWritable, releasedWriter, WritableState, WriterState } from './writable_state.js';

const optionalCallback = (value, name) => value === undefined ? undefined : toCallback(value, name);

// Web IDL's UnderlyingSink; members are read in alphabetical order.
class UnderlyingSink {
  static {
    isolate(this);
  }

  constructor(value) {
    const dictionary = toDictionary(value, 'The underlying sink');
    this.abort = optionalCallback(dictionary.abort, 'abort');
    this.close = optionalCallback(dictionary.close, 'close');
    this.start = optionalCallback(dictionary.start, 'start');
    this.hasType = dictionary.type !== undefined;
    this.write = optionalCallback(dictionary.write, 'write');
  }
}

// A tenant's object in the place of a sink.
class UserSink {
  static {
    isolate(this);
  }

  constructor(object, callbacks, controller) {
    this.object = object;
    this.callbacks = callbacks;
    this.controller = controller;
  }

  write(chunk) {
    const { write } = this.callbacks;
    if (write === undefined) return undefined;
    return ReflectApply(write, this.object, [chunk, this.controller]);
  }

  close() {
    return invoke(this.callbacks.close, this.object, []);
  }

  abort(reason) {
    return invoke(this.callbacks.abort, this.object, [reason]);
  }

  interrupt() {}
}

export class WritableStreamDefaultController {
  #state;

  // Only built-ins can: (kInternal, WritableState).
  constructor() {
    if (arguments[0] !== kInternal) illegalConstructor();
    this.#state = arguments[1];
  }

  static #of(value) {
    if (!isObject(value) || !(#state in value)) illegalInvocation();
    return value.#state;
  }

  get signal() {
    return WritableStreamDefaultController.#of(this).signal;
  }

  error(reason = undefined) {
    WritableStreamDefaultController.#of(this).errorIfNeeded(reason);
  }
}
defineInterface(WritableStreamDefaultController, 'WritableStreamDefaultController');

const locked = () => new TypeError('This WritableStream is currently locked to a writer.');
const closing = () => new TypeError('This WritableStream has been closed.');
const illegal = () => PromiseReject(new TypeError('Illegal invocation'));

export class WritableStream {
  #state;

  // Built-ins may also pass (kInternal, WritableState).
  constructor(underlyingSink = undefined, strategy = undefined) {
    if (underlyingSink === kInternal) {
      this.#state = strategy;
      return;
    }
    if (underlyingSink !== undefined && !isObject(underlyingSink)) {
      throw new TypeError('The underlying sink is not an object.');
    }
    const queuingStrategy = new QueuingStrategy(strategy);
    const sink = new UnderlyingSink(underlyingSink);
    if (sink.hasType) throw new RangeError('The type of an underlying sink is reserved.');
    const mark = queuingStrategy.highWaterMarkOr(1);
    const state = new WritableState(undefined, mark, queuingStrategy.size);
    const controller = new WritableStreamDefaultController(kInternal, state);
    state.sink = new UserSink(underlyingSink, sink, controller);
    this.#state = state;
    const { start } = sink;
    if (start === undefined) state.startAtOnce();
    else state.start(resultOfStart(start, underlyingSink, controller));
  }

  static #has(value) {
    return isObject(value) && #state in value;
  }

  get locked() {
    if (!WritableStream.#has(this)) illegalInvocation();
    return this.#state.isLocked;
  }

  abort(reason = undefined) {
    if (!WritableStream.#has(this)) return illegal();
    return this.#state.isLocked ? PromiseReject(locked()) : this.#state.abort(reason);
  }

  close() {
    if (!WritableStream.#has(this)) return illegal();
    if (this.#state.isLocked) return PromiseReject(locked());
    return this.#state.isClosing ? PromiseReject(closing()) : this.#state.close();
  }

  getWriter() {
    if (!WritableStream.#has(this)) illegalInvocation();
    return new WritableStreamDefaultWriter(kInternal, new WriterState(this.#state));
  }

  static {
    setWritableShell((value) => isObject(value) && #state in value ? value.#state : undefined,
                     (state) => new WritableStream(kInternal, state));
  }
}
defineInterface(WritableStream, 'WritableStream');

const hidesBackpressure = (stream) => !stream.showsBackpressure && stream.status === kWritable;

export class WritableStreamDefaultWriter {
  #writer;
  #alwaysReady = undefined;  // `ready` where back-pressure is hidden

  // Built-ins may also pass (kInternal, WriterState).
  constructor(stream) {
    if (stream === kInternal) {
      this.#writer = arguments[1];
      return;
    }
    requireArguments(arguments.length, 1, 'WritableStreamDefaultWriter');
    const state = writableStateOf(stream);
    if (state === undefined) {
      throw new TypeError('WritableStreamDefaultWriter: the argument is not a WritableStream.');
    }
    this.#writer = new WriterState(state);
  }

  static #has(value) {
    return isObject(value) && #writer in value;
  }

  get closed() {
    return WritableStreamDefaultWriter.#has(this) ? this.#writer.closed.get() : illegal();
  }

  get desiredSize() {
    if (!WritableStreamDefaultWriter.#has(this)) illegalInvocation();
    const { stream } = this.#writer;
    if (stream === undefined) throw releasedWriter();
    return hidesBackpressure(stream) ? 1 : stream.desiredSize;
  }

  get ready() {
    if (!WritableStreamDefaultWriter.#has(this)) return illegal();
    const { stream, ready } = this.#writer;
    if (stream === undefined || !hidesBackpressure(stream)) return ready.get();
    return this.#alwaysReady ??= PromiseResolve(undefined);
  }

  abort(reason = undefined) {
    if (!WritableStreamDefaultWriter.#has(this)) return illegal();
    const { stream } = this.#writer;
    return stream === undefined ? PromiseReject(releasedWriter()) : stream.abort(reason);
  }

  close() {
    if (!WritableStreamDefaultWriter.#has(this)) return illegal();
    const { stream } = this.#writer;
    if (stream === undefined) return PromiseReject(releasedWriter());
    return stream.isClosing ? PromiseReject(closing()) : stream.close();
  }

  releaseLock() {
    if (!WritableStreamDefaultWriter.#has(this)) illegalInvocation();
    if (this.#writer.stream !== undefined) this.#writer.release();
  }

  write(chunk = undefined) {
    if (!WritableStreamDefaultWriter.#has(this)) return illegal();
    if (this.#writer.stream === undefined) return PromiseReject(releasedWriter());
    return this.#writer.write(chunk, undefined);
  }
}
defineInterface(WritableStreamDefaultWriter, 'WritableStreamDefaultWriter');
