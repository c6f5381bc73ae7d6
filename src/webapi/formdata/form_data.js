// https://xhr.spec.whatwg.org/#interface-formdata
import {
  ArrayPrototypePush, ArrayPrototypeSplice, DateNow, TypeError,
} from '../internal/primordials.js';
import {
  defineInterface, illegalInvocation, requireArguments, toUSVString,
} from '../internal/webidl.js';
import {definePairIterable} from '../internal/pair_iterator.js';
import {blobBytes, blobType, createFile, fileName, isBlob, isFile} from '../blob/blob.js';

export let isFormData, formDataEntries, createFormData;

// The value to store: a string, or a File. As on Cloudflare, a file name beside a string is no
// error.
function toEntryValue(value, filename) {
  if (!isBlob(value)) return toUSVString(value);
  if (isFile(value) && filename === undefined) return value;
  const name = filename === undefined ? 'blob' : toUSVString(filename);
  return createFile(blobBytes(value), name, blobType(value),
                    isFile(value) ? value.lastModified : DateNow());
}

export class FormData {
  #entries = [];  // flat [name, value, …]

  constructor(form = undefined) {
    if (form !== undefined) {
      throw new TypeError("Failed to construct 'FormData': there are no form elements here.");
    }
  }

  append(name, value, filename = undefined) {
    const entries = this.#entries;
    requireArguments(arguments.length, 2, 'FormData.append');
    const key = toUSVString(name);
    const entry = toEntryValue(value, filename);
    ArrayPrototypePush(entries, key, entry);
  }

  delete(name) {
    const entries = this.#entries;
    requireArguments(arguments.length, 1, 'FormData.delete');
    const key = toUSVString(name);
    for (let i = entries.length - 2; i >= 0; i -= 2) {
      if (entries[i] === key) ArrayPrototypeSplice(entries, i, 2);
    }
  }

  get(name) {
    const entries = this.#entries;
    requireArguments(arguments.length, 1, 'FormData.get');
    const key = toUSVString(name);
    for (let i = 0; i < entries.length; i += 2) {
      if (entries[i] === key) return entries[i + 1];
    }
    return null;
  }

  getAll(name) {
    const entries = this.#entries;
    requireArguments(arguments.length, 1, 'FormData.getAll');
    const key = toUSVString(name);
    const values = [];
    for (let i = 0; i < entries.length; i += 2) {
      if (entries[i] === key) ArrayPrototypePush(values, entries[i + 1]);
    }
    return values;
  }

  has(name) {
    const entries = this.#entries;
    requireArguments(arguments.length, 1, 'FormData.has');
    const key = toUSVString(name);
    for (let i = 0; i < entries.length; i += 2) {
      if (entries[i] === key) return true;
    }
    return false;
  }

  set(name, value, filename = undefined) {
    const entries = this.#entries;
    requireArguments(arguments.length, 2, 'FormData.set');
    const key = toUSVString(name);
    const entry = toEntryValue(value, filename);
    let place = -1;
    for (let i = entries.length - 2; i >= 0; i -= 2) {
      if (entries[i] !== key) continue;
      if (place >= 0) ArrayPrototypeSplice(entries, place, 2);
      place = i;
    }
    if (place >= 0) {
      entries[place + 1] = entry;
    }
    else
      ArrayPrototypePush(entries, key, entry);
  }

  static {
    isFormData = (value) => typeof value === 'object' && value !== null && #entries in value;

    formDataEntries = (form) => {
      if (!isFormData(form)) illegalInvocation();
      return form.#entries;
    };

    // Takes the flat list over.
    createFormData = (entries) => {
      const form = new FormData();
      form.#entries = entries;
      return form;
    };
  }
}
definePairIterable(FormData, 'FormData', formDataEntries);
defineInterface(FormData, 'FormData');
