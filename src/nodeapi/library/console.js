'use strict';
const {ReflectOwnKeys} = primordials;
const {codes: {ERR_METHOD_NOT_IMPLEMENTED}} = require('internal/errors');
const {webValue} = require('atoll/platform');

const platformConsole = webValue('console');
const names = ReflectOwnKeys(platformConsole);
for (let i = 0; i < names.length; i++) {
  if (typeof names[i] === 'string') exports[names[i]] = platformConsole[names[i]];
}
Object.defineProperty(exports, 'Console', {
  __proto__: null, configurable: true, enumerable: true, get: () => require('internal/console/constructor').Console,
});
exports.createTask ??= () => ({run: (callback) => callback()});
exports.context ??= () => platformConsole;
exports._ignoreErrors = true;
exports._stdout = undefined;
exports._stderr = undefined;
exports._stdoutErrorHandler = () => {};
exports._stderrErrorHandler = () => {};
exports._times = new primordials.SafeMap();
