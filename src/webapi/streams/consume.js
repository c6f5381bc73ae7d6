// Reading streams of bytes to their end, for bodies.
import {
  ArrayBufferIsView, ArrayPrototypePush, PromiseReject, PromiseWithResolvers, TypeError,
  TypedArrayPrototypeGetByteLength, TypedArrayPrototypeSet, Uint8Array,
} from '../internal/primordials.js';
import { isolate } from './isolate.js';
import { enqueueStep, upon } from './promises.js';
import { detachSourceOf, untouchedSourceOf } from './native_stream.js';
import { kDefaultReader, ReaderState } from './readable_state.js';
import { readableStateOf } from './readable_shell.js';
import { asBytes, byteLengthOf, cloneBytes } from './views.js';

// Gives the chunks of a stream one by one to receive(bytes), then calls finish(), or fail(reason)
// if the stream errors or a chunk is no bytes. Subclasses have these three. receive() returns
// undefined or a promise to wait for. Streams made by createNativeByteStream() are read without
// their machinery.
class Consumer {
  static {
    isolate(this);
  }

  constructor(state) {
    this.next = undefined;
    this.source = untouchedSourceOf(state);
    if (this.source !== undefined) detachSourceOf(state);
    this.reader = this.source === undefined ? new ReaderState(state, kDefaultReader) : undefined;
    this.ownsChunks = this.source !== undefined || state.controller.isByteController;
    this.hasEnded = false;
    this.isWaiting = false;
    this.isLooping = false;
    this.onReady = () => {
      this.isWaiting = false;
      this.#loop();
    };
    this.onChunk = undefined;
    this.onReceiveFailed = undefined;
    this.onFailure = (reason) => this.#end(() => this.fail(reason));
  }

  start() {
    this.#loop();
  }

  // Stops reading and tells whoever fills the stream.
  cancel(reason) {
    if (this.hasEnded) return;
    this.hasEnded = true;
    if (this.source !== undefined) cancelQuietly(this.source, reason);
    else upon(this.reader.stream.cancel(reason), undefined, ignore);
  }

  #loop() {
    if (this.isLooping) return;
    this.isLooping = true;
    while (!this.hasEnded && !this.isWaiting) {
      this.isWaiting = true;
      if (this.source === undefined) this.reader.read(this);
      else this.#readSource();
    }
    this.isLooping = false;
  }

  #readSource() {
    let chunk;
    try {
      chunk = this.source.read();
    } catch (error) {
      this.#end(() => this.fail(error));
      return;
    }
    if (chunk === null || ArrayBufferIsView(chunk)) this.#take(chunk);
    else upon(chunk, this.onChunk ??= (later) => this.#take(later), this.onFailure);
  }

  #take(chunk) {
    if (this.hasEnded) return;
    if (chunk === null) this.close();
    else this.chunk(chunk);
  }

  // As a read request.
  chunk(value) {
    if (this.hasEnded) return;
    const bytes = asBytes(value);
    if (bytes === undefined) {
      const error = new TypeError('This ReadableStream did not return bytes.');
      this.cancel(error);
      this.fail(error);
      return;
    }
    let result;
    try {
      result = this.receive(bytes);
    } catch (error) {
      result = PromiseReject(error);
    }
    if (result !== undefined) {
      upon(result, this.onReady, this.onReceiveFailed ??= (reason) => {
        if (this.hasEnded) return;
        this.cancel(reason);
        this.fail(reason);
      });
    } else if (this.isLooping) {
      this.isWaiting = false;
    } else {
      // We may be inside of the tenant's enqueue(), where its pull() must not be called.
      enqueueStep(this.onReady);
    }
  }

  close() {
    this.#end(() => this.finish());
  }

  error(reason) {
    this.#end(() => this.fail(reason));
  }

  #end(step) {
    if (this.hasEnded) return;
    this.hasEnded = true;
    step();
  }
}

const ignore = () => {};

function cancelQuietly(source, reason) {
  try {
    upon(source.cancel(reason), undefined, ignore);
  } catch {
    // The failure of a source that is given up concerns nobody.
  }
}

class Collector extends Consumer {
  constructor(state) {
    super(state);
    this.resolvers = PromiseWithResolvers();
    this.chunks = [];
    this.totalLength = 0;
  }

  receive(bytes) {
    ArrayPrototypePush(this.chunks, this.ownsChunks ? bytes : cloneBytes(bytes));
    this.totalLength += byteLengthOf(bytes);
  }

  finish() {
    const { chunks } = this;
    if (chunks.length === 1) {
      this.resolvers.resolve(chunks[0]);
      return;
    }
    const all = new Uint8Array(this.totalLength);
    let offset = 0;
    for (let i = 0; i < chunks.length; i++) {
      TypedArrayPrototypeSet(all, chunks[i], offset);
      offset += TypedArrayPrototypeGetByteLength(chunks[i]);
    }
    this.resolvers.resolve(all);
  }

  fail(reason) {
    this.resolvers.reject(reason);
  }
}

// All the bytes of a stream that is not locked; the stream stays locked. Rejects with the error of
// the stream, or with a TypeError if it yields anything but bytes (it is cancelled then). The
// Uint8Array may view only a part of its buffer.
export function readAllBytes(stream) {
  const collector = new Collector(readableStateOf(stream));
  collector.start();
  return collector.resolvers.promise;
}

class Pump extends Consumer {
  constructor(state, sink) {
    super(state);
    this.sink = sink;
    this.resolvers = PromiseWithResolvers();
  }

  receive(bytes) {
    return this.sink.write(bytes);
  }

  finish() {
    let result;
    try {
      result = this.sink.close();
    } catch (error) {
      result = PromiseReject(error);
    }
    upon(result, this.resolvers.resolve, this.resolvers.reject);
  }

  fail(reason) {
    this.resolvers.reject(reason);
    try {
      upon(this.sink.abort(reason), undefined, ignore);
    } catch {
      // The sink is given up.
    }
  }
}

// Writes a stream that is not locked to a native sink {write(bytes), close(), abort(reason)}, whose
// methods may return promises; write() must use or copy the bytes before it, or its promise, is
// done, and they may lie in memory of the tenant. Returns {promise, cancel(reason)}: the promise
// fulfils after close(), and rejects after abort() with its reason, also when write() failed (the
// stream is cancelled then). cancel() stops a pump whose receiver has gone and calls neither.
export function startPump(stream, sink) {
  const pump = new Pump(readableStateOf(stream), sink);
  pump.start();
  return {
    __proto__: null,
    promise: pump.resolvers.promise,
    cancel: (reason) => {
      if (pump.hasEnded) return;
      pump.cancel(reason);
      pump.resolvers.reject(reason);
    },
  };
}

export function pumpToNative(stream, sink) {
  return startPump(stream, sink).promise;
}
