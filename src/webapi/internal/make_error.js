// Errors that come from C++ or from another isolate as {name, message, stack}.
import {
  Error, EvalError, ObjectDefineProperty, RangeError, ReferenceError, SyntaxError, TypeError, URIError,
} from './primordials.js';
import {errorOfName} from './dom_exception.js';

function define(error, key, value) {
  ObjectDefineProperty(
      error, key, {__proto__: null, value, writable: true, enumerable: false, configurable: true});
}

function ofClass(name, message) {
  switch (name) {
    case 'Error': return new Error(message);
    case 'EvalError': return new EvalError(message);
    case 'RangeError': return new RangeError(message);
    case 'ReferenceError': return new ReferenceError(message);
    case 'SyntaxError': return new SyntaxError(message);
    case 'TypeError': return new TypeError(message);
    case 'URIError': return new URIError(message);
  }
  return errorOfName(name, message);
}

// An error of the standard class `name`, or an Error that bears another name.
export function makeError(name, message, stack) {
  let error = ofClass(name, message);
  if (error === undefined) {
    error = new Error(message);
    define(error, 'name', name);
  }
  if (stack !== undefined) define(error, 'stack', stack);
  return error;
}
