// https://fetch.spec.whatwg.org/#body-mixin, as the base class Body that Cloudflare also shows to
// scripts. It holds the lazy half of a message, request or response alike: headers that may still
// lie in C++, and a body that becomes a stream only when a script reads its `body` attribute.
import {
  ArrayBufferPrototypeGetByteLength, JSONParse, PromisePrototypeThen, PromiseReject, PromiseResolve,
  StringPrototypeLastIndexOf, StringPrototypeSlice, StringPrototypeToWellFormed, TypeError,
  TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength, Uint8Array,
} from '../internal/primordials.js';
import {
  defineInterface, illegalConstructor, illegalInvocation, kInternal,
} from '../internal/webidl.js';
import {decodeUtf8, encodeUtf8, withoutByteOrderMark} from '../internal/utf8.js';
import {copyOfBytes} from '../internal/bytes.js';
import {canonicalMimeType} from '../internal/mime_type.js';
import {abortReason, addAbortAlgorithm, isAborted} from '../events/abort_signal.js';
import {createBlob} from '../blob/blob.js';
import {formDataFromBytes} from '../formdata/body_parser.js';
import {
  cloneHeaderSource, copyOfList, headersOfList, headersOfMessage, valueInList, wireOfHeaders,
} from './headers.js';
import {
  cancelStream, cloneStream, errorStream, isDisturbed, isLocked, knownLength, pumpStream,
  readStream, spentStream, streamOfBytes, streamOfMessage, takeUntouched,
} from './body_stream.js';
import {untilAborted} from './until_aborted.js';

// Where the bytes of a body are. All but kStreamBody are also the numbers natives take.
export const kNoBody = 0;
export const kStringBody = 1;
export const kBytesBody = 2;    // a Uint8Array that nobody else can reach
export const kMessageBody = 3;  // still in C++: the number of a received message
export const kSinkBody = 4;     // on its way out only: a sink which JavaScript fills
export const kStreamBody = 5;

export let isMessage, headersOf, headersToWire, contentTypeToWire, headerOf, discardBody,
    setBodySignal, copyHeaderSeed, isBodyUsed, hasBody, handOverBody, moveBody, cloneBody,
    bodyStreamOf, areHeadersImmutable;

// More results of handOverBody(), moveBody() and cloneBody(), kept here so that answering a request
// allocates nothing for them: what belongs to the returned kind, and the stream that is to fill a
// kSinkBody.
export let handedOver, handedOverStream;

const kAlreadyUsed =
    'Body has already been used. It can only be used once. Use tee() first if you need to read it twice.';
const kLocked = 'This ReadableStream is currently locked to a reader.';

function textOfString(string) { return StringPrototypeToWellFormed(withoutByteOrderMark(string)); }

function bytesOfMessage(number) {
  return PromisePrototypeThen(PromiseResolve(natives.bodyReadAll(number, 0)),
                              (buffer) => new Uint8Array(buffer));
}

function textOfMessage(number) { return PromiseResolve(natives.bodyReadAll(number, 1)); }

function bufferOf(bytes) {
  const buffer = TypedArrayPrototypeGetBuffer(bytes);
  if (ArrayBufferPrototypeGetByteLength(buffer) === TypedArrayPrototypeGetByteLength(bytes)) {
    return buffer;
  }
  return TypedArrayPrototypeGetBuffer(copyOfBytes(bytes));
}

// For parts that are loaded late and see variables as they were then.
export function takeHandedOver() { return handedOver; }

// Sends the stream of a body handed over as kSinkBody, once natives know where the sink leads.
export function fillSink() {
  const stream = handedOverStream;
  handedOverStream = undefined;
  pumpStream(stream, handedOver);
}

// Of several content types, sent as several headers, the last one counts.
function blobTypeOf(header) {
  if (header === undefined) return '';
  return canonicalMimeType(
             StringPrototypeSlice(header, StringPrototypeLastIndexOf(header, ',') + 1)) ??
      '';
}

function ignore() {}

const parseJson = (text) => JSONParse(text);
const decode = (bytes) => decodeUtf8(bytes);

let read;

export class Body {
  #kind;
  #source;
  #used = false;         // a stream knows it itself
  #headers = undefined;  // a Headers object, once a script asked for it
  #seed;                 // what it will be made of: undefined, a message number or a flat list
  #contentType;          // of the body, for as long as the headers do not name one
  #immutable;
  #signal = undefined;  // of the fetch() that got this response: when it fires, the body breaks off

  constructor(key, kind, source, seed, contentType, immutable) {
    if (key !== kInternal) illegalConstructor();
    this.#kind = kind;
    this.#source = source;
    this.#seed = seed;
    this.#contentType = contentType;
    this.#immutable = immutable;
  }

  get body() { return bodyStreamOf(this) ?? null; }
  get bodyUsed() { return isBodyUsed(this); }

  arrayBuffer() { return PromisePrototypeThen(read(this, false), bufferOf); }

  bytes() { return read(this, false); }

  text() { return read(this, true); }

  json() { return PromisePrototypeThen(read(this, true), parseJson); }

  formData() {
    if (!(#kind in this)) return read(this, false);
    const type = headerOf(this, 'content-type');
    return PromisePrototypeThen(read(this, false), (bytes) => formDataFromBytes(bytes, type));
  }

  blob() {
    if (!(#kind in this)) return read(this, false);
    const type = blobTypeOf(headerOf(this, 'content-type'));
    return PromisePrototypeThen(read(this, false), (bytes) => createBlob(bytes, type));
  }

  // Makes the body a stream, if it is none yet.
  #stream() {
    const source = this.#source;
    const kind = this.#kind;
    if (kind === kStreamBody) return source;
    this.#kind = kStreamBody;
    if (this.#used) return this.#source = spentStream();
    if (kind === kMessageBody) {
      const stream = streamOfMessage(source);
      const signal = this.#signal;
      if (signal !== undefined) {
        const abort = (reason) => {
          errorStream(stream, reason);
          natives.bodyCancel(source);
        };
        if (isAborted(signal)) abort(abortReason(signal));
        else addAbortAlgorithm(signal, abort);
      }
      return this.#source = stream;
    }
    return this.#source = streamOfBytes(kind === kStringBody ? encodeUtf8(source) : source);
  }

  #requireUsable() {
    if (isBodyUsed(this)) throw new TypeError(kAlreadyUsed);
    if (this.#kind === kStreamBody && isLocked(this.#source)) throw new TypeError(kLocked);
  }

  // Marks the body used and returns its source.
  #use() {
    const source = this.#source;
    if (this.#kind !== kNoBody) this.#used = true;
    this.#source = undefined;
    return source;
  }

  #read(asText) {
    this.#requireUsable();
    const signal = this.#signal;
    if (signal === undefined || this.#kind === kNoBody) return this.#readAll(asText);
    if (!isAborted(signal)) return untilAborted(signal, this.#readAll(asText), ignore);
    discardBody(this, abortReason(signal));
    throw abortReason(signal);
  }

  #readAll(asText) {
    switch (this.#kind) {
      case kNoBody: return PromiseResolve(asText ? '' : new Uint8Array(0));
      case kStringBody: {
        const string = this.#use();
        return PromiseResolve(asText ? textOfString(string) : encodeUtf8(string));
      }
      case kBytesBody: {
        const bytes = this.#use();
        return PromiseResolve(asText ? decodeUtf8(bytes) : bytes);
      }
      case kMessageBody: {
        const number = this.#use();
        return asText ? textOfMessage(number) : bytesOfMessage(number);
      }
    }
    const untouched = takeUntouched(this.#source);
    if (typeof untouched === 'number') {
      return asText ? textOfMessage(untouched) : bytesOfMessage(untouched);
    }
    const bytes = untouched === undefined ? readStream(this.#source) : PromiseResolve(untouched);
    return asText ? PromisePrototypeThen(bytes, decode) : bytes;
  }

  static {
    read = (message, asText) => {
      try {
        if (!isMessage(message)) illegalInvocation();
        return message.#read(asText);
      } catch (error) {
        return PromiseReject(error);
      }
    };

    isMessage = (value) => typeof value === 'object' && value !== null && #kind in value;

    bodyStreamOf = (message) => (message.#kind === kNoBody ? undefined : message.#stream());

    areHeadersImmutable = (message) => message.#immutable;

    hasBody = (message) => message.#kind !== kNoBody;

    isBodyUsed = (message) =>
        message.#used || (message.#kind === kStreamBody && isDisturbed(message.#source));

    // Gives the body away to natives: returns the kind that they take. After they know a kSinkBody,
    // fillSink() sends it.
    handOverBody = (message) => {
      message.#requireUsable();
      const kind = message.#kind;
      if (kind !== kStreamBody) {
        handedOver = message.#use();
        return kind;
      }
      const stream = message.#source;
      const untouched = takeUntouched(stream);
      if (untouched !== undefined) {
        handedOver = untouched;
        return typeof untouched === 'number' ? kMessageBody : kBytesBody;
      }
      handedOverStream = stream;
      handedOver = natives.openSink(knownLength(stream));
      return kSinkBody;
    };

    // Gives the body away to another message.
    moveBody = (message) => {
      message.#requireUsable();
      const kind = message.#kind;
      if (kind !== kStreamBody) {
        handedOver = message.#use();
        return kind;
      }
      const untouched = takeUntouched(message.#source);
      if (untouched !== undefined) {
        handedOver = untouched;
        return typeof untouched === 'number' ? kMessageBody : kBytesBody;
      }
      message.#kind = kBytesBody;  // a used one: the stream now belongs to the other message
      handedOver = message.#use();
      return kStreamBody;
    };

    // Makes a second body of the same bytes.
    cloneBody = (message) => {
      message.#requireUsable();
      const kind = message.#kind;
      switch (kind) {
        case kNoBody:
        case kStringBody: handedOver = message.#source; return kind;
        case kBytesBody: handedOver = copyOfBytes(message.#source); return kind;
      }
      const branches = cloneStream(message.#stream());
      message.#source = branches[0];
      handedOver = branches[1];
      return kStreamBody;
    };

    headersOf = (message) => {
      if (message.#headers !== undefined) return message.#headers;
      const seed = message.#seed;
      const type = message.#contentType;
      if (typeof seed === 'number' && type === undefined) {
        message.#headers = headersOfMessage(seed, message.#immutable);
      } else {
        const list = typeof seed === 'number' ? natives.messageHeaders(seed) : seed ?? [];
        if (type !== undefined && valueInList(list, 'content-type') === null) {
          list[list.length] = 'content-type';
          list[list.length] = type;
        }
        message.#headers = headersOfList(list, message.#immutable);
      }
      message.#seed = undefined;
      return message.#headers;
    };

    headersToWire = (message) =>
        (message.#headers === undefined ? message.#seed : wireOfHeaders(message.#headers));

    contentTypeToWire = (message) =>
        (message.#headers === undefined ? message.#contentType : undefined);

    // The value of a header, or undefined. `name` is in lower case.
    headerOf = (message, name) => {
      const wire = headersToWire(message);
      const value = typeof wire === 'number' ? natives.messageHeader(wire, name) :
          wire === undefined                 ? null :
                                               valueInList(wire, name);
      return value ?? (name === 'content-type' ? contentTypeToWire(message) : undefined);
    };

    // Frees the body of a message that nobody will read.
    discardBody = (message, reason) => {
      if (message.#kind === kStreamBody) {
        if (!isLocked(message.#source)) cancelStream(message.#source, reason);
        return;
      }
      if (message.#kind === kMessageBody && !message.#used) natives.bodyCancel(message.#source);
      message.#use();
    };

    setBodySignal = (message, signal) => {
      message.#signal = signal;
    };

    // The headers for a copy of the message: undefined, a message number or a fresh list.
    // contentTypeToWire() belongs to it.
    copyHeaderSeed = (message) => {
      if (message.#headers !== undefined) return cloneHeaderSource(message.#headers);
      const seed = message.#seed;
      return typeof seed === 'object' ? copyOfList(seed) : seed;
    };
  }
}
defineInterface(Body, 'Body');
