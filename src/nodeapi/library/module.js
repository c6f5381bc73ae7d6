'use strict';
const {ArrayPrototypePush, ObjectFreeze, SafeSet, StringPrototypeStartsWith, StringPrototypeSlice, TypeError} = primordials;
const {codes: {ERR_METHOD_NOT_IMPLEMENTED}} = require('internal/errors');
const {validateString} = require('internal/validators');
const {isURL, fileURLToPath, URL} = require('internal/url');
const {hasModule, publicNames, settings} = require('atoll/platform');

function refuse(name) {
  return {[name]() { throw new ERR_METHOD_NOT_IMPLEMENTED(`module.${name}`); }}[name];
}

function refuseName() {
  throw new TypeError('The argument must be a file URL object, a file URL string, or an absolute path string.');
}

// Names of modules are paths within the bundle.
function createRequire(filename) {
  let path = filename;
  if (isURL(filename) || (typeof filename === 'string' && StringPrototypeStartsWith(filename, 'file:'))) {
    const url = new URL(filename);
    if (url.protocol !== 'file:') refuseName();
    if (url.search !== '' || url.hash !== '') {
      throw new TypeError('The specifier must not have query string parameters or hash fragments.');
    }
    path = fileURLToPath(url);
  } else if (typeof filename !== 'string' || filename[0] !== '/') {
    refuseName();
  }
  path = StringPrototypeStartsWith(path, '/bundle/') ? StringPrototypeSlice(path, 8) : StringPrototypeSlice(path, 1);
  function require(specifier) {
    validateString(specifier, 'id');
    return settings.require(specifier, path);
  }
  require.resolve = (specifier) => specifier;
  require.resolve.paths = () => [];
  require.main = undefined;
  require.extensions = Module._extensions;
  require.cache = Module._cache;
  return require;
}

class Module {
  constructor() { throw new ERR_METHOD_NOT_IMPLEMENTED('module.Module'); }
}

function isBuiltin(name) { return hasModule(`${name}`); }

const names = publicNames();

class SourceMap {
  constructor() { throw new ERR_METHOD_NOT_IMPLEMENTED('module.SourceMap'); }
}

for (const name of ['load', 'require', '_compile']) Module.prototype[name] = refuse(name);

Module.createRequire = createRequire;
Module.isBuiltin = isBuiltin;
Module.builtinModules = names;
Module.Module = Module;
Module.SourceMap = SourceMap;
Module.constants = ObjectFreeze({__proto__: null, compileCacheStatus: ObjectFreeze({__proto__: null, FAILED: 0, ENABLED: 1, ALREADY_ENABLED: 2, DISABLED: 3})});
Module._cache = {__proto__: null};
Module._pathCache = {__proto__: null};
Module._extensions = {__proto__: null, '.js'() {}, '.json'() {}, '.node'() {}};
Module.globalPaths = [];
Module.findSourceMap = () => undefined;
Module.syncBuiltinESMExports = () => {};
Module.getCompileCacheDir = () => undefined;
Module.enableCompileCache = () => ({status: 3});
Module.flushCompileCache = () => {};
Module.getSourceMapsSupport = () => ({__proto__: null, enabled: false, nodeModules: false, generatedCode: false});
Module.setSourceMapsSupport = () => {};
for (const name of ['_debug', '_findPath', '_initPaths', '_load', '_nodeModulePaths', '_preloadModules', '_resolveFilename', '_resolveLookupPaths',
                    'findPackageJSON', 'register', 'registerHooks', 'runMain', 'stripTypeScriptTypes', 'wrap']) {
  Module[name] = refuse(name);
}
Module.wrapper = ['(function (exports, require, module, __filename, __dirname) { ', '\n});'];

module.exports = Module;
