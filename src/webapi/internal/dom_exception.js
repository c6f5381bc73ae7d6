// https://webidl.spec.whatwg.org/#idl-DOMException. Instances are real errors: they carry a stack
// and Error.isError() holds.
import {Error, ObjectDefineProperty, RangeError} from './primordials.js';
import {
  defineConstants, defineInterface, illegalInvocation, toDictionary, toDOMString, toDouble,
} from './webidl.js';

const kNames = [
  'IndexSizeError', '', 'HierarchyRequestError', 'WrongDocumentError', 'InvalidCharacterError', '',
  'NoModificationAllowedError', 'NotFoundError', 'NotSupportedError', 'InUseAttributeError',
  'InvalidStateError', 'SyntaxError', 'InvalidModificationError', 'NamespaceError',
  'InvalidAccessError', '', 'TypeMismatchError', 'SecurityError', 'NetworkError', 'AbortError',
  'URLMismatchError', 'QuotaExceededError', 'TimeoutError', 'InvalidNodeTypeError',
  'DataCloneError',
];

const kConstants = [
  'INDEX_SIZE_ERR', 'DOMSTRING_SIZE_ERR', 'HIERARCHY_REQUEST_ERR', 'WRONG_DOCUMENT_ERR',
  'INVALID_CHARACTER_ERR', 'NO_DATA_ALLOWED_ERR', 'NO_MODIFICATION_ALLOWED_ERR', 'NOT_FOUND_ERR',
  'NOT_SUPPORTED_ERR', 'INUSE_ATTRIBUTE_ERR', 'INVALID_STATE_ERR', 'SYNTAX_ERR',
  'INVALID_MODIFICATION_ERR', 'NAMESPACE_ERR', 'INVALID_ACCESS_ERR', 'VALIDATION_ERR',
  'TYPE_MISMATCH_ERR', 'SECURITY_ERR', 'NETWORK_ERR', 'ABORT_ERR', 'URL_MISMATCH_ERR',
  'QUOTA_EXCEEDED_ERR', 'TIMEOUT_ERR', 'INVALID_NODE_TYPE_ERR', 'DATA_CLONE_ERR',
];

export let isDOMException;

export class DOMException extends Error {
  #name = 'Error';
  #message = '';

  constructor(message = '', options = 'Error') {
    message = toDOMString(message);
    super(message);  // V8 remembers it for the first line of the stack
    delete this.message;  // the attribute is the prototype's
    this.#message = message;
    if (typeof options === 'object' && options !== null) {  // Node's form, {name, cause}
      const {name} = options;
      if (name !== undefined) this.#name = toDOMString(name);
      if ('cause' in options) {
        ObjectDefineProperty(this, 'cause', {
          __proto__: null, value: options.cause, writable: true, enumerable: false,
          configurable: true,
        });
      }
    } else {
      this.#name = toDOMString(options);
    }
  }

  get name() {
    if (!(#name in this)) illegalInvocation();
    return this.#name;
  }

  get message() {
    if (!(#name in this)) illegalInvocation();
    return this.#message;
  }

  get code() {
    if (!(#name in this)) illegalInvocation();
    const name = this.#name;
    for (let i = 0; i < kNames.length; i++) {
      if (kNames[i] === name && name !== '') return i + 1;
    }
    return 0;
  }

  static {
    isDOMException = (value) => typeof value === 'object' && value !== null && #name in value;
  }
}

{
  const codes = [];
  for (let i = 0; i < kConstants.length; i++) codes[i] = i + 1;
  defineConstants(DOMException, kConstants, codes);
}
defineInterface(DOMException, 'DOMException');

export class QuotaExceededError extends DOMException {
  #quota = null;
  #requested = null;

  constructor(message = '', options = undefined) {
    super(message, 'QuotaExceededError');
    const {quota, requested} = toDictionary(options, 'QuotaExceededErrorOptions');
    if (quota !== undefined) {
      this.#quota = toDouble(quota);
      if (this.#quota < 0) throw new RangeError('quota must not be negative.');
    }
    if (requested !== undefined) {
      this.#requested = toDouble(requested);
      if (this.#requested < 0) throw new RangeError('requested must not be negative.');
      if (this.#quota !== null && this.#requested < this.#quota) {
        throw new RangeError('requested must not be less than quota.');
      }
    }
  }

  get quota() {
    if (!(#quota in this)) illegalInvocation();
    return this.#quota;
  }

  get requested() {
    if (!(#quota in this)) illegalInvocation();
    return this.#requested;
  }
}
defineInterface(QuotaExceededError, 'QuotaExceededError');

// For the built-ins, which do without this part as long as nothing goes wrong.
export function createDOMException(message, name) { return new DOMException(message, name); }

// The standard class of a well known name, for errors that come back over a border as {name,
// message}.
export function errorOfName(name, message) {
  if (name === 'QuotaExceededError') return new QuotaExceededError(message);
  for (let i = 0; i < kNames.length; i++) {
    if (kNames[i] === name && name !== 'SyntaxError' && name !== '') {
      return new DOMException(message, name);
    }
  }
  return undefined;
}
