// https://w3c.github.io/hr-time. The clock stands still while a script computes and moves at I/O,
// so that it cannot time its neighbours.
import {Map, MapPrototypeEntries, MapPrototypeKeys, MapPrototypeValues, SymbolIterator} from '../internal/primordials.js';
import {
  defineInterface, illegalConstructor, illegalInvocation, kInternal, requireArguments,
} from '../internal/webidl.js';
import {EventTarget} from '../events/event_target.js';
import {addMark, addMeasure, clearEntries, entriesOf} from './timeline.js';

// How many events a page has had, by type: a Worker has none.
export class EventCounts {
  #counts = new Map();

  constructor(key = undefined) {
    if (key !== kInternal) illegalConstructor();
  }

  get size() {
    if (!(#counts in this)) illegalInvocation();
    return 0;
  }

  get(type) {
    if (!(#counts in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'EventCounts.get');
    return undefined;
  }

  has(type) {
    if (!(#counts in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'EventCounts.has');
    return false;
  }

  entries() { return MapPrototypeEntries(this.#counts); }

  keys() { return MapPrototypeKeys(this.#counts); }

  values() { return MapPrototypeValues(this.#counts); }

  forEach(callback, thisArg = undefined) {
    if (!(#counts in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'EventCounts.forEach');
  }

  [SymbolIterator]() { return MapPrototypeEntries(this.#counts); }
}
defineInterface(EventCounts, 'EventCounts');

class Performance extends EventTarget {
  #branded = true;
  #eventCounts = new EventCounts(kInternal);

  constructor(key = undefined) {
    if (key !== kInternal) illegalConstructor();
    super();
  }

  now() {
    if (!(#branded in this)) illegalInvocation();
    return natives.now();
  }

  // Zero: a Worker has no start of its own, so now() counts from the epoch.
  get timeOrigin() {
    if (!(#branded in this)) illegalInvocation();
    return 0;
  }

  get eventCounts() {
    if (!(#branded in this)) illegalInvocation();
    return this.#eventCounts;
  }

  mark(markName, markOptions = undefined) {
    if (!(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'Performance.mark');
    return addMark(markName, markOptions);
  }

  measure(measureName, startOrMeasureOptions = undefined, endMark = undefined) {
    if (!(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'Performance.measure');
    return addMeasure(measureName, startOrMeasureOptions, endMark);
  }

  clearMarks(markName = undefined) {
    if (!(#branded in this)) illegalInvocation();
    clearEntries('mark', markName);
  }

  clearMeasures(measureName = undefined) {
    if (!(#branded in this)) illegalInvocation();
    clearEntries('measure', measureName);
  }

  getEntries() {
    if (!(#branded in this)) illegalInvocation();
    return entriesOf(undefined, undefined);
  }

  getEntriesByType(type) {
    if (!(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'Performance.getEntriesByType');
    return entriesOf(undefined, type);
  }

  getEntriesByName(name, type = undefined) {
    if (!(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'Performance.getEntriesByName');
    return entriesOf(name, type);
  }

  // Workers load no resources.
  clearResourceTimings() {
    if (!(#branded in this)) illegalInvocation();
  }

  setResourceTimingBufferSize(maxSize) {
    if (!(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'Performance.setResourceTimingBufferSize');
  }

  toJSON() {
    if (!(#branded in this)) illegalInvocation();
    return {timeOrigin: 0};
  }
}
defineInterface(Performance, 'Performance');

const performance = new Performance(kInternal);
let extended = false;

// The one `performance`, and its class, which `extend` has added to.
export function performanceWith(extend) {
  if (!extended) {
    extended = true;
    extend(Performance);
  }
  return {performance, Performance};
}
