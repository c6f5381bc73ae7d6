// https://streams.spec.whatwg.org/#rs-class
import { behaviours } from '../internal/behaviours.js';
import {
  ObjectDefineProperty, PromiseReject, RangeError, SymbolAsyncIterator, TypeError,
} from '../internal/primordials.js';
import {
  defineInterface, illegalInvocation, isObject, kInternal, requireArguments, toCallback,
  toDictionary, toEnum, toUnsignedLongLong,
} from '../internal/webidl.js';
import { isAbortSignal } from '../events/abort_signal.js';
import { ByteController } from './byte_controller.js';
import { toExpectedLength } from './expected_length.js';
import { isolate } from './isolate.js';
import { pipe } from './pipe_to.js';
import { markHandled, resultOfStart } from './promises.js';
import { QueuingStrategy } from './queuing_strategies.js';
import { ReadableByteStreamController } from './readable_byte_controller.js';
import {
  DefaultController, ReadableStreamDefaultController,
} from './readable_default_controller.js';
import { readableFrom } from './readable_from.js';
import { createAsyncIterator } from './readable_iterator.js';
import { ReadableStreamBYOBReader, ReadableStreamDefaultReader } from './readable_readers.js';
import { readableStateOf, setReadableShell } from './readable_shell.js';
import { kByobReader, kDefaultReader, ReadableState, ReaderState } from './readable_state.js';
import { UserSource } from './source.js';
import { tee } from './readable_tee.js';
import { writableStateOf } from './writable_shell.js';

const optionalCallback = (value, name) => value === undefined ? undefined : toCallback(value, name);

// Web IDL's UnderlyingSource; members are read in alphabetical order.
class UnderlyingSource {
  static {
    isolate(this);
  }

  constructor(value) {
    const dictionary = toDictionary(value, 'The underlying source');
    const { autoAllocateChunkSize: size } = dictionary;
    this.autoAllocateChunkSize = size === undefined ? undefined : toUnsignedLongLong(size, 1);
    this.cancel = optionalCallback(dictionary.cancel, 'cancel');
    const { expectedLength } = dictionary;  // not in the standard
    this.expectedLength = expectedLength === undefined ? undefined : toExpectedLength(expectedLength);
    this.pull = optionalCallback(dictionary.pull, 'pull');
    this.start = optionalCallback(dictionary.start, 'start');
    const { type } = dictionary;
    this.isBytes = type !== undefined;
    if (this.isBytes) toEnum(type, ['bytes'], 'the type of the underlying source');
  }
}

// Web IDL's StreamPipeOptions.
class PipeOptions {
  static {
    isolate(this);
  }

  constructor(value) {
    const dictionary = toDictionary(value, 'StreamPipeOptions');
    this.preventAbort = !!dictionary.preventAbort;
    this.preventCancel = !!dictionary.preventCancel;
    this.preventClose = !!dictionary.preventClose;
    this.signal = dictionary.signal;
    if (this.signal !== undefined && !isAbortSignal(this.signal)) {
      throw new TypeError('The signal is not an AbortSignal.');
    }
  }
}

const lockedReadable = () => new TypeError('This ReadableStream is currently locked to a reader.');
const lockedWritable = () => new TypeError('This WritableStream is currently locked to a writer.');

export class ReadableStream {
  #state;

  // Built-ins may also pass (kInternal, ReadableState).
  constructor(underlyingSource = undefined, strategy = undefined) {
    if (underlyingSource === kInternal) {
      this.#state = strategy;
      return;
    }
    if (underlyingSource !== undefined && !isObject(underlyingSource)) {
      throw new TypeError('The underlying source is not an object.');
    }
    const queuingStrategy = new QueuingStrategy(strategy);
    const source = new UnderlyingSource(underlyingSource);
    this.#state = new ReadableState();
    this.#state.expectedLength = source.expectedLength;
    if (source.isBytes) {
      if (queuingStrategy.size !== undefined) {
        throw new RangeError('A byte stream takes no strategy with a size().');
      }
      this.#setUpBytes(underlyingSource, source, queuingStrategy.highWaterMarkOr(0));
    } else {
      const mark = queuingStrategy.highWaterMarkOr(1);
      const controller = new DefaultController(this.#state, undefined, mark, queuingStrategy.size);
      const shell = new ReadableStreamDefaultController(kInternal, controller);
      this.#start(underlyingSource, source, controller, shell);
    }
  }

  static from(asyncIterable) {
    requireArguments(arguments.length, 1, 'ReadableStream.from');
    return new ReadableStream(kInternal, readableFrom(asyncIterable));
  }

  static #of(value) {
    if (!isObject(value) || !(#state in value)) illegalInvocation();
    return value.#state;
  }

  get locked() {
    return ReadableStream.#of(this).isLocked;
  }

  cancel(reason = undefined) {
    if (!isObject(this) || !(#state in this)) {
      return PromiseReject(new TypeError('Illegal invocation'));
    }
    const state = this.#state;
    return state.isLocked ? PromiseReject(lockedReadable()) : state.cancel(reason);
  }

  getReader(options = undefined) {
    const state = ReadableStream.#of(this);
    const { mode } = toDictionary(options, 'ReadableStreamGetReaderOptions');
    if (mode === undefined) {
      return new ReadableStreamDefaultReader(kInternal, new ReaderState(state, kDefaultReader));
    }
    toEnum(mode, ['byob'], 'the mode of a reader');
    return new ReadableStreamBYOBReader(kInternal, new ReaderState(state, kByobReader));
  }

  pipeThrough(transform, options = undefined) {
    const state = ReadableStream.#of(this);
    requireArguments(arguments.length, 1, 'ReadableStream.pipeThrough');
    const dictionary = toDictionary(transform, 'ReadableWritablePair');
    const { readable } = dictionary;
    if (readableStateOf(readable) === undefined) {
      throw new TypeError('readable is not a ReadableStream.');
    }
    const destination = writableStateOf(dictionary.writable);
    if (destination === undefined) throw new TypeError('writable is not a WritableStream.');
    const pipeOptions = new PipeOptions(options);
    if (state.isLocked) throw lockedReadable();
    if (destination.isLocked) throw lockedWritable();
    markHandled(pipe(state, destination, pipeOptions));
    return readable;
  }

  pipeTo(destination, options = undefined) {
    try {
      const state = ReadableStream.#of(this);
      requireArguments(arguments.length, 1, 'ReadableStream.pipeTo');
      const target = writableStateOf(destination);
      if (target === undefined) throw new TypeError('The destination is not a WritableStream.');
      const pipeOptions = new PipeOptions(options);
      if (state.isLocked) throw lockedReadable();
      if (target.isLocked) throw lockedWritable();
      return pipe(state, target, pipeOptions);
    } catch (error) {
      return PromiseReject(error);
    }
  }

  tee() {
    const { first, second } = tee(ReadableStream.#of(this), undefined);
    return [new ReadableStream(kInternal, first), new ReadableStream(kInternal, second)];
  }

  values(options = undefined) {
    const state = ReadableStream.#of(this);
    const { preventCancel } = toDictionary(options, 'ReadableStreamIteratorOptions');
    const prevent = !!preventCancel;
    return createAsyncIterator(new ReaderState(state, kDefaultReader), prevent);
  }

  #setUpBytes(object, source, highWaterMark) {
    if (source.autoAllocateChunkSize === 0) {
      throw new TypeError('autoAllocateChunkSize must be greater than 0.');
    }
    const controller =
        new ByteController(this.#state, undefined, highWaterMark, source.autoAllocateChunkSize);
    this.#state.isTenants = true;
    controller.lenient = behaviours.byobRequestForDefaultReaders;
    const shell = new ReadableByteStreamController(kInternal, controller);
    this.#start(object, source, controller, shell);
  }

  #start(object, source, controller, shell) {
    controller.source = new UserSource(object, source, shell);
    const { start } = source;
    controller.start(start === undefined ? undefined : resultOfStart(start, object, shell));
  }

  static {
    setReadableShell((value) => isObject(value) && #state in value ? value.#state : undefined,
                     (state) => new ReadableStream(kInternal, state));
  }
}
defineInterface(ReadableStream, 'ReadableStream');
ObjectDefineProperty(ReadableStream.prototype, SymbolAsyncIterator, {
  __proto__: null,
  value: ReadableStream.prototype.values,
  writable: true,
  enumerable: false,
  configurable: true,
});
