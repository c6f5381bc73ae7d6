import { ObjectSetPrototypeOf } from './primordials.js';

// Cuts an internal class off from Object.prototype, so that no accessor a script puts there can meet its fields.
export function isolate(Class) { ObjectSetPrototypeOf(Class.prototype, null); }
