// Errors that cross from one Worker to another: their name and message, and the properties that
// scripts gave them, as far as those can be cloned. The stack stays at home.
import {Error, ErrorCaptureStackTrace, ObjectDefineProperty, ObjectKeys} from '../internal/primordials.js';
import {describeException} from '../internal/report.js';
import {isObject} from '../internal/webidl.js';
import {makeError} from '../internal/make_error.js';
import {deserialize, serialize} from '../structured_clone/structured_clone.js';
import {behaviours} from '../internal/behaviours.js';

// The enumerable own properties of an error; those that every error has are left out.
export function ownProperties(error) {
  const properties = {__proto__: null};
  const names = ObjectKeys(error);
  let any = false;
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    if (name === 'message' || name === 'stack') continue;
    properties[name] = error[name];
    any = true;
  }
  return any ? properties : undefined;
}

export function addProperties(error, properties) {
  const names = ObjectKeys(properties);
  for (let i = 0; i < names.length; i++) {
    ObjectDefineProperty(error, names[i], {
      __proto__: null, value: properties[names[i]], writable: true, enumerable: true, configurable: true,
    });
  }
}

// {thrown} for an object that is no error, {properties} for an error that has some, in wire form.
function detailsOf(reason) {
  if (!isObject(reason)) return undefined;
  try {
    if (!(reason instanceof Error)) {
      return serialize({__proto__: null, isError: false, thrown: reason});
    }
    if (!behaviours.enhancedErrors) return undefined;
    const properties = ownProperties(reason);
    if (properties === undefined) return undefined;
    return serialize({__proto__: null, isError: true, properties});
  } catch {
    return undefined;  // the error itself is more important than what hangs on it
  }
}

export function abortInvocation(reason) {
  const error = reason === undefined ?
      new Error('The execution context was aborted. No reason was given.') :
      reason;
  const {name, message, stack} = describeException(error);
  natives.abortInvocation(name, message, stack, detailsOf(error));
}

export function sendFailure(call, reason) {
  const {name, message, stack} = describeException(reason);
  natives.rpcThrow(call, name, message, stack, detailsOf(reason));
}

// Throws what `failure` describes: [name, message, details], as natives reject with. To be used as a
// reaction of a promise: the stack of the error is then that of the code which waits for it.
export function throwFromWire(failure) {
  const error = errorFromWire(failure);
  if (error instanceof Error) ErrorCaptureStackTrace(error, throwFromWire);
  throw error;
}

function errorFromWire(failure) {
  const bytes = failure[2];
  let details;
  if (bytes !== undefined) {
    try {
      details = deserialize(bytes);
    } catch {
      details = undefined;
    }
  }
  if (isObject(details) && details.isError === false && isObject(details.thrown)) {
    details.thrown.remote = true;
    return details.thrown;
  }
  const error = makeError(failure[0], failure[1], undefined);
  if (isObject(details) && isObject(details.properties)) addProperties(error, details.properties);
  error.remote = true;
  return error;
}
