// What C++ calls to set a Worker up.
import {behaviours} from '../internal/behaviours.js';
import {Request} from '../fetch/request.js';
import {setGlobalScope} from '../fetch/body_init.js';
import {globalTarget, hasListeners} from '../events/event_target.js';
import {addExtraHandlers} from '../../bindings/service/fetcher.js';
import {adoptEnvironment, buildEnvironment} from './environment.js';
import {registerModule} from './handlers.js';
import {setServiceWorkerFormat} from './start_fetch.js';

let isServiceWorker = false;

function setBehaviours() {
  behaviours.byobReadsDetach = natives.isEnabled('streams_byob_reader_detaches_buffer');
  behaviours.filesStayFiles = natives.isEnabled('formdata_parser_supports_files');
  behaviours.cacheOption = natives.isEnabled('cache_option_enabled');
  behaviours.cacheNoCache = natives.isEnabled('cache_no_cache_enabled');
  behaviours.cacheReload = natives.isEnabled('cache_reload_enabled');
  behaviours.stripsAuthorization = natives.isEnabled('strip_authorization_on_cross_origin_redirect');
  behaviours.iterablesMayBeTexts = natives.isEnabled('fetch_iterable_type_support_override_adjustment');
  behaviours.signalsClient = natives.isEnabled('enable_request_signal');
  behaviours.passesClientSignal = natives.isEnabled('request_signal_passthrough');
  behaviours.iterablesAreBodies = natives.isEnabled('fetch_iterable_type_support');
  behaviours.duplicatesStubs = natives.isEnabled('rpc_params_dup_stubs');
  behaviours.hasExports = natives.isEnabled('enable_ctx_exports');
  behaviours.enhancedErrors = natives.isEnabled('enhanced_error_serialization');
  behaviours.byobRequestForDefaultReaders = !natives.isEnabled('streams_no_default_auto_allocate_chunk_size');
}

// Not while the snapshot is made, when there is no Worker to ask about.
function hideGlobals() {
  if (behaviours.cacheOption === false) delete Request.prototype.cache;
  if (natives.isEnabled('expose_global_message_channel') !== false) return;
  delete globalThis.MessageChannel;
  delete globalThis.MessagePort;
}

export function prepareWorker(info) {
  isServiceWorker = info.serviceWorker === true;
  setServiceWorkerFormat(isServiceWorker);
  setBehaviours();
  hideGlobals();
  if (natives.isEnabled('service_binding_extra_handlers')) addExtraHandlers();
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
