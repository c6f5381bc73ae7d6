'use strict';
// Loads Node's library into this isolate: `module` is {natives, settings, webValue}. Each source is a function of the six names that Node's own
// loader gives it. Nothing here hands `internalBinding`, `natives` or `primordials` to a script.
const {natives, settings, webValue} = module;

const pristine = {__proto__: null};
natives.nodeLibraryFunction('internal/per_context/primordials')(
    {}, undefined, undefined, undefined, undefined, pristine);
const {ObjectCreate, StringPrototypeSlice, StringPrototypeStartsWith} = pristine;

const loaded = {__proto__: null};    // id → {exports, …}, from the moment its evaluation begins
const bindings = {__proto__: null};
const processObject = {};

function nativeBinding(name) { return natives.nodeBinding(name); }

loaded['atoll/platform'] = {exports: {natives, settings, webValue, nativeBinding, hasModule, publicModule, publicNames}};

function getBinding(name) {
  let binding = bindings[name];
  if (binding !== undefined) return binding;
  const id = `atoll/bindings/${name}`;
  binding = hasSource(id) ? requireLibrary(id) : nativeBinding(name);
  if (binding === undefined) throw new pristine.Error(`No such binding: ${name}`);
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
  if (!hasSource(id)) throw new pristine.TypeError(`Missing internal module '${id}'`);
  const entry = {id, filename: `${id}.js`, exports: {}, loaded: false};
  loaded[id] = entry;
  const body = functions[id];
  functions[id] = undefined;
  try {
    body(entry.exports, requireLibrary, entry, processObject, getBinding, pristine);
    if (id === 'internal/util/debuglog') entry.exports.initializeDebugEnv('');
    entry.loaded = true;
  } finally {
    if (!entry.loaded) loaded[id] = undefined;
  }
  return entry.exports;
}

requireLibrary('atoll/process_base');

// Modules by the date from which Node compatibility brings them; a flag brings or takes one by name.
const kByFlag = {
  '2025-08-15': {http_modules: ['http', 'https', '_http_agent', '_http_client', '_http_common', '_http_incoming', '_http_outgoing']},
  '2025-09-01': {http_server_modules: ['_http_server'], http2_module: ['http2']},
  '2025-09-15': {fs_module: ['fs', 'fs/promises'], os_module: ['os']},
  '2025-09-21': {console_module: ['console']},
  '2025-10-01': {vm_module: ['vm']},
  '2025-12-04': {
    cluster_module: ['cluster'], domain_module: ['domain'], punycode_module: ['punycode'], trace_events_module: ['trace_events'],
    wasi_module: ['wasi'],
  },
  '2026-01-29': {
    dgram_module: ['dgram'], inspector_module: ['inspector', 'inspector/promises'], sqlite_module: ['sqlite'],
    stream_wrap_module: ['_stream_wrap'],
  },
  '2026-03-17': {
    child_process_module: ['child_process'], perf_hooks_module: ['perf_hooks'], readline_module: ['readline', 'readline/promises'],
    repl_module: ['repl'], test_module: ['test'], tty_module: ['tty'], v8_module: ['v8'], worker_threads_module: ['worker_threads'],
  },
};

const kAlways = [
  '_stream_duplex', '_stream_passthrough', '_stream_readable', '_stream_transform', '_stream_writable', '_tls_common', '_tls_wrap', 'assert',
  'assert/strict', 'async_hooks', 'buffer', 'constants', 'crypto', 'diagnostics_channel', 'dns', 'dns/promises', 'events', 'module',
  'net', 'path', 'path/posix', 'path/win32', 'process', 'querystring', 'stream', 'stream/consumers', 'stream/promises', 'stream/web',
  'string_decoder', 'sys', 'timers', 'timers/promises', 'tls', 'url', 'util', 'util/types', 'zlib',
];

const available = {__proto__: null};
if (settings.onlyAsyncHooks) {
  available.async_hooks = true;
} else {
  for (let i = 0; i < kAlways.length; i++) available[kAlways[i]] = true;
  for (const date in kByFlag) {
    const flags = kByFlag[date];
    for (const flag in flags) {
      if (!settings.isOn(`enable_nodejs_${flag}`, `disable_nodejs_${flag}`, date)) continue;
      for (let i = 0; i < flags[flag].length; i++) available[flags[flag][i]] = true;
    }
  }
}

function nameOf(specifier) {
  if (StringPrototypeStartsWith(specifier, 'node:')) {
    const name = StringPrototypeSlice(specifier, 5);
    return available[name] === true ? name : undefined;
  }
  return available[specifier] === true ? specifier : undefined;
}

function hasModule(specifier) { return nameOf(specifier) !== undefined; }

function publicNames() { return pristine.ObjectKeys(available); }

function publicModule(specifier) {
  const name = nameOf(`${specifier}`);
  return name === undefined ? undefined : requireLibrary(name);
}
exports.publicModule = publicModule;

exports.globalValue = (name) => {
  switch (name) {
    case 'Buffer': return requireLibrary('buffer').Buffer;
    case 'process': return requireLibrary('process');
    default: return requireLibrary('timers')[name];
  }
};

exports.loadEverything = () => {
  for (const name in available) {
    if (name === 'crypto' || name === 'zlib') continue;  // their bindings do not exist yet
    const exported = requireLibrary(name);
    for (const key in exported) {
      try { exported[key]; } catch {}
    }
  }
};
