// https://html.spec.whatwg.org/#dom-structuredclone, and the wire form in which values travel
// between Workers.
import {
  Error, ObjectDefineProperty, ObjectGetPrototypeOf, ObjectKeys, ObjectPrototypeHasOwnProperty, TypeError,
} from '../internal/primordials.js';
import {behaviours} from '../internal/behaviours.js';
import {makeError} from '../internal/make_error.js';
import {describeException} from '../internal/report.js';
import {
  isArrayBuffer, isObject, isPlatformPrototype, requireArguments, toDictionary, toSequence,
} from '../internal/webidl.js';
import {createDOMException, isDOMException} from '../internal/dom_exception.js';
import {copyOfBytes} from '../internal/bytes.js';
import {
  blobBytes, blobType, createBlob, createFile, fileLastModified, fileName, isBlob, isFile,
} from '../blob/blob.js';
import {hasBody, headersOf} from '../fetch/body.js';
import {cloneHeaderSource, headersOfList, isHeaders} from '../fetch/headers.js';
import {isRequest, kManual, Request, requestMethod, requestRedirect, requestUrl} from '../fetch/request.js';

// What an error has that the standard's clone of it has not.
function hasMore(error) {
  const names = ObjectKeys(error);
  for (let i = 0; i < names.length; i++) {
    if (names[i] !== 'message' && names[i] !== 'stack' && names[i] !== 'cause') return true;
  }
  return false;
}

function isPlatformObject(object) {
  if (behaviours.enhancedErrors && object instanceof Error && hasMore(object)) return true;
  for (let at = ObjectGetPrototypeOf(object); at !== null; at = ObjectGetPrototypeOf(at)) {
    if (isPlatformPrototype(at)) return true;
  }
  return false;
}

function makeCloneError(message) {
  return createDOMException(message, 'DataCloneError');
}

function listOf(headers) {
  const source = cloneHeaderSource(headers);
  return typeof source === 'number' ? natives.messageHeaders(source) : source;
}

function writeError(error) {
  const {name, message, stack} = describeException(error);
  const members = {__proto__: null};
  const names = ObjectKeys(error);
  for (let i = 0; i < names.length; i++) {
    if (names[i] !== 'message' && names[i] !== 'stack') members[names[i]] = error[names[i]];
  }
  const hasCause = ObjectPrototypeHasOwnProperty(error, 'cause') && !('cause' in members);
  return ['Error', name, message, stack, members, hasCause, hasCause ? error.cause : undefined];
}

function readError(plain) {
  const error = makeError(plain[1], plain[2], plain[3]);
  const members = plain[4];
  const names = ObjectKeys(members);
  const define = (name, value, enumerable) => {
    ObjectDefineProperty(error, name, {__proto__: null, value, writable: true, enumerable, configurable: true});
  };
  for (let i = 0; i < names.length; i++) define(names[i], members[names[i]], true);
  if (plain[5]) define('cause', plain[6], false);
  return error;
}

// What a platform object becomes: its kind and what read() makes it from.
function write(object) {
  if (isDOMException(object)) return ['DOMException', object.name, object.message, object.stack];
  if (object instanceof Error) return writeError(object);
  if (isFile(object)) {
    return ['File', copyOfBytes(blobBytes(object)), blobType(object), fileName(object), fileLastModified(object)];
  }
  if (isBlob(object)) return ['Blob', copyOfBytes(blobBytes(object)), blobType(object)];
  if (isHeaders(object)) return ['Headers', listOf(object)];
  if (isRequest(object) && !hasBody(object)) {
    return ['Request', requestUrl(object), requestMethod(object), requestRedirect(object) === kManual, listOf(headersOf(object))];
  }
  const {constructor} = object;
  const name = typeof constructor === 'function' ? constructor.name : 'object';
  throw makeCloneError(`Could not serialize object of type "${name}". This type does not support serialization.`);
}

function read(plain) {
  switch (plain[0]) {
    case 'DOMException': return readException(plain);
    case 'Error': return readError(plain);
    case 'File': return createFile(plain[1], plain[3], plain[2], plain[4]);
    case 'Blob': return createBlob(plain[1], plain[2]);
    case 'Headers': return headersOfList(plain[1], false);
    case 'Request': return new Request(plain[1], {
      __proto__: null, method: plain[2], redirect: plain[3] ? 'manual' : 'follow', headers: headersOfList(plain[4], false),
    });
  }
  return undefined;
}

function readException(plain) {
  const exception = createDOMException(plain[2], plain[1]);
  ObjectDefineProperty(exception, 'stack', {
    __proto__: null, value: plain[3], writable: true, enumerable: false, configurable: true,
  });
  return exception;
}

// In the order that structured_clone_no_rtti.cc expects.
const hooks = [isPlatformObject, write, read, makeCloneError];

function readTransfer(value) {
  const buffers = toSequence(value, (item) => {
    if (!isObject(item)) {
      throw new TypeError('structuredClone: an element of transfer is not an object.');
    }
    if (!isArrayBuffer(item)) throw makeCloneError('An element of transfer is not transferable.');
    return item;
  }, 'structuredClone: transfer');
  for (let i = 1; i < buffers.length; i++) {
    for (let j = 0; j < i; j++) {
      if (buffers[i] === buffers[j]) throw makeCloneError('An ArrayBuffer stands twice in transfer.');
    }
  }
  return buffers;
}

export function structuredClone(value, options = undefined) {
  requireArguments(arguments.length, 1, 'structuredClone');
  const {transfer} = toDictionary(options, 'StructuredSerializeOptions');
  const buffers = transfer === undefined ? undefined : readTransfer(transfer);
  return natives.structuredClone(value, buffers, hooks);
}

// For other built-ins: a value as bytes (Uint8Array) that deserialize() in another isolate
// understands. Throws a DataCloneError.
export function serialize(value) {
  return natives.serialize(value, hooks);
}

export function deserialize(bytes) {
  return natives.deserialize(bytes, hooks);
}
