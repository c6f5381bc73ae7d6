// What C++ calls to set a Worker up.
import {behaviours, setBehaviours} from '../internal/behaviours.js';
import {Request} from '../fetch/request.js';
import {setGlobalScope} from '../fetch/body_init.js';
import {globalTarget, hasListeners} from '../events/event_target.js';
import {addExtraHandlers} from '../../bindings/service/fetcher.js';
import {adoptEnvironment, buildEnvironment} from './environment.js';
import {addVirtualHosts} from './execution_context.js';
import {registerModule} from './handlers.js';
import {setServiceWorkerFormat} from './start_fetch.js';

let isServiceWorker = false;

function hideGlobals() {
  if (!behaviours.cacheOption) delete Request.prototype.cache;
  if (behaviours.globalMessageChannel) return;
  delete globalThis.MessageChannel;
  delete globalThis.MessagePort;
}

export function prepareWorker(info) {
  isServiceWorker = info.serviceWorker === true;
  setServiceWorkerFormat(isServiceWorker);
  if (setBehaviours()) {
    hideGlobals();
    if (behaviours.extraHandlers) addExtraHandlers();
    if (behaviours.virtualHosts) addVirtualHosts();
  }
  buildEnvironment(info.bindings, isServiceWorker);
  if (info.env !== undefined) adoptEnvironment(info.env);
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
