'use strict';
module.exports = {
  hasIntl: true, hasSmallICU: false, hasInspector: false, hasOpenSSL: true, openSSLIsBoringSSL: false, hasCrypto: true, fipsMode: false,
  hasTracing: false, hasNodeOptions: false, noBrowserGlobals: false, isDebugBuild: false, bits: 64, hasDtrace: false,
};
