// https://html.spec.whatwg.org/#dom-structuredclone, and the wire form in which values travel
// between Workers.
import {ObjectDefineProperty, ObjectGetPrototypeOf, TypeError} from '../internal/primordials.js';
import {
  isArrayBuffer, isObject, isPlatformPrototype, requireArguments, toDictionary, toSequence,
} from '../internal/webidl.js';
import {DOMException, isDOMException} from '../internal/dom_exception.js';

function isPlatformObject(object) {
  for (let at = ObjectGetPrototypeOf(object); at !== null; at = ObjectGetPrototypeOf(at)) {
    if (isPlatformPrototype(at)) return true;
  }
  return false;
}

function makeError(message) {
  return new DOMException(message, 'DataCloneError');
}

function write(object) {
  if (isDOMException(object)) return [object.name, object.message, object.stack];
  const {constructor} = object;
  const name = typeof constructor === 'function' ? constructor.name : 'object';
  throw makeError(`${name} object could not be cloned.`);
}

function read(plain) {
  const exception = new DOMException(plain[1], plain[0]);
  ObjectDefineProperty(exception, 'stack', {
    __proto__: null, value: plain[2], writable: true, enumerable: false, configurable: true,
  });
  return exception;
}

// In the order that structured_clone_no_rtti.cc expects.
const hooks = [isPlatformObject, write, read, makeError];

function readTransfer(value) {
  const buffers = toSequence(value, (item) => {
    if (!isObject(item)) {
      throw new TypeError('structuredClone: an element of transfer is not an object.');
    }
    if (!isArrayBuffer(item)) throw makeError('An element of transfer is not transferable.');
    return item;
  }, 'structuredClone: transfer');
  for (let i = 1; i < buffers.length; i++) {
    for (let j = 0; j < i; j++) {
      if (buffers[i] === buffers[j]) throw makeError('An ArrayBuffer stands twice in transfer.');
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
