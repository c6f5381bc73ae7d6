// Before 2025-08-15 the names are not there.
import { equal } from '../check.js';

export const namesAreMissing = {
  test() {
    equal([typeof MessageChannel, typeof MessagePort, typeof MessageEvent], ['undefined', 'undefined', 'function']);
  },
};
