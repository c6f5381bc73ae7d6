// https://w3c.github.io/user-timing and https://w3c.github.io/performance-timeline: marks, measures and who observes them. One
// timeline for all requests of an isolate.
import {
  ArrayPrototypePush, ObjectFreeze, PromisePrototypeThen, PromiseResolve, ReflectApply, TypeError,
} from '../internal/primordials.js';
import {
  defineInterface, illegalConstructor, isObject, kInternal, requireArguments, toCallback, toDictionary, toDOMString,
  toDouble, toSequence,
} from '../internal/webidl.js';
import {createDOMException} from '../internal/dom_exception.js';
import { reportException } from '../internal/report.js';
import { structuredClone } from '../structured_clone/structured_clone.js';

// More entries than these are not kept (and not observed): scripts forget to clear them.
const kMostEntries = 10000;

let entryOf;

export class PerformanceEntry {
  #name;
  #type;
  #startTime;
  #duration;

  constructor() {
    if (arguments[0] !== kInternal) illegalConstructor();
    this.#name = arguments[1];
    this.#type = arguments[2];
    this.#startTime = arguments[3];
    this.#duration = arguments[4];
  }

  get name() { return this.#name; }
  get entryType() { return this.#type; }
  get startTime() { return this.#startTime; }
  get duration() { return this.#duration; }

  toJSON() {
    return {
      name: this.#name, entryType: this.#type, startTime: this.#startTime, duration: this.#duration,
    };
  }

  static {
    // What the getters say, out of the reach of patches.
    entryOf = (entry) => (
        {__proto__: null, name: entry.#name, type: entry.#type, startTime: entry.#startTime});
  }
}
defineInterface(PerformanceEntry, 'PerformanceEntry');

const cloneDetail = (detail) =>
  detail === undefined || detail === null ? null : structuredClone(detail);

function toTime(value, name) {
  const time = toDouble(value);
  if (time < 0) throw new TypeError(`${name} is negative.`);
  return time;
}

export class PerformanceMark extends PerformanceEntry {
  #detail;

  constructor(markName, markOptions = undefined) {
    requireArguments(arguments.length, 1, 'PerformanceMark');
    const name = toDOMString(markName);
    const {detail, startTime} = toDictionary(markOptions, 'The second argument of PerformanceMark');
    const start = startTime === undefined ? natives.now() : toTime(startTime, 'startTime');
    super(kInternal, name, 'mark', start, 0);
    this.#detail = cloneDetail(detail);
  }

  get detail() { return this.#detail; }

  toJSON() {
    const json = super.toJSON();
    if (this.#detail !== null) json.detail = this.#detail;
    return json;
  }
}
defineInterface(PerformanceMark, 'PerformanceMark');

export class PerformanceMeasure extends PerformanceEntry {
  #detail;

  constructor() {
    if (arguments[0] !== kInternal) illegalConstructor();
    super(kInternal, arguments[1], 'measure', arguments[2], arguments[3]);
    this.#detail = arguments[4];
  }

  get detail() { return this.#detail; }

  toJSON() {
    const json = super.toJSON();
    if (this.#detail !== null) json.detail = this.#detail;
    return json;
  }
}
defineInterface(PerformanceMeasure, 'PerformanceMeasure');

// Workers load no resources; libraries look for the class.
export class PerformanceResourceTiming extends PerformanceEntry {
  constructor() {
    illegalConstructor();
    super(kInternal);
  }
}
defineInterface(PerformanceResourceTiming, 'PerformanceResourceTiming');

function matching(entries, name, type) {
  const found = [];
  for (let i = 0; i < entries.length; i++) {
    const entry = entryOf(entries[i]);
    if ((name === undefined || entry.name === name) && (type === undefined || entry.type === type)) {
      ArrayPrototypePush(found, entries[i]);
    }
  }
  // By time; those of one time keep their order. Few are out of order.
  for (let i = 1; i < found.length; i++) {
    const entry = found[i];
    const {startTime} = entryOf(entry);
    let at = i;
    for (; at > 0 && entryOf(found[at - 1]).startTime > startTime; at--) found[at] = found[at - 1];
    found[at] = entry;
  }
  return found;
}

const kSupportedTypes = ObjectFreeze(['mark', 'measure']);

function isSupported(type) {
  return type === 'mark' || type === 'measure';
}

let newList, offer;

class Timeline {
  #entries = [];
  #observers = [];

  add(entry) {
    if (this.#entries.length < kMostEntries) ArrayPrototypePush(this.#entries, entry);
    const {type} = entryOf(entry);
    for (let i = 0; i < this.#observers.length; i++) offer(this.#observers[i], entry, type);
  }

  entries(name, type) { return matching(this.#entries, name, type); }

  clear(type, name) {
    const kept = [];
    for (let i = 0; i < this.#entries.length; i++) {
      const entry = entryOf(this.#entries[i]);
      if (entry.type !== type || (name !== undefined && entry.name !== name)) {
        ArrayPrototypePush(kept, this.#entries[i]);
      }
    }
    this.#entries = kept;
  }

  // Of the latest mark with that name.
  timeOfMark(name) {
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const entry = entryOf(this.#entries[i]);
      if (entry.type === 'mark' && entry.name === name) return entry.startTime;
    }
    return undefined;
  }

  observe(observer) {
    this.forget(observer);
    ArrayPrototypePush(this.#observers, observer);
  }

  forget(observer) {
    const kept = [];
    for (let i = 0; i < this.#observers.length; i++) {
      if (this.#observers[i] !== observer) ArrayPrototypePush(kept, this.#observers[i]);
    }
    this.#observers = kept;
  }
}

const timeline = new Timeline();

export function addMark(name, options) {
  const mark = new PerformanceMark(name, options);
  timeline.add(mark);
  return mark;
}

// A mark that does not exist counts as none, as Workers expect; the standard has a SyntaxError.
function toMoment(value) {
  return typeof value === 'string' ? timeline.timeOfMark(value) : toTime(value, 'A time');
}

const readMoment = (value) =>
  value === undefined ? undefined : typeof value === 'number' ? value : toDOMString(value);

export function addMeasure(measureName, startOrOptions, endMark) {
  const name = toDOMString(measureName);
  let start, end, duration, detail;
  if (isObject(startOrOptions)) {
    detail = startOrOptions.detail;
    duration = startOrOptions.duration;
    end = readMoment(startOrOptions.end);
    start = readMoment(startOrOptions.start);
    duration = duration === undefined ? undefined : toDouble(duration);
    const isEmpty = detail === undefined && duration === undefined && end === undefined && start === undefined;
    if (!isEmpty) {
      if (endMark !== undefined) throw new TypeError('measure: an end mark beside options is not possible.');
      if (start === undefined && end === undefined) throw new TypeError('measure: start or end is needed.');
      if (start !== undefined && end !== undefined && duration !== undefined) {
        throw new TypeError('measure: start, end and duration together are not possible.');
      }
    }
  } else if (startOrOptions !== undefined && startOrOptions !== null) {
    start = toDOMString(startOrOptions);
  }
  if (endMark !== undefined) end = toDOMString(endMark);

  let to = end === undefined ? undefined : toMoment(end);
  let from = start === undefined ? undefined : toMoment(start);
  if (duration !== undefined) {
    if (from === undefined && to !== undefined) from = to - duration;
    else to ??= (from ?? 0) + duration;
  }
  from ??= 0;
  to ??= natives.now();
  const measure = new PerformanceMeasure(kInternal, name, from, to - from, cloneDetail(detail));
  timeline.add(measure);
  return measure;
}

export function clearEntries(type, name) {
  timeline.clear(type, name === undefined ? undefined : toDOMString(name));
}

export function entriesOf(name, type) {
  return timeline.entries(name === undefined ? undefined : toDOMString(name),
                          type === undefined ? undefined : toDOMString(type));
}

export class PerformanceObserverEntryList {
  #entries;

  constructor() {
    if (arguments[0] !== kInternal) illegalConstructor();
    this.#entries = arguments[1];
  }

  getEntries() { return matching(this.#entries, undefined, undefined); }

  getEntriesByType(type) {
    requireArguments(arguments.length, 1, 'PerformanceObserverEntryList.getEntriesByType');
    return matching(this.#entries, undefined, toDOMString(type));
  }

  getEntriesByName(name, type = undefined) {
    requireArguments(arguments.length, 1, 'PerformanceObserverEntryList.getEntriesByName');
    return matching(this.#entries, toDOMString(name), type === undefined ? undefined : toDOMString(type));
  }

  static {
    newList = (entries) => new PerformanceObserverEntryList(kInternal, entries);
  }
}
defineInterface(PerformanceObserverEntryList, 'PerformanceObserverEntryList');

function typesIn(list) {
  const types = {__proto__: null, mark: false, measure: false};
  let some = false;
  for (let i = 0; i < list.length; i++) {
    if (!isSupported(list[i])) continue;
    types[list[i]] = true;
    some = true;
  }
  return some ? types : undefined;
}

export class PerformanceObserver {
  #callback;
  #types;               // of entries: { mark, measure }, both booleans
  #isMultiple = false;  // whether observe() was called with entryTypes
  #isSingle = false;    // or with type
  #buffer = [];
  #isDue = false;

  constructor(callback) {
    requireArguments(arguments.length, 1, 'PerformanceObserver');
    this.#callback = toCallback(callback, 'The callback of a PerformanceObserver');
  }

  observe(options = undefined) {
    const {buffered, entryTypes, type} = toDictionary(options, 'PerformanceObserverInit');
    const list = entryTypes === undefined
        ? undefined : toSequence(entryTypes, toDOMString, 'PerformanceObserver: entryTypes');
    const single = type === undefined ? undefined : toDOMString(type);
    if (list === undefined && single === undefined) {
      throw new TypeError('PerformanceObserver.observe: entryTypes or type is needed.');
    }
    if (list !== undefined && (single !== undefined || buffered !== undefined)) {
      throw new TypeError('PerformanceObserver.observe: entryTypes goes with no other member.');
    }
    if (list !== undefined ? this.#isSingle : this.#isMultiple) {
      throw createDOMException(
          'PerformanceObserver.observe: entryTypes and type cannot take turns.', 'InvalidModificationError');
    }
    if (list !== undefined) {
      this.#isMultiple = true;
      const types = typesIn(list);
      if (types === undefined) return;
      this.#types = types;
    } else {
      this.#isSingle = true;
      if (!isSupported(single)) return;
      this.#types ??= {__proto__: null, mark: false, measure: false};
      this.#types[single] = true;
    }
    timeline.observe(this);
    if (buffered) {
      const earlier = timeline.entries(undefined, single);
      for (let i = 0; i < earlier.length; i++) this.#take(earlier[i]);
    }
  }

  disconnect() {
    timeline.forget(this);
    this.#types = undefined;
    this.#isMultiple = this.#isSingle = false;
    this.#buffer = [];
  }

  takeRecords() {
    const taken = this.#buffer;
    this.#buffer = [];
    return taken;
  }

  static get supportedEntryTypes() { return kSupportedTypes; }

  #take(entry) {
    if (this.#buffer.length >= kMostEntries) return;
    ArrayPrototypePush(this.#buffer, entry);
    if (this.#isDue) return;
    this.#isDue = true;
    PromisePrototypeThen(PromiseResolve(undefined), () => this.#deliver());
  }

  #deliver() {
    this.#isDue = false;
    const entries = this.#buffer;
    if (entries.length === 0) return;
    this.#buffer = [];
    try {
      ReflectApply(this.#callback, this, [newList(entries), this, {droppedEntriesCount: 0}]);
    } catch (error) {
      reportException(error);
    }
  }

  static {
    offer = (observer, entry, type) => {
      if (observer.#types[type]) observer.#take(entry);
    };
  }
}
defineInterface(PerformanceObserver, 'PerformanceObserver');
