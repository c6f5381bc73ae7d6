// What C++ calls to set a Worker up.
import {
  ObjectAssign, ObjectCreate, ObjectDefineProperty, ObjectFreeze,
} from '../internal/primordials.js';
import {behaviours} from '../internal/behaviours.js';
import {setGlobalScope, setIterableBodies} from '../fetch/body_init.js';
import {globalTarget, hasListeners} from '../events/event_target.js';
import {buildEnvironment} from './environment.js';
import {registerModule} from './handlers.js';
import {setServiceWorkerFormat} from './start_fetch.js';

let isServiceWorker = false;

// Whether a behaviour is on: by its name, or for Workers of its date and later, unless it is off by
// name.
function isEnabled({flags, compatibilityDate}, on, off, date) {
  return flags[on] === true || (flags[off] !== true && compatibilityDate >= date);
}

function setBehaviours(info) {
  behaviours.byobRequestForDefaultReaders = info.flags.streams_no_default_auto_allocate_chunk_size !== true;
}

// Libraries and tests look at Cloudflare.compatibilityFlags.
function showCompatibilityFlags(flags) {
  const shown = ObjectFreeze(ObjectAssign(ObjectCreate(null), flags));
  ObjectDefineProperty(globalThis, 'Cloudflare', {
    __proto__: null,
    value: ObjectFreeze({__proto__: null, compatibilityFlags: shown}),
    writable: true,
    enumerable: false,
    configurable: true,
  });
}

export function prepareWorker(info) {
  isServiceWorker = info.serviceWorker === true;
  setServiceWorkerFormat(isServiceWorker);
  setIterableBodies(isEnabled(info, 'fetch_iterable_type_support', 'no_fetch_iterable_type_support',
                              '2026-02-19'));
  setBehaviours(info);
  buildEnvironment(info.bindings, isServiceWorker);
  showCompatibilityFlags(info.flags);
}

const kListenedEvents = ['fetch', 'scheduled', 'queue', 'email', 'tail', 'trace'];

// After the evaluation of the script: `exports` is the main module's namespace, or undefined in
// service-worker format.
export function registerExports(exports) {
  setGlobalScope(false);
  if (!isServiceWorker) return registerModule(exports);
  const handlers = [];
  for (let i = 0; i < kListenedEvents.length; i++) {
    if (hasListeners(globalTarget, kListenedEvents[i])) {
      handlers[handlers.length] = kListenedEvents[i];
    }
  }
  return {handlers, namedHandlers: []};
}
