'use strict';
// Loads Node's library into this isolate: `module` is {natives, settings, webValue}. Each source is a function of the six names that Node's own
// loader gives it. Nothing here hands `internalBinding`, `natives` or `primordials` to a script.
const {natives, originals, settings, webValue} = module;

const {Error, ObjectKeys, StringPrototypeSlice, StringPrototypeStartsWith, TypeError} = originals.tools;

// Made for the first source that works with them.
let pristine;
function primordialsOf(id) {
  if (kLight[id] === true) return undefined;
  if (pristine === undefined) {
    pristine = {__proto__: null};
    natives.nodeLibraryFunction('internal/per_context/primordials')(
        originals.tools, undefined, {values: originals.values, load: natives.nodeLibraryFunction}, undefined, undefined, pristine);
    requireLibrary('atoll/process_base');
  }
  return pristine;
}

// These do without, and without all that `process` and errors with codes bring: many Workers use nothing else.
const kLight = {__proto__: null, 'async_hooks': true, 'internal/async_context_frame': true};

const loaded = {__proto__: null};    // id → {exports, …}, from the moment its evaluation begins
const bindings = {__proto__: null};
const processObject = {};

function nativeBinding(name) { return natives.nodeBinding(name); }

loaded['atoll/platform'] = {exports: {natives, tools: originals.tools, settings, webValue, nativeBinding, hasModule, publicModule, publicNames}};

function getBinding(name) {
  let binding = bindings[name];
  if (binding !== undefined) return binding;
  const id = `atoll/bindings/${name}`;
  binding = hasSource(id) ? requireLibrary(id) : nativeBinding(name);
  if (binding === undefined) throw new Error(`No such binding: ${name}`);
  return bindings[name] = binding;
}

const functions = {__proto__: null};
function hasSource(id) {
  if (functions[id] === undefined) functions[id] = natives.nodeLibraryFunction(id);
  return functions[id] !== undefined;
}

function requireLibrary(id) {
  const known = loaded[id];
  if (known !== undefined) return known.exports;
  if (!hasSource(id)) throw new TypeError(`Missing internal module '${id}'`);
  const entry = {id, filename: `${id}.js`, exports: {}, loaded: false};
  loaded[id] = entry;
  const primordials = primordialsOf(id);
  const body = functions[id];
  functions[id] = undefined;
  try {
    body(entry.exports, requireLibrary, entry, processObject, getBinding, primordials);
    if (id === 'internal/util/debuglog') entry.exports.initializeDebugEnv('');
    entry.loaded = true;
  } finally {
    if (!entry.loaded) loaded[id] = undefined;
  }
  return entry.exports;
}

requireLibrary('atoll/process_base');

// Modules that a compatibility flag brings or takes: enable_nodejs_ and the key.
const kByFlag = {
  child_process_module: ['child_process'],
  cluster_module: ['cluster'],
  console_module: ['console'],
  dgram_module: ['dgram'],
  domain_module: ['domain'],
  fs_module: ['fs', 'fs/promises'],
  http2_module: ['http2'],
  http_modules: ['http', 'https', '_http_agent', '_http_client', '_http_common', '_http_incoming', '_http_outgoing'],
  http_server_modules: ['_http_server'],
  inspector_module: ['inspector', 'inspector/promises'],
  os_module: ['os'],
  perf_hooks_module: ['perf_hooks'],
  punycode_module: ['punycode'],
  readline_module: ['readline', 'readline/promises'],
  repl_module: ['repl'],
  sqlite_module: ['sqlite'],
  stream_wrap_module: ['_stream_wrap'],
  trace_events_module: ['trace_events'],
  tty_module: ['tty'],
  v8_module: ['v8'],
  vm_module: ['vm'],
  wasi_module: ['wasi'],
  worker_threads_module: ['worker_threads'],
};

const kAlways = [
  '_stream_duplex', '_stream_passthrough', '_stream_readable', '_stream_transform', '_stream_writable', '_tls_common', '_tls_wrap', 'assert',
  'assert/strict', 'async_hooks', 'buffer', 'constants', 'crypto', 'diagnostics_channel', 'dns', 'dns/promises', 'events', 'module',
  'net', 'path', 'path/posix', 'path/win32', 'process', 'querystring', 'stream', 'stream/consumers', 'stream/promises', 'stream/web',
  'string_decoder', 'sys', 'test', 'timers', 'timers/promises', 'tls', 'url', 'util', 'util/types', 'zlib',
];

const available = {__proto__: null};
if (settings.onlyAsyncHooks) {
  available.async_hooks = true;
} else {
  for (let i = 0; i < kAlways.length; i++) available[kAlways[i]] = true;
  for (const flag in kByFlag) {
    if (!settings.isEnabled(`enable_nodejs_${flag}`)) continue;
    for (let i = 0; i < kByFlag[flag].length; i++) available[kByFlag[flag][i]] = true;
  }
}

// These have no name without `node:`.
const kPrefixed = {__proto__: null, sqlite: true, test: true};

function nameOf(specifier) {
  if (StringPrototypeStartsWith(specifier, 'node:')) {
    const name = StringPrototypeSlice(specifier, 5);
    return available[name] === true ? name : undefined;
  }
  return available[specifier] === true && kPrefixed[specifier] !== true ? specifier : undefined;
}

function hasModule(specifier) { return nameOf(specifier) !== undefined; }

function publicNames() {
  const names = ObjectKeys(available);
  for (let i = 0; i < names.length; i++) {
    if (kPrefixed[names[i]] === true) names[i] = `node:${names[i]}`;
  }
  return names;
}

// Which source a script gets for a name.
function publicId(name) {
  return name === 'process' && !settings.isEnabled('enable_nodejs_process_v2') ? 'atoll/legacy_process' : name;
}

function publicModule(specifier) {
  const name = nameOf(`${specifier}`);
  return name === undefined ? undefined : requireLibrary(publicId(name));
}
exports.publicModule = publicModule;

exports.globalValue = (name) => {
  switch (name) {
    case 'Buffer': return requireLibrary('buffer').Buffer;
    case 'nodeTiming': return requireLibrary('atoll/node_timing');
    case 'process': return requireLibrary(publicId('process'));
    default: return requireLibrary('timers')[name];
  }
};

exports.loadEverything = () => {
  for (const name in available) {
    const exported = requireLibrary(name);
    for (const key in exported) {
      try { exported[key]; } catch {}
    }
  }
};
