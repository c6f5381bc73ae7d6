// Streams between Workers: one side writes into a sink of natives, the other reads a message.
import { ArrayBufferIsView, Error, PromisePrototypeThen, TypeError } from '../internal/primordials.js';
import { describeException } from '../internal/report.js';
import { isolate } from './isolate.js';
import { createNativeByteStream } from './native_stream.js';
import { pipe } from './pipe_to.js';
import { readableStateOf } from './readable_shell.js';
import { asBytes } from './views.js';
import { writableStateOf, wrapWritable } from './writable_shell.js';
import { WritableState } from './writable_state.js';

export const isWritableStream = (value) => writableStateOf(value) !== undefined;
export const isWritableLocked = (stream) => writableStateOf(stream).isLocked;

class RemoteSink {
  static {
    isolate(this);
  }

  constructor(number) {
    this.number = number;
  }

  write(chunk) {
    const bytes = typeof chunk === 'string' || chunk === undefined || chunk === null
        ? undefined : asBytes(chunk);
    if (bytes === undefined) {
      throw new TypeError('A WritableStream received over RPC takes ArrayBuffers and views only.');
    }
    return natives.sinkWrite(this.number, bytes);
  }

  close() {
    natives.sinkClose(this.number);
  }

  abort(reason) {
    natives.sinkAbort(this.number, describeException(reason).message);
  }

  interrupt() {}
}

// A WritableStream whose bytes go into the sink `number`.
export function createRemoteWritable(number) {
  const state = new WritableState(new RemoteSink(number), 1, undefined);
  state.start(undefined);
  return wrapWritable(state);
}

class RemoteSource {
  static {
    isolate(this);
  }

  constructor(message, writer) {
    this.message = message;
    this.writer = writer;
  }

  read() {
    const chunk = natives.bodyRead(this.message);
    if (chunk === null || ArrayBufferIsView(chunk)) return chunk;
    return PromisePrototypeThen(chunk, undefined, () => {
      throw new Error('WritableStream received over RPC was disconnected because the remote ' +
                      'execution context has ended.');
    });
  }

  cancel(reason) {
    natives.rpcCancelWriter(this.writer, describeException(reason).message);
  }
}

// Writes what arrives as the body of `message` into a WritableStream that is not locked; `writer`
// is the number of the other end.
export function pipeFromRemote(message, writer, stream) {
  const source = readableStateOf(createNativeByteStream(new RemoteSource(message, writer)));
  PromisePrototypeThen(pipe(source, writableStateOf(stream), kOptions), undefined, ignore);
}

const kOptions = {
  __proto__: null, preventAbort: false, preventCancel: false, preventClose: false,
  signal: undefined,
};

function ignore() {}
