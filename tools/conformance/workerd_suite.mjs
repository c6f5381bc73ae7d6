// The tests of the reference runtime's repository that any platform can run: reads each *.wd-test configuration and says of it
// what its Workers are and what else it needs.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import esbuild from 'esbuild';
import { Embed, readConfig, Word } from './capnp_text.mjs';

// The first that matches a file's path names its area.
const kAreas = [
  ['d1', /test\/d1\//],
  ['queues', /queue-metadata/],
  ['streams', /r2-patterns|pipeline-transform/],
  ['robustness', /autovuln|uaf|hardening|pollution|toctou|oob|gc-test|reentry|resizable-arraybuffer|cross-context|als-gc/],
  ['node:crypto', /node\/.*crypto/],
  ['node:fs', /node\/tests\/fs-|webfs/],
  ['node:network', /node\/tests\/(http|net|tls|dns|dgram|starttls)|registry-dns/],
  ['node:stream', /node\/tests\/(streams|string-decoder|readline)/],
  ['node:zlib', /node\/tests\/zlib/],
  ['node:buffer', /node\/tests\/buffer/],
  ['node:other', /node\/tests\/(child|cluster|domain|gc|inspector|node-compat|repl|sqlite|sys|trace|tty|wasi|worker_threads)/],
  ['node:core', /node\/tests\//],
  ['workerd-server', /workerd\/(server\/)?tests\//],
  ['async-context', /als|async-context/],
  ['durable-objects', /sql|actor|sync-kv|stub-storage|delete-all|hibernation|persistent-stubs|registry-do/],
  ['rpc', /js-rpc|rpc-|ctx-|entrypoint|importable-exports|service-binding|stub/],
  ['worker-loader', /worker-loader/],
  ['cache', /cache/],
  ['errors', /tail|errorinfo|instrumentation|self-logger|reporterror|unhandled|warnings/],
  ['websocket', /websocket/],
  ['streams', /stream|pipe|byob|identity|compression/],
  ['webcrypto', /crypto/],
  ['url', /url/],
  ['encoding', /encoding|textdecoder|odd-offset/],
  ['blob+formdata', /blob|form-data/],
  ['htmlrewriter', /htmlrewriter/],
  ['events', /abort|event|messageport|structured|clone-test|error-/],
  ['fetch', /fetch|http|request|response|headers|beacon|connect|socket|outbound/],
  ['globals', /scheduler|settimeout|navigator|global-scope|performance|worker-test|eval|unsafe/],
  ['modules', /module|importable|registry|commonjs|wasm|compat/],
];

// Areas with a milestone of their own: run when they are asked for.
export const kLaterAreas = ['d1', 'durable-objects', 'queues', 'node:fs', 'node:network'];

const kKinds = { esModule: 'esm', commonJsModule: 'commonjs', text: 'text', data: 'data', wasm: 'wasm', json: 'json' };
// Bindings that belong to storage, which has a milestone of its own.
const kStorageBindings = new Set(['durableObjectNamespace']);
const kOrdinaryBindings = new Set(['json', 'text', 'data', 'service', 'durableObjectNamespace', 'workerLoader', 'fromEnvironment']);

const wordOf = (value) => (value instanceof Word ? value.text : value);

// The attributes of the build files that matter: src → whether the test wants a process beside it, or an old date only.
function readBuildFile(folder) {
  const attributes = new Map();
  const file = join(folder, 'BUILD.bazel');
  if (!existsSync(file)) return attributes;
  for (const [, body] of readFileSync(file, 'utf8').matchAll(/^wd_test\(([^]*?)^\)/gm)) {
    const [, source] = /\bsrc = "([^"]+)"/.exec(body) ?? [];
    attributes.set(source, {
      sidecar: /\bsidecar = /.test(body),
      oldDateOnly: /generate_all_compat_flags_variant = False/.test(body),
      date: /\bcompat_date = "([^"]+)"/.exec(body)?.[1],
    });
  }
  return attributes;
}

// → the file's name as it is on disk, .js being written for .ts
function embedded(folder, { path }) {
  const file = join(folder, path);
  return existsSync(file) ? file : file.replace(/\.js$/, '.ts');
}

function contentOf(folder, value) {
  if (!(value instanceof Embed)) return Buffer.from(wordOf(value));
  const file = embedded(folder, value);
  const content = readFileSync(file);
  if (!file.endsWith('.ts')) return content;
  return Buffer.from(esbuild.transformSync(content.toString(), { loader: 'ts', format: 'esm', target: 'esnext' }).code);
}

function bindingOf(folder, { name, ...rest }) {
  const [[kind, value]] = Object.entries(rest);
  switch (kind) {
    case 'service':
      if (typeof value === 'string') return { kind, name, service: value };
      return { kind, name, service: value.name, entrypoint: value.entrypoint, props: value.props?.json };
    case 'durableObjectNamespace':
      if (typeof value === 'string') return { kind, name, className: value };
      return { kind, name, className: value.className, service: value.serviceName };
    case 'json':
    case 'text': return { kind, name, value: contentOf(folder, value).toString() };
    case 'data': {
      if (value instanceof Embed) return { kind, name, value: contentOf(folder, value) };
      const hex = value instanceof Word && (value.text.match(/[0-9a-fA-F]{2}/g) ?? []).slice(value.text.startsWith('0x') ? 0 : undefined);
      return { kind, name, value: hex ? Buffer.from(hex.join(''), 'hex') : Buffer.from(value) };
    }
    case 'fromEnvironment': return { kind, name, variable: value };
    default: return { kind, name };
  }
}

// Why a platform other than workerd cannot run the test, or undefined. `tools` are things a test bench would have to bring.
function obstacle(config, text, folder, attributes) {
  if (/python/i.test(text)) return 'Python';
  if (attributes.sidecar) return 'a process beside it';
  if (attributes.oldDateOnly) return 'an old date only';
  if (/loopback:|%topLevelAbort|autogate|namedExports/.test(text)) return 'what only workerd has';
  if (config.extensions?.length && !/instrumentation-tail/.test(text)) return 'modules inside of the runtime';
  for (const { worker, network, external } of config.services) {
    if (network || external) return 'a network of its own';
    if (!worker) continue;
    if (worker.globalOutbound || worker.tails?.length || worker.cacheApiOutbound || worker.containerEngine) return 'Workers around it';
    if (worker.streamingTails?.length && !/instrumentation|test-tail/.test(text)) return 'streaming tails';
    if (worker.modules?.[0] && !worker.modules[0].esModule) return 'a main module of another kind';
    for (const { name, ...rest } of worker.bindings ?? []) {
      const [[kind, value]] = Object.entries(rest);
      if (kOrdinaryBindings.has(kind)) continue;
      if (kind === 'wrapped' && value.moduleName === 'cloudflare-internal:d1-api') continue;
      return `a binding of the kind ${kind}, with an imitation behind it`;
    }
  }
  for (const [, path] of text.matchAll(/embed "([^"]+\.(?:js|mjs|ts))"/g)) {
    const file = embedded(folder, { path });
    if (!existsSync(file)) return `${path}, which is missing`;
    const source = readFileSync(file, 'utf8');
    if (/from ['"](cloudflare-internal|node-internal|workerd|internal):/.test(source)) return "the runtime's internal modules";
    if (/from ['"]test:/.test(source) && !/instrumentation-tail/.test(text)) return 'modules inside of the runtime';
    if (/unsafeEvalWarmup|unsafe\b.*binding/.test(source)) return 'the unsafe binding';
  }
  return undefined;
}

function workersOf(config, folder, date) {
  const beside = new Set(config.services.flatMap(({ worker }) => (worker?.streamingTails ?? []).map((tail) => tail.name ?? tail)));
  return config.services.filter(({ name, worker }) => worker && !beside.has(name)).map(({ name, worker }) => {
    const modules = (worker.modules ?? []).map(({ name: module, ...rest }) => {
      const [key, value] = Object.entries(rest).find(([one]) => Object.hasOwn(kKinds, one));
      return { name: module, kind: kKinds[key], content: contentOf(folder, value) };
    });
    return {
      name,
      modules,
      bindings: (worker.bindings ?? []).map((one) => bindingOf(folder, one)),
      classes: (worker.durableObjectNamespaces ?? []).map(({ className, uniqueKey, enableSql }) =>
        ({ className, uniqueKey, sql: wordOf(enableSql) === 'true' })),
      date: worker.compatibilityDate ?? date,
      flags: worker.compatibilityFlags ?? [],
      hasTests: /\btest\s*[(:=]/.test(modules[0]?.content.toString() ?? ''),
    };
  });
}

// A test without the bindings and classes of storage, for both platforms: what touches them fails on both, the rest counts.
export function withoutStorage(test) {
  if (!test.config) return test;
  const ordinary = (binding) => !Object.keys(binding).some((key) => kStorageBindings.has(key));
  const services = test.config.services.map((service) => {
    if (!service.worker) return service;
    const { durableObjectNamespaces, durableObjectStorage, bindings, ...rest } = service.worker;
    return { ...service, worker: { ...rest, ...(bindings && { bindings: bindings.filter(ordinary) }) } };
  });
  const workers = test.workers.map((worker) => (
    { ...worker, classes: [], bindings: worker.bindings.filter(({ kind }) => !kStorageBindings.has(kind)) }));
  return { ...test, config: { ...test.config, services }, workers };
}

// → [{ id, area, file, leftOut? } or { id, area, file, config, workers, wantsGc }], by area and file. `date` where a test has none.
export function readWorkerdSuite(root, date) {
  const builds = new Map();
  const tests = globSync('src/**/*wd-test', { cwd: root }).sort().map((file) => {
    const folder = join(root, dirname(file));
    if (!builds.has(folder)) builds.set(folder, readBuildFile(folder));
    const attributes = builds.get(folder).get(basename(file)) ?? {};
    const id = file.replace(/^src\/(workerd|cloudflare)\//, '').replace(/\.(ts-)?wd-test$/, '').replace(/\/tests?\//, '/');
    const test = { id, file, area: kAreas.find(([, pattern]) => pattern.test(file))?.[0] ?? 'other' };
    const text = readFileSync(join(root, file), 'utf8');
    try {
      const config = readConfig(text);
      const leftOut = obstacle(config, text, folder, attributes);
      if (leftOut) return { ...test, leftOut: `needs ${leftOut}` };
      return { ...test, config, folder, workers: workersOf(config, folder, attributes.date ?? date) };
    } catch (error) {
      return { ...test, leftOut: /python/i.test(text) ? 'needs Python' : `not understood: ${error.message}` };
    }
  });
  return tests.sort((left, right) => (left.area === right.area ? 0 : left.area < right.area ? -1 : 1));
}
