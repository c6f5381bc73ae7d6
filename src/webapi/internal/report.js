// What happens to an exception that nobody caught:
// https://html.spec.whatwg.org/#report-the-exception
import {Error, ObjectPrototypeToString} from './primordials.js';
import {isObject} from './webidl.js';

// {name, message, stack} of anything that can be thrown. Never throws, whatever the value's getters
// do.
export function describeException(value) {
  try {
    if (value instanceof Error) {
      const {name, message, stack} = value;
      return {
        name: typeof name === 'string' ? name : 'Error',
        message: typeof message === 'string' ? message : '',
        stack: typeof stack === 'string' ? stack : undefined,
      };
    }
    if (isObject(value)) {
      const {message} = value;
      return {
        name: 'Error',
        message: typeof message === 'string' ? message : ObjectPrototypeToString(value),
        stack: undefined,
      };
    }
    const message = typeof value === 'symbol' ? 'symbol' : `${value}`;
    return {name: 'Error', message, stack: undefined};
  } catch {
    return {name: 'Error', message: 'exception that cannot be described', stack: undefined};
  }
}

// Set by events/: fires an ErrorEvent at the global scope, returns whether a listener called
// preventDefault().
let fireErrorEvent = null;
let reporting = false;

export function setErrorEventFirer(fire) {
  fireErrorEvent = fire;
}

let receiver = null;

// Runs `action`; exceptions that it would report meanwhile go to `receive` instead.
export function divertExceptions(receive, action) {
  const before = receiver;
  receiver = receive;
  try {
    action();
  } finally {
    receiver = before;
  }
}

export function reportException(value) {
  if (receiver !== null) {
    receiver(value);
    return;
  }
  // An error listener's own exception is logged, not fired again.
  if (fireErrorEvent !== null && !reporting) {
    reporting = true;
    try {
      if (fireErrorEvent(value)) return;
    } finally {
      reporting = false;
    }
  }
  const {name, message, stack} = describeException(value);
  natives.reportException(name, message, stack);
}
