// Objects of the Web APIs in messages.
import {
  Error, JSONParse, JSONStringify, ObjectPrototypeHasOwnProperty, PromisePrototypeThen, PromiseWithResolvers, TypeError,
} from '../internal/primordials.js';
import {createDOMException, isDOMException} from '../internal/dom_exception.js';
import {
  abortReason, addAbortAlgorithm, createAbortSignal, isAborted, isAbortSignal, signalAbort,
} from '../events/abort_signal.js';
import {blobBytes, blobType, createBlob, createFile, fileName, isBlob, isFile} from '../blob/blob.js';
import {copyOfBytes} from '../internal/bytes.js';
import {describeException} from '../internal/report.js';
import {makeError} from '../internal/make_error.js';
import {
  fillSink, handOverBody, hasBody, headersOf, kMessageBody, kSinkBody, kStringBody,
  takeHandedOver,
} from '../fetch/body.js';
import {
  isLocked, isReadableStream, knownLength, pumpStream, streamOfRemote, takeUntouched,
  takeUntouchedMessage,
} from '../fetch/body_stream.js';
import {copyOfList, headersOfList, isHeaders, listOfHeaders} from '../fetch/headers.js';
import {
  isRequest, kManual, Request, requestCf, requestMethod, requestRedirect, requestSignal, requestUrl,
} from '../fetch/request.js';
import {createErrorResponse, isResponse, Response, responseParts} from '../fetch/response.js';
import {encodeUtf8} from '../internal/utf8.js';
import {
  createRemoteWritable, isWritableLocked, isWritableStream, pipeFromRemote,
} from '../streams/remote.js';
import {describeSocket, giveSocket, isSocket, receivedSocket} from '../sockets/socket.js';
import {addProperties, ownProperties} from './errors.js';
import {Entry, kOwnMembers} from './entry.js';
import {
  cannotClone, kCapability, kEntry, kMessage, kReceivedBody, kSink, kSinkToFill, kSocketGiven,
  kSocketReceived, kWriter, readMessage,
} from './message.js';
import {behaviours} from '../internal/behaviours.js';

const kErrorTag = 10;
const kExceptionTag = 11;
const kReadableTag = 12;
const kWritableTag = 13;
const kHeadersTag = 14;
const kRequestTag = 15;
const kResponseTag = 16;
const kSignalTag = 17;
const kBlobTag = 18;
const kFileTag = 19;
const kSocketTag = 20;

// A list for the message, or undefined if nothing is known about the object.
export function writeHostObject(object, writer) {
  if (isDOMException(object)) return [kExceptionTag, object.name, object.message, object.stack];
  if (object instanceof Error) return writeError(object);
  if (isReadableStream(object)) return [kReadableTag, writeReadable(object, writer)];
  if (isWritableStream(object)) return [kWritableTag, writeWritable(object, writer)];
  if (isHeaders(object)) return [kHeadersTag, copyOfList(listOfHeaders(object))];
  if (isRequest(object)) return writeRequest(object, writer);
  if (isResponse(object)) return writeResponse(object, writer);
  if (isAbortSignal(object)) return writeSignal(object, writer);
  if (isFile(object)) {
    return [
      kFileTag, copyOfBytes(blobBytes(object)), blobType(object), fileName(object),
      object.lastModified,
    ];
  }
  if (isBlob(object)) return [kBlobTag, copyOfBytes(blobBytes(object)), blobType(object)];
  if (isSocket(object)) {
    const description = describeSocket(object);
    return [kSocketTag, description, writer.addLater(() => [kSocketGiven, giveSocket(object)])];
  }
  return undefined;
}

export function readHostObject(plain, reader) {
  switch (plain[0]) {
    case kErrorTag: return readError(plain);
    case kExceptionTag: return makeError(plain[1], plain[2], plain[3]);
    case kReadableTag: return streamOfRemote(reader.take(plain[1], kMessage));
    case kWritableTag: return createRemoteWritable(reader.take(plain[1], kSink));
    case kHeadersTag: return headersOfList(plain[1], false);
    case kRequestTag: return readRequest(plain, reader);
    case kResponseTag: return readResponse(plain, reader);
    case kSignalTag: return readSignal(plain, reader);
    case kBlobTag: return createBlob(plain[1], plain[2]);
    case kSocketTag: return receivedSocket(reader.take(plain[2], kSocketReceived), plain[1]);
    case kFileTag: return createFile(plain[1], plain[3], plain[2], plain[4]);
  }
  throw createDOMException('The message holds an object of an unknown type.', 'DataCloneError');
}

function writeError(error) {
  const {name, message, stack} = describeException(error);
  const hasCause = ObjectPrototypeHasOwnProperty(error, 'cause');
  return [
    kErrorTag, name, message, behaviours.enhancedErrors ? undefined : stack, hasCause,
    hasCause ? error.cause : undefined,
    behaviours.enhancedErrors ? ownProperties(error) : undefined,
  ];
}

function readError(plain) {
  const error = makeError(plain[1], plain[2], plain[3]);
  if (plain[4]) error.cause = plain[5];
  if (plain[6] !== undefined) addProperties(error, plain[6]);
  return error;
}

// ---- Streams

function writeReadable(stream, writer) {
  if (isLocked(stream)) throw new TypeError('The ReadableStream has been locked to a reader.');
  return writer.addLater(() => {
    const message = takeUntouchedMessage(stream);
    if (message !== undefined) return [kReceivedBody, message];
    const untouched = takeUntouched(stream);
    if (untouched !== undefined) return bytesInSink(untouched, writer);
    const sink = natives.openSink(knownLength(stream));
    writer.whenSent(() => { pumpStream(stream, sink); });
    return [kSinkToFill, sink];
  });
}

function bytesInSink(bytes, writer) {
  const sink = natives.openSink(-1);
  writer.whenSent(() => {
    natives.sinkWrite(sink, bytes);
    natives.sinkClose(sink);
  });
  return [kSinkToFill, sink];
}

function writeWritable(stream, writer) {
  if (isWritableLocked(stream)) {
    throw new TypeError('The WritableStream has been locked to a writer.');
  }
  return writer.addLater(() => {
    const opened = natives.rpcOpenWriter();
    writer.whenSent(() => { pipeFromRemote(opened[0], opened[1], stream); });
    return [kWriter, opened[1]];
  });
}

// ---- Requests and responses

function writeBody(message, writer) {
  if (!hasBody(message)) return -1;
  return writer.addLater(() => {
    const kind = handOverBody(message);
    const source = takeHandedOver();
    if (kind === kMessageBody) return [kReceivedBody, source];
    if (kind !== kSinkBody) {
      return bytesInSink(kind === kStringBody ? encodeUtf8(source) : source, writer);
    }
    fillSink();
    return [kSinkToFill, source];
  });
}

function readBody(place, reader) {
  return place === -1 ? null : streamOfRemote(reader.take(place, kMessage));
}

function writeRequest(request, writer) {
  const signal = requestSignal(request);
  return [
    kRequestTag, requestMethod(request), requestUrl(request), requestRedirect(request),
    copyOfList(listOfHeaders(headersOf(request))), writeBody(request, writer), requestCf(request),
    signal === undefined ? undefined : writeSignal(signal, writer),
  ];
}

function readRequest(plain, reader) {
  const cf = plain[6];
  const init = {
    __proto__: null,
    method: plain[1],
    redirect: plain[3] === kManual ? 'manual' : 'follow',
    headers: headersOfList(plain[4], false),
    body: readBody(plain[5], reader),
  };
  if (cf !== undefined) init.cf = JSONParse(cf);
  if (plain[7] !== undefined) init.signal = readSignal(plain[7], reader);
  return new Request(plain[2], init);
}

function writeResponse(response, writer) {
  const {status, statusText, cf, isEncoded} = responseParts(response);
  if (status === 101) throw cannotClone('WebSocket');
  return [
    kResponseTag, status, statusText, copyOfList(listOfHeaders(headersOf(response))),
    writeBody(response, writer), cf === undefined ? undefined : JSONStringify(cf), isEncoded,
  ];
}

function readResponse(plain, reader) {
  if (plain[1] === 0) return createErrorResponse();
  const init = {
    __proto__: null,
    status: plain[1],
    statusText: plain[2],
    headers: headersOfList(plain[3], false),
    encodeBody: plain[6] ? 'manual' : 'automatic',
  };
  if (plain[5] !== undefined) init.cf = JSONParse(plain[5]);
  return new Response(readBody(plain[4], reader), init);
}

// ---- Abort signals

// The receiver asks this object once and gets its answer when the signal fires.
class AbortSource {
  constructor(signal) {
    const {promise, resolve} = PromiseWithResolvers();
    addAbortAlgorithm(signal, resolve);
    this.wait = () => promise;
  }
}

function writeSignal(signal, writer) {
  if (isAborted(signal)) return [kSignalTag, true, abortReason(signal), -1];
  return [
    kSignalTag, false, undefined,
    writer.addLater(() => [kEntry, new Entry(new AbortSource(signal), kOwnMembers)]),
  ];
}

function readSignal(plain, reader) {
  const signal = createAbortSignal();
  if (plain[1]) {
    signalAbort(signal, plain[2]);
    return signal;
  }
  const number = reader.take(plain[3], kCapability);
  const call = natives.rpcCall(false, number, ['wait'], false, undefined, undefined, true);
  natives.rpcDispose(call[1]);
  PromisePrototypeThen(call[0], (answer) => {
    natives.rpcDispose(number);
    signalAbort(signal, readMessage(answer[0][0], answer[0][1]).value);
  }, () => natives.rpcDispose(number));
  return signal;
}
