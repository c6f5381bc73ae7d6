'use strict';
const {webValue} = require('atoll/platform');
const nothing = () => {};
module.exports = {
  setPrepareStackTraceCallback: nothing, setGetSourceMapErrorSource: nothing, setSourceMapsEnabled: nothing,
  setMaybeCacheGeneratedSourceMap: nothing, setEnhanceStackForFatalException: nothing,
  noSideEffectsToString: (value) => `${value}`,
  triggerUncaughtException: (error) => webValue('reportError')(error),
  getErrorSourcePositions: () => undefined,
  exitCodes: {__proto__: null, kNoFailure: 0, kGenericUserError: 1},
};
