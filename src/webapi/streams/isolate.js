import { ObjectSetPrototypeOf } from '../internal/primordials.js';

// Cuts an internal class off from Object.prototype, where tenant code may have put a setter or a
// getter under the name of one of our fields. To be called by root classes, before there are
// instances.
export function isolate(Class) {
  ObjectSetPrototypeOf(Class.prototype, null);
}
