// https://html.spec.whatwg.org/#event-stream-interpretation: events out of the bytes of a stream.
import {
  ArrayPrototypeJoin, ArrayPrototypePush, RegExpPrototypeExec, StringPrototypeIncludes,
  StringPrototypeIndexOf, StringPrototypeReplaceAll, StringPrototypeSlice, StringPrototypeSplit,
  TypeError, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeLastIndexOf,
  TypedArrayPrototypeSet, TypedArrayPrototypeSlice, TypedArrayPrototypeSubarray, Uint8Array,
} from '../internal/primordials.js';
import {decodeUtf8} from '../internal/utf8.js';

const kLineFeed = 10;
const kCarriageReturn = 13;
const kMaxLineBytes = 32 * 1024 * 1024;
const kDigits = /^[0-9]+$/;

function concatenate(first, second) {
  const size = TypedArrayPrototypeGetByteLength(first);
  const all = new Uint8Array(size + TypedArrayPrototypeGetByteLength(second));
  TypedArrayPrototypeSet(all, first, 0);
  TypedArrayPrototypeSet(all, second, size);
  return all;
}

export class EventStream {
  #kept;  // bytes of a line that has not ended
  #skipsLineFeed = false;  // the last byte seen was a carriage return
  #data = [];
  #type = '';
  lastEventId = '';
  reconnectionMs = undefined;

  // The events that `bytes` complete: [{type, data, id}].
  feed(bytes) {
    const events = [];
    if (TypedArrayPrototypeGetByteLength(bytes) === 0) return events;
    if (this.#skipsLineFeed && bytes[0] === kLineFeed) {
      bytes = TypedArrayPrototypeSubarray(bytes, 1);
    }
    const size = TypedArrayPrototypeGetByteLength(bytes);
    if (size === 0) {
      this.#skipsLineFeed = false;
      return events;
    }
    this.#skipsLineFeed = bytes[size - 1] === kCarriageReturn;
    const feed = TypedArrayPrototypeLastIndexOf(bytes, kLineFeed);
    const carriageReturn = TypedArrayPrototypeLastIndexOf(bytes, kCarriageReturn);
    const end = (feed > carriageReturn ? feed : carriageReturn) + 1;
    if (end === 0) {
      this.#keep(bytes);
      return events;
    }
    let whole = TypedArrayPrototypeSubarray(bytes, 0, end);
    if (this.#kept !== undefined) whole = concatenate(this.#kept, whole);
    this.#kept = undefined;
    if (end < size) this.#keep(TypedArrayPrototypeSubarray(bytes, end));
    this.#readLines(decodeUtf8(whole), events);
    return events;
  }

  #keep(bytes) {
    this.#kept =
        this.#kept === undefined ? TypedArrayPrototypeSlice(bytes) : concatenate(this.#kept, bytes);
    if (TypedArrayPrototypeGetByteLength(this.#kept) > kMaxLineBytes) {
      throw new TypeError('A line of the event stream is too long.');
    }
  }

  #readLines(text, events) {
    if (StringPrototypeIncludes(text, '\r')) {
      text = StringPrototypeReplaceAll(StringPrototypeReplaceAll(text, '\r\n', '\n'), '\r', '\n');
    }
    const lines = StringPrototypeSplit(text, '\n');
    // The text ends with the end of a line.
    for (let i = 0; i < lines.length - 1; i++) this.#readLine(lines[i], events);
  }

  #readLine(line, events) {
    if (line === '') {
      const data = ArrayPrototypeJoin(this.#data, '\n');
      if (data !== '') {
        ArrayPrototypePush(events, {type: this.#type || 'message', data, id: this.lastEventId});
      }
      this.#data = [];
      this.#type = '';
      return;
    }
    const colon = StringPrototypeIndexOf(line, ':');
    if (colon === 0) return;
    const field = colon < 0 ? line : StringPrototypeSlice(line, 0, colon);
    const start = line[colon + 1] === ' ' ? colon + 2 : colon + 1;
    const value = colon < 0 ? '' : StringPrototypeSlice(line, start);
    switch (field) {
      case 'data': ArrayPrototypePush(this.#data, value); break;
      case 'event': this.#type = value; break;
      case 'id':
        if (!StringPrototypeIncludes(value, '\0')) this.lastEventId = value;
        break;
      case 'retry':
        if (RegExpPrototypeExec(kDigits, value) !== null) this.reconnectionMs = +value;
        break;
    }
  }
}
