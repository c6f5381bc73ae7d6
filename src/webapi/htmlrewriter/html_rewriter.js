// https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/
import {
  ArrayPrototypePush, ArrayPrototypeShift, ArrayPrototypeSlice, PromisePrototypeThen,
  PromiseReject, PromiseResolve, PromiseWithResolvers, TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSlice, TypeError, Uint32Array,
} from '../internal/primordials.js';
import {
  defineInterface, illegalInvocation, requireArguments, toCallback, toDictionary, toUSVString,
} from '../internal/webidl.js';
import {parseParameters} from '../internal/mime_type.js';
import {bodyStreamOf, headerOf, isBodyUsed} from '../fetch/body.js';
import {isResponse, Response} from '../fetch/response.js';
import {createNativeByteStream, isLocked, startPump} from '../streams/internal.js';
import {Rewriter} from './rewriter.js';
import {Selector} from './selector.js';
import {parserError} from './tokens.js';

const kAheadBytes = 64 * 1024;
const kFlush = 8;  // of DecodeFlags in encoding_natives.h

function readHandlers(handlers, names) {
  const dictionary = toDictionary(handlers, 'HTMLRewriter: the handlers');
  const read = {__proto__: null, target: handlers};
  for (let i = 0; i < names.length; i++) {
    const handler = dictionary[names[i]];
    if (handler !== undefined) {
      read[names[i]] = toCallback(handler, `HTMLRewriter: the handler ${names[i]}`);
    }
  }
  return read;
}

// Text of stretches of the document.
function decoderFor(encoding) {
  if (encoding === 'utf-8') return (bytes, start, end) => natives.utf8Decode(bytes, start, end, 0);
  const rest = new Uint32Array(1);
  return (bytes, start, end) => natives.legacyDecode(encoding, bytes, start, end, kFlush, rest);
}

function encodingOf(response) {
  const type = headerOf(response, 'content-type');
  const charset = type === undefined ? undefined : parseParameters(type).charset;
  if (charset === undefined) return 'utf-8';
  const encoding = natives.encodingOf(charset);
  if (encoding === undefined) {
    throw parserError('Unknown character encoding has been provided.');
  }
  if (encoding === 'utf-16le' || encoding === 'utf-16be' || encoding === 'iso-2022-jp' || encoding === 'replacement') {
    throw parserError('Expected ASCII-compatible encoding.');
  }
  return encoding;
}

// The rewritten body. It begins by itself and works ahead of its reader a little; streams that handlers
// have inserted are read when their turn has come at the reader.
class RewrittenSource {
  #input;
  #pump;
  #rewriter;
  #inputs = [];      // chunks that the rewriter has not seen
  #inputSize = 0;
  #hasAll = false;   // the input has ended
  #isWorking = false;
  #chunks = [];      // what the reader has not taken
  #size = 0;
  #waiting;          // the reader, for the next chunk
  #onWanted;         // what waits for the reader to wait
  #onInput;          // what waits for the rewriter to catch up
  #hasEnded = false;
  #hasFailed = false;
  #error;

  constructor(input, registrations, documents, encoding) {
    this.#input = input;
    this.#rewriter = new Rewriter(
        registrations, documents, decoderFor(encoding), encoding === 'utf-8', {
          __proto__: null,
          emit: (bytes) => this.#emit(bytes),
          whenWanted: () => this.#whenWanted(),
        });
    PromisePrototypeThen(PromiseResolve(undefined), () => this.#start());
  }

  read() {
    if (this.#chunks.length > 0) return this.#take();
    if (this.#hasFailed) return PromiseReject(this.#error);
    if (this.#hasEnded) return null;
    this.#waiting = PromiseWithResolvers();
    const {promise} = this.#waiting;
    this.#tellWanted();
    return promise;
  }

  // Before the first chunk was asked for, the source learns of it with the answer to that.
  cancel(reason) {
    this.#fail(reason);
    this.#chunks = [];
    this.#waiting = undefined;
    this.#pump?.cancel(reason);
  }

  #start() {
    this.#pump = startPump(this.#input, {
      __proto__: null,
      write: (bytes) => this.#write(bytes),
      close: () => {
        this.#hasAll = true;
        this.#work();
      },
      abort: (reason) => this.#fail(reason),
    });
    PromisePrototypeThen(this.#pump.promise, undefined, () => {});
  }

  #write(bytes) {
    if (this.#hasFailed) throw this.#error;
    ArrayPrototypePush(this.#inputs, TypedArrayPrototypeSlice(bytes));
    this.#inputSize += TypedArrayPrototypeGetByteLength(bytes);
    this.#work();
    if (this.#inputSize <= kAheadBytes) return undefined;
    this.#onInput = PromiseWithResolvers();
    return this.#onInput.promise;
  }

  async #work() {
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      while (!this.#hasEnded && this.#inputs.length > 0) {
        if (this.#size > kAheadBytes) await this.#whenWanted();
        const bytes = ArrayPrototypeShift(this.#inputs);
        await this.#rewriter.write(bytes);
        this.#inputSize -= TypedArrayPrototypeGetByteLength(bytes);
        if (this.#inputSize <= kAheadBytes) this.#tellInput();
      }
      if (this.#hasAll && !this.#hasEnded) {
        await this.#rewriter.end();
        this.#hasEnded = true;
        this.#give();
      }
    } catch (error) {
      this.#fail(error);
      this.#pump.cancel(error);
    }
    this.#isWorking = false;
  }

  #emit(bytes) {
    if (this.#hasEnded) return;
    ArrayPrototypePush(this.#chunks, bytes);
    this.#size += TypedArrayPrototypeGetByteLength(bytes);
    this.#give();
  }

  #take() {
    const chunk = ArrayPrototypeShift(this.#chunks);
    this.#size -= TypedArrayPrototypeGetByteLength(chunk);
    return chunk;
  }

  #give() {
    const waiting = this.#waiting;
    if (waiting === undefined || (this.#chunks.length === 0 && !this.#hasEnded)) return;
    this.#waiting = undefined;
    waiting.resolve(this.#chunks.length > 0 ? this.#take() : null);
  }

  #whenWanted() {
    if (this.#waiting !== undefined || this.#hasEnded) return undefined;
    this.#onWanted = PromiseWithResolvers();
    return this.#onWanted.promise;
  }

  #tellWanted() {
    const wanted = this.#onWanted;
    this.#onWanted = undefined;
    if (wanted !== undefined) wanted.resolve();
  }

  #tellInput() {
    const waiting = this.#onInput;
    this.#onInput = undefined;
    if (waiting !== undefined) waiting.resolve();
  }

  #fail(error) {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#hasFailed = true;
    this.#error = error;
    this.#inputs = [];
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) waiting.reject(error);
    this.#tellWanted();
    this.#tellInput();
  }
}

export class HTMLRewriter {
  #elements = [];
  #documents = [];

  on(selector, handlers) {
    if (!(#elements in this)) illegalInvocation();
    requireArguments(arguments.length, 2, 'HTMLRewriter.on');
    const read = readHandlers(handlers, ['element', 'comments', 'text']);
    read.selector = new Selector(toUSVString(selector));
    ArrayPrototypePush(this.#elements, read);
    return this;
  }

  onDocument(handlers) {
    if (!(#elements in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'HTMLRewriter.onDocument');
    ArrayPrototypePush(
        this.#documents, readHandlers(handlers, ['doctype', 'comments', 'text', 'end']));
    return this;
  }

  transform(response) {
    if (!(#elements in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'HTMLRewriter.transform');
    if (!isResponse(response)) {
      throw new TypeError('HTMLRewriter.transform: the argument is not a Response.');
    }
    if (isBodyUsed(response)) throw new TypeError('Body has already been used.');
    const body = bodyStreamOf(response);
    if (body === undefined) return response;
    if (isLocked(body)) throw new TypeError('This ReadableStream is currently locked to a reader.');
    const encoding = encodingOf(response);
    const source = new RewrittenSource(body, ArrayPrototypeSlice(this.#elements),
                                       ArrayPrototypeSlice(this.#documents), encoding);
    return new Response(createNativeByteStream(source), response);
  }
}
defineInterface(HTMLRewriter, 'HTMLRewriter');
