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
};
