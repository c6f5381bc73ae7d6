// The door to Node's library, which is loaded when a script first touches something of it. Until then an isolate carries this
// file only.
import {
  Error, ObjectDefineProperties, ObjectDefineProperty, ObjectFreeze, ObjectKeys, ReflectApply, StringPrototypeSlice, StringPrototypeStartsWith,
  SymbolDispose, TypeError,
} from '../webapi/internal/primordials.js';
import {LazyInterface} from '../webapi/internal/lazy.js';

let settings;  // {bindings, …} of the Worker; undefined without Node compatibility
let platform;  // () → the web platform's classes and functions by name
let library;   // what loader.js exports
let originals;  // of the language, as tools/node_primordials.mjs lists them

const {apply, bind, call} = Function.prototype;
const {parse} = JSON;
const {defineProperty, getOwnPropertyDescriptor, ownKeys} = Reflect;

// Called while the snapshot is made, so that the library never sees what a script has made of the language.
export function setNodeOriginals(values) {
  originals = {
    values,
    tools: {
      Error, JSONParse: parse, ObjectDefineProperties, ObjectFreeze, ObjectKeys, ReflectApply, StringPrototypeSlice, StringPrototypeStartsWith,
      Symbol, SymbolDispose, TypeError,
      functions: {apply, bind, call},
      reflect: {apply: ReflectApply, defineProperty, getOwnPropertyDescriptor, ownKeys},
    },
  };
}

// Those of ours that the library uses; Node's bindings are asked for by their names.
const kLibraryNatives = 'asyncContext asyncContextOwner defineLazy exportNumbers fromBase64Url isEnabled keysEqual log nodeBinding ' +
    'nodeLibraryFunction now randomSecretKey requireInvocation setAsyncContext toBase64Url';

function loadLibrary() {
  if (library !== undefined) return library;
  const exports = {__proto__: null};
  const web = platform();
  const webValue = (name) => web[name] instanceof LazyInterface ? web[name].load() : web[name];
  const granted = natives.nativesNamed(kLibraryNatives);
  natives.nodeLibraryFunction('atoll/loader')(exports, undefined, {natives: granted, originals, settings, webValue});
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

// What node:perf_hooks adds to the one `performance`, where it is there.
export function extendPerformance(Performance) {
  if (settings?.extendsPerformance !== true) return;
  const method = (value) => ({__proto__: null, value, writable: true, enumerable: true, configurable: true});
  ObjectDefineProperties(Performance.prototype, {
    __proto__: null,
    nodeTiming: {
      __proto__: null,
      get: {nodeTiming() { return loadLibrary().globalValue('nodeTiming'); }}.nodeTiming,
      enumerable: true,
      configurable: true,
    },
    eventLoopUtilization: method({eventLoopUtilization() { return {idle: 0, active: 0, utilization: 0}; }}.eventLoopUtilization),
    markResourceTiming: method({markResourceTiming() {}}.markResourceTiming),
    timerify: method({timerify(callback) { return callback; }}.timerify),
  });
}

// `info` is prepareWorker's.
export function prepareNode(info, webPlatform, global) {
  const compat = natives.isEnabled('nodejs_compat') || natives.isEnabled('nodejs_compat_v2');
  if (!compat && !natives.isEnabled('nodejs_als')) return;
  settings = {bindings: info.bindings, onlyAsyncHooks: !compat, isEnabled: natives.isEnabled, require: undefined,
    extendsPerformance: natives.isEnabled('enable_nodejs_perf_hooks_module')};
  platform = webPlatform;
  if (!natives.isEnabled('nodejs_compat_v2')) return;
  const lazy = [];
  const define = (name, enumerable) => {
    lazy[lazy.length] = global;
    lazy[lazy.length] = name;
    lazy[lazy.length] = () => loadLibrary().globalValue(name);
    lazy[lazy.length] = enumerable;
  };
  for (let i = 0; i < kLazyGlobals.length; i++) define(kLazyGlobals[i], true);
  if (natives.isEnabled('enable_nodejs_global_timers')) {
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
  settings = {bindings: [], onlyAsyncHooks: false, isEnabled: () => true, require: undefined};
  loadLibrary().loadEverything();
}
