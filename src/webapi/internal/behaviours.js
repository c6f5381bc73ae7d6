// What depends on a Worker's compatibility date and flags. prepareWorker sets it before the script runs; the values here are
// those of the newest date.
export const behaviours = {
  __proto__: null,
  byobRequestForDefaultReaders: true,
  byobReadsDetach: true,       // a BYOB read takes the reader's buffer away at once
  filesStayFiles: true,        // in forms that are parsed
  cacheOption: true,
  cacheNoCache: true,
  cacheReload: true,
  stripsAuthorization: true,   // from requests that are redirected to another origin
  iterablesMayBeTexts: true,   // an object with a toString() of its own is no body of chunks
  signalsClient: false,        // request.signal fires when the client goes away
  passesClientSignal: false,   // and ends what the request is passed on to
  iterablesAreBodies: true,
  duplicatesStubs: true,       // those among the arguments of a call are duplicated, not handed over
  hasExports: true,            // ctx.exports
  enhancedErrors: true,        // errors keep their own properties across calls
  globalMessageChannel: true,
  extraHandlers: false,        // scheduled() and queue() of bindings
  virtualHosts: false,         // ctx.mapVirtualHost()
};

const kReadingFlags = 'streams_byob_reader_detaches_buffer streams_no_default_auto_allocate_chunk_size formdata_parser_supports_files';
const kFetchingFlags = 'cache_option_enabled cache_no_cache_enabled cache_reload_enabled strip_authorization_on_cross_origin_redirect ' +
    'fetch_iterable_type_support_override_adjustment enable_request_signal request_signal_passthrough fetch_iterable_type_support';
const kCallingFlags = 'rpc_params_dup_stubs enable_ctx_exports enhanced_error_serialization expose_global_message_channel ' +
    'service_binding_extra_handlers experimental';

// False while the snapshot is made, when there is no Worker to ask about.
export function setBehaviours() {
  const reading = natives.flagBits(kReadingFlags);  // a bit for each, the first the lowest
  if (reading === undefined) return false;
  behaviours.byobReadsDetach = (reading & 1) !== 0;
  behaviours.byobRequestForDefaultReaders = (reading & 2) === 0;
  behaviours.filesStayFiles = (reading & 4) !== 0;
  const fetching = natives.flagBits(kFetchingFlags);
  behaviours.cacheOption = (fetching & 1) !== 0;
  behaviours.cacheNoCache = (fetching & 2) !== 0;
  behaviours.cacheReload = (fetching & 4) !== 0;
  behaviours.stripsAuthorization = (fetching & 8) !== 0;
  behaviours.iterablesMayBeTexts = (fetching & 16) !== 0;
  behaviours.signalsClient = (fetching & 32) !== 0;
  behaviours.passesClientSignal = (fetching & 64) !== 0;
  behaviours.iterablesAreBodies = (fetching & 128) !== 0;
  const calling = natives.flagBits(kCallingFlags);
  behaviours.duplicatesStubs = (calling & 1) !== 0;
  behaviours.hasExports = (calling & 2) !== 0;
  behaviours.enhancedErrors = (calling & 4) !== 0;
  behaviours.globalMessageChannel = (calling & 8) !== 0;
  behaviours.extraHandlers = (calling & 16) !== 0;
  behaviours.virtualHosts = (calling & 32) !== 0;
  return true;
}
