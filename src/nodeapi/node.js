// The door to Node's library, which is loaded when a script first touches something of it. Until then an isolate carries this
// file only.
import {ObjectDefineProperty} from '../webapi/internal/primordials.js';
import {LazyInterface} from '../webapi/internal/lazy.js';

let settings;  // {compatibilityDate, flags, bindings} of the Worker; undefined without Node compatibility
let platform;  // () → the web platform's classes and functions by name
let library;   // what loader.js exports

function loadLibrary() {
  if (library !== undefined) return library;
  const exports = {__proto__: null};
  const web = platform();
  const webValue = (name) => web[name] instanceof LazyInterface ? web[name].load() : web[name];
  natives.nodeLibraryFunction('atoll/loader')(exports, undefined, {natives, settings, webValue});
  return library = exports;
}

// What a module name means: the module's exports, or undefined when there is no such module of Node's for this Worker.
export function nodeModule(specifier) {
  return settings === undefined ? undefined : loadLibrary().publicModule(specifier);
}

// For module.createRequire(); given by C++, called with (specifier, referrer).
export function setNodeRequire(require) {
  if (settings !== undefined) settings.require = require;
}

const kLazyGlobals = ['Buffer', 'process', 'setImmediate', 'clearImmediate'];

function isOn({flags, compatibilityDate}, on, off, date) {
  return flags[on] === true || (flags[off] !== true && compatibilityDate >= date);
}

// `info` is prepareWorker's.
export function prepareNode(info, webPlatform, global) {
  const compat = isOn(info, 'nodejs_compat', 'no_nodejs_compat', '2026-08-04') || info.flags.nodejs_compat_v2 === true;
  if (!compat && info.flags.nodejs_als !== true) return;
  settings = {
    compatibilityDate: info.compatibilityDate,
    flags: info.flags,
    bindings: info.bindings,
    onlyAsyncHooks: !compat,
    isOn: (on, off, date) => isOn(info, on, off, date),
    require: undefined,
  };
  platform = webPlatform;
  const hasGlobals = compat && isOn(info, 'nodejs_compat_v2', 'no_nodejs_compat_v2', '2024-09-23');
  if (!hasGlobals) return;
  const lazy = [];
  const define = (name, enumerable) => {
    lazy[lazy.length] = global;
    lazy[lazy.length] = name;
    lazy[lazy.length] = () => loadLibrary().globalValue(name);
    lazy[lazy.length] = enumerable;
  };
  for (let i = 0; i < kLazyGlobals.length; i++) define(kLazyGlobals[i], true);
  if (isOn(info, 'enable_nodejs_global_timers', 'no_nodejs_global_timers', '2026-02-10')) {
    define('setTimeout', true);
    define('setInterval', true);
    define('clearTimeout', true);
    define('clearInterval', true);
  }
  natives.defineLazy(lazy);
  ObjectDefineProperty(global, 'global', {__proto__: null, value: global, writable: true, enumerable: true, configurable: true});
}

// For the build, in an isolate of its own.
export function loadWholeNodeLibrary(webPlatform) {
  platform = webPlatform;
  const info = {flags: {nodejs_compat: true}, compatibilityDate: '9999-12-31', bindings: []};
  settings = {...info, onlyAsyncHooks: false, isOn: () => true, require: undefined};
  loadLibrary().loadEverything();
}
