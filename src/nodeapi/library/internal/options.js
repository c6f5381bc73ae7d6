'use strict';
// No command line: every option has its default.
const kDefaults = {__proto__: null, '--stack-trace-limit': 10, '--deprecation': true, '--warnings': true, '--network-family-autoselection': true};
module.exports = {
  getCLIOptionsInfo: () => ({options: new primordials.SafeMap(), aliases: new primordials.SafeMap()}),
  getOptionValue: (name) => kDefaults[name],
  getOptionsAsFlagsFromBinding: () => [],
  getAllowUnauthorized: () => false,
  getEmbedderOptions: () => ({}),
  refreshOptions() {},
};
