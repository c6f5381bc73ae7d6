// What happens to an exception that nobody caught:
// https://html.spec.whatwg.org/#report-the-exception
import {
  Error, ErrorCaptureStackTrace, ObjectPrototypeToString, RegExpPrototypeExec, StringPrototypeSlice,
  StringPrototypeSplit, StringPrototypeStartsWith,
} from './primordials.js';
import {isObject} from './webidl.js';

// In code units. What goes into logs, error pages and callers' isolates must not cost them what it cost to throw.
const kLongest = 32768;

function shortened(text) {
  return text.length <= kLongest ? text : `${StringPrototypeSlice(text, 0, kLongest)}...`;
}

// {name, message, stack} of anything that can be thrown, each of bounded length. Never throws, whatever the value's
// getters do.
export function describeException(value) {
  try {
    if (value instanceof Error) {
      const {name, message} = value;
      // A stack repeats the message; to format a huge one takes the engine longer than it can be stopped.
      const stack = typeof message === 'string' && message.length > kLongest ? undefined : value.stack;
      return {
        name: typeof name === 'string' ? shortened(name) : 'Error',
        message: typeof message === 'string' ? shortened(message) : '',
        stack: typeof stack === 'string' ? shortened(stack) : undefined,
      };
    }
    if (isObject(value)) {
      const {message} = value;
      return {
        name: 'Error',
        message: shortened(typeof message === 'string' ? message : ObjectPrototypeToString(value)),
        stack: undefined,
      };
    }
    const message = typeof value === 'symbol' ? 'symbol' : shortened(`${value}`);
    return {name: 'Error', message, stack: undefined};
  } catch {
    return {name: 'Error', message: 'exception that cannot be described', stack: undefined};
  }
}

// What an ErrorEvent says of the value, in V8's words.
export function messageOf(value) {
  if (isObject(value) && !(value instanceof Error)) return 'Uncaught #<Object>';
  const {name, message} = describeException(value);
  if (!(value instanceof Error)) return `Uncaught ${message}`;
  return message === '' ? `Uncaught ${name}` : `Uncaught ${name}: ${message}`;
}

const kFrame = /^ +at (?:.* \()?(.+):(\d+):(\d+)\)?$/;

// Where an error was made; for other values, where the script is now. {filename, lineno, colno} with a colno from zero.
export function placeOf(value) {
  let {stack} = describeException(value);
  if (stack === undefined) {
    const here = {__proto__: null, stack: undefined};
    ErrorCaptureStackTrace(here);
    stack = typeof here.stack === 'string' ? here.stack : '';
  }
  const lines = StringPrototypeSplit(stack, '\n');
  for (let i = 0; i < lines.length; i++) {
    const match = RegExpPrototypeExec(kFrame, lines[i]);
    if (match === null || StringPrototypeStartsWith(match[1], 'atoll:')) continue;
    return {__proto__: null, filename: match[1], lineno: +match[2], colno: match[3] - 1};
  }
  return {__proto__: null, filename: '', lineno: 0, colno: 0};
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
