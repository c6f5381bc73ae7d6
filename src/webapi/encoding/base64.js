// https://html.spec.whatwg.org/#atob
import {requireArguments, toDOMString} from '../internal/webidl.js';
import {createDOMException} from '../internal/dom_exception.js';

export function atob(data) {
  requireArguments(arguments.length, 1, 'atob');
  const binary = natives.base64Decode(toDOMString(data));
  if (binary === undefined) {
    const message = 'atob() called with invalid base64-encoded data.';
    throw createDOMException(message, 'InvalidCharacterError');
  }
  return binary;
}

export function btoa(data) {
  requireArguments(arguments.length, 1, 'btoa');
  const base64 = natives.base64Encode(toDOMString(data));
  if (base64 === undefined) {
    const message = 'btoa() can only operate on characters in the Latin1 (ISO/IEC 8859-1) range.';
    throw createDOMException(message, 'InvalidCharacterError');
  }
  return base64;
}
