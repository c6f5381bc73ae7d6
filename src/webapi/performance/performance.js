// https://w3c.github.io/hr-time. The clock stands still while a script computes and moves at I/O,
// so that it cannot time its neighbours.
import {
  defineInterface, illegalConstructor, illegalInvocation, kInternal, requireArguments,
} from '../internal/webidl.js';
import {EventTarget} from '../events/event_target.js';
import {addMark, addMeasure, clearEntries, entriesOf} from './timeline.js';

export class Performance extends EventTarget {
  #branded = true;

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

export const performance = new Performance(kInternal);
