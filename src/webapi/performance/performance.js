// https://w3c.github.io/hr-time. The clock stands still while a script computes and moves at I/O,
// so that it cannot time its neighbours.
import {
  defineInterface, illegalConstructor, illegalInvocation, kInternal,
} from '../internal/webidl.js';
import {EventTarget} from '../events/event_target.js';

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

  toJSON() {
    if (!(#branded in this)) illegalInvocation();
    return {timeOrigin: 0};
  }
}
defineInterface(Performance, 'Performance');

export const performance = new Performance(kInternal);
