// https://fetch.spec.whatwg.org/#bodyinit-unions: the body of a message under construction, out of
// what a script gave.
import {
  ArrayBufferIsView, ArrayIsArray, Object, String, SymbolAsyncIterator, SymbolIterator,
  SymbolToPrimitive, TypeError,
} from '../internal/primordials.js';
import {behaviours} from '../internal/behaviours.js';
import {isArrayBuffer, toDOMString} from '../internal/webidl.js';
import {copyOfBytes} from '../internal/bytes.js';
import {blobBytes, blobType, isBlob} from '../blob/blob.js';
import {isFormData} from '../formdata/form_data.js';
import {encodeFormData, makeBoundary} from '../formdata/multipart_writer.js';
import {isURLSearchParams, searchParamsText} from '../url/url_search_params.js';
import {isReadableStream, isDisturbed, isLocked, readableFrom} from './body_stream.js';
import {kBytesBody, kNoBody, kStreamBody, kStringBody} from './body.js';


// More results of extractBody(), which returns the kind.
export let extracted, extractedType;

// Scripts may not make bodies before their first request.
let inGlobalScope = true;

export function setGlobalScope(value) { inGlobalScope = value; }

// Whether an object is a body of chunks. One that makes a text of itself in a way of its own is
// that text, unless it is an array.
function isIterable(init) {
  if (init instanceof String) return false;
  if (typeof init[SymbolAsyncIterator] === 'function') return true;
  if (behaviours.iterablesMayBeTexts && !ArrayIsArray(init) &&
      (init.toString !== Object.prototype.toString || init[SymbolToPrimitive] !== undefined)) {
    return false;
  }
  return typeof init[SymbolIterator] === 'function';
}

function extractObject(init) {
  extractedType = undefined;
  if (isReadableStream(init)) {
    if (isDisturbed(init)) {
      throw new TypeError(
          'This ReadableStream is disturbed (has already been read from), and cannot be used as a body.');
    }
    if (isLocked(init)) {
      throw new TypeError(
          'This ReadableStream is locked to a reader, and cannot be used as a body.');
    }
    extracted = init;
    return kStreamBody;
  }
  if (ArrayBufferIsView(init)) {
    extracted = copyOfBytes(init);
    return kBytesBody;
  }
  if (isBlob(init)) {
    const type = blobType(init);
    extracted = copyOfBytes(blobBytes(init));
    extractedType = type === '' ? undefined : type;
    return kBytesBody;
  }
  if (isFormData(init)) {
    const boundary = makeBoundary();
    extracted = encodeFormData(init, boundary);
    extractedType = `multipart/form-data; boundary=${boundary}`;
    return kBytesBody;
  }
  if (isURLSearchParams(init)) {
    extracted = searchParamsText(init);
    extractedType = 'application/x-www-form-urlencoded;charset=UTF-8';
    return kStringBody;
  }
  if (isArrayBuffer(init)) {
    extracted = copyOfBytes(init);
    return kBytesBody;
  }
  if (behaviours.iterablesAreBodies && isIterable(init)) {
    const stream = readableFrom(init);  // runs the script's code, which may make bodies, too
    extracted = stream;
    extractedType = undefined;
    return kStreamBody;
  }
  return extractString(toDOMString(init));
}

function extractString(string) {
  extracted = string;
  extractedType = 'text/plain;charset=UTF-8';
  return kStringBody;
}

export function extractBody(init) {
  if (init === undefined || init === null) {
    extracted = undefined;
    extractedType = undefined;
    return kNoBody;
  }
  if (inGlobalScope && !isReadableStream(init)) natives.requireInvocation();
  if (typeof init === 'string') return extractString(init);
  return typeof init === 'object' || typeof init === 'function' ? extractObject(init) :
                                                                  extractString(toDOMString(init));
}
