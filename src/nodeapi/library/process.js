'use strict';
const {
  BigInt, Error, MathFloor, NumberIsInteger, NumberParseInt, ObjectCreate, ObjectDefineProperty, ObjectFreeze, ObjectSetPrototypeOf,
  ReflectApply, RegExpPrototypeExec, SafeMap, Set, StringPrototypeEndsWith, StringPrototypeSlice, StringPrototypeStartsWith, SymbolToStringTag,
} = primordials;
const EventEmitter = require('events');
const {
  codes: {ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_METHOD_NOT_IMPLEMENTED, ERR_OUT_OF_RANGE},
} = require('internal/errors');
const {validateArray, validateInteger, validateString} = require('internal/validators');
const {natives, publicModule, settings} = require('atoll/platform');

function refuse(name) {
  return {[name]() { throw new ERR_METHOD_NOT_IMPLEMENTED(`process.${name}`); }}[name];
}

ObjectSetPrototypeOf(process, ObjectCreate(EventEmitter.prototype, {
  constructor: {__proto__: null, enumerable: false, writable: true, configurable: true, value: {process() {}}.process},
}));
EventEmitter.call(process);

for (const name of ['on', 'addListener', 'prependListener']) {
  const add = EventEmitter.prototype[name];
  ObjectDefineProperty(process, name, {
    __proto__: null,
    value: {[name](type, listener) {
      require('atoll/process_events').connect(type);
      return ReflectApply(add, this, [type, listener]);
    }}[name],
    writable: true,
    configurable: true,
    enumerable: false,
  });
}

const define = (members) => {
  for (const name in members) {
    ObjectDefineProperty(process, name, {__proto__: null, value: members[name], writable: true, enumerable: true, configurable: true});
  }
};

const kMask = 0o22;
let exitCode;

// Where requests have gone to, by their number. Of one that is forgotten it is where all begin.
const kMostFolders = 1000;
const folders = new SafeMap();
const folder = () => folders.get(natives.asyncContextOwner()) ?? '/bundle';
const started = natives.now();

function hrtime(time) {
  const milliseconds = natives.now();
  let seconds = MathFloor(milliseconds / 1000);
  let nanoseconds = MathFloor((milliseconds % 1000) * 1e6);
  if (time !== undefined) {
    validateArray(time, 'time');
    if (time.length !== 2) throw new ERR_OUT_OF_RANGE('time', 2, time.length);
    seconds -= time[0];
    nanoseconds -= time[1];
    if (nanoseconds < 0) {
      seconds--;
      nanoseconds += 1e9;
    }
  }
  return [seconds, nanoseconds];
}
hrtime.bigint = function bigint() { return BigInt(MathFloor(natives.now() * 1e6)); };

function memoryUsage() { return {rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0}; }
memoryUsage.rss = () => 0;

function validateMask(value) {
  const isOctal = typeof value === 'string' && RegExpPrototypeExec(/^[0-7]+$/, value) !== null;
  if (typeof value !== 'string' && typeof value !== 'number') throw new ERR_INVALID_ARG_TYPE('mask', ['number', 'string'], value);
  const number = typeof value === 'number' ? value : isOctal ? NumberParseInt(value, 8) : -1;
  if (!NumberIsInteger(number) || number < 0 || number > 0xffffffff) throw new ERR_INVALID_ARG_VALUE('mask', value);
}

// A script is the user 0, and only that.
function becomeRoot(name) {
  return {[name](id) {
    if (id === 0) return;
    const error = new Error(`EPERM: operation not permitted, ${name}`);
    error.code = 'EPERM';
    error.syscall = name;
    throw error;
  }}[name];
}

define({
  argv: ['workerd'],
  argv0: 'workerd',
  execArgv: [],
  execPath: '',
  pid: 1,
  ppid: 0,
  exitCode: undefined,
  debugPort: 0,
  connected: false,
  channel: null,
  config: ObjectFreeze({target_defaults: ObjectFreeze({default_configuration: 'Release'}), variables: ObjectFreeze({asan: 0, v8_enable_i18n_support: 1})}),
  release: {name: 'node', lts: true, sourceUrl: '', headersUrl: ''},
  features: ObjectFreeze({
    inspector: false, debug: false, uv: true, ipv6: true, tls_alpn: true, tls_sni: true, tls_ocsp: true, tls: true, openssl_is_boringssl: true,
    cached_builtins: true, require_module: false, typescript: false,
  }),
  allowedNodeEnvironmentFlags: new Set(),
  moduleLoadList: [],
  permission: {has: () => true},
  report: {
    compact: false, directory: '', filename: '', reportOnFatalError: false, reportOnSignal: false, reportOnUncaughtException: false,
    excludeNetwork: false, excludeEnv: false, signal: 'SIGUSR2', getReport: () => ({}), writeReport: refuse('report.writeReport'),
  },
  finalization: {register() {}, registerBeforeExit() {}, unregister() {}},
  sourceMapsEnabled: false,
  _exiting: false,
  _preload_modules: [],

  getuid: () => 0, geteuid: () => 0, getgid: () => 0, getegid: () => 0, getgroups: () => [0],
  setuid: becomeRoot('setuid'), seteuid: becomeRoot('seteuid'), setgid: becomeRoot('setgid'), setegid: becomeRoot('setegid'), setgroups: refuse('setgroups'),
  initgroups: refuse('initgroups'),
  cwd: () => folder(),
  chdir(path) {
    validateString(path, 'directory');
    const opened = require('atoll/tree').openFolder(folder(), path, 'chdir');
    if (folders.size >= kMostFolders) folders.clear();
    folders.set(natives.asyncContextOwner(), opened);
  },
  // Looked at, but there is nothing that a mask would hide.
  umask(value) {
    if (value !== undefined) validateMask(value);
    return kMask;
  },
  hrtime,
  uptime: () => (natives.now() - started) / 1000,
  memoryUsage,
  cpuUsage: refuse('cpuUsage'),
  threadCpuUsage: refuse('threadCpuUsage'),
  resourceUsage: () => ({
    userCPUTime: 0, systemCPUTime: 0, maxRSS: 0, sharedMemorySize: 0, unsharedDataSize: 0, unsharedStackSize: 0, minorPageFault: 0,
    majorPageFault: 0, swappedOut: 0, fsRead: 0, fsWrite: 0, ipcSent: 0, ipcReceived: 0, signalsCount: 0, voluntaryContextSwitches: 0,
    involuntaryContextSwitches: 0,
  }),
  constrainedMemory: () => 0,
  availableMemory: () => 0,
  assert(value, message) { require('assert').ok(value, message); },
  exit(code = exitCode ?? 0) {
    process.exitCode = code;
    return process.reallyExit(code);
  },
  reallyExit(code) {
    throw new Error(`process.exit(${code ?? 0}) called`);
  },
  abort: refuse('abort'),
  kill: refuse('kill'),
  ref() {},
  unref() {},
  getBuiltinModule(id) {
    validateString(id, 'id');
    if (StringPrototypeStartsWith(id, 'cloudflare:')) {
      try { return settings.require(id, ''); } catch { return undefined; }
    }
    return publicModule(id);
  },
  loadEnvFile: refuse('loadEnvFile'),
  setSourceMapsEnabled() {},
  getSourceMapsSupport: () => ({__proto__: null, enabled: false, nodeModules: false, generatedCode: false}),
  setUncaughtExceptionCaptureCallback: refuse('setUncaughtExceptionCaptureCallback'),
  hasUncaughtExceptionCaptureCallback: refuse('hasUncaughtExceptionCaptureCallback'),
  getActiveResourcesInfo: refuse('getActiveResourcesInfo'),
  binding: refuse('binding'),
  _linkedBinding: refuse('_linkedBinding'),
  dlopen: refuse('dlopen'),
  execve: refuse('execve'),
  send: () => false,
  _channel: undefined,
  _disconnect: undefined,
  _handleQueue: undefined,
  _pendingMessage: undefined,
  _send: undefined,
  openStdin() { return process.stdin; },
  _rawDebug(...args) { require('internal/util/inspect').format(...args); },
  _getActiveRequests: () => [],
  _getActiveHandles: () => [],
  _kill: refuse('_kill'),
  _fatalException() {},
  _tickCallback() {},
  _debugProcess() {},
  _debugEnd() {},
  _startProfilerIdleNotifier() {},
  _stopProfilerIdleNotifier() {},
});

ObjectDefineProperty(process, 'exitCode', {
  __proto__: null,
  enumerable: true,
  configurable: true,
  get: () => exitCode,
  set(code) {
    if (code !== null && code !== undefined) {
      let value = code;
      if (typeof code === 'string' && code !== '') value = +code;
      validateInteger(value, 'code');
      exitCode = value;
    } else {
      exitCode = code;
    }
  },
});

// Each write becomes a line of the log.
function outputStream(fd, level) {
  const {Writable} = require('stream');
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, encoding, callback) {
      let text = typeof chunk === 'string' ? chunk : chunk.toString();
      if (StringPrototypeEndsWith(text, '\n')) text = StringPrototypeSlice(text, 0, -1);
      natives.log(level, text);
      callback();
    },
  });
  stream.fd = fd;
  stream._type = 'fs';
  stream._isStdio = true;
  stream.readable = false;
  stream.allowHalfOpen = false;
  stream.bufferSize = 0;
  stream.bytesRead = 0;
  stream.bytesWritten = 0;
  stream.connecting = false;
  stream.pending = false;
  stream.destroySoon = stream.destroy;
  stream._destroy = (error, callback) => callback(error);
  return stream;
}

function inputStream() {
  const {Readable} = require('stream');
  const stream = new Readable({read() { this.push(null); }});
  stream.fd = 0;
  ObjectSetPrototypeOf(stream, require('fs').ReadStream.prototype);
  return stream;
}

function defineStream(name, make) {
  let stream;
  ObjectDefineProperty(process, name, {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get: () => stream ??= make(),
    set(value) { stream = value; },
  });
}
defineStream('stdin', inputStream);
defineStream('stdout', () => outputStream(1, 2));
defineStream('stderr', () => outputStream(2, 4));

ObjectDefineProperty(process, SymbolToStringTag, {__proto__: null, value: 'process', configurable: true});

module.exports = process;
