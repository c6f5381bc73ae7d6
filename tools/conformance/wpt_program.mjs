// Makes one ES module of a WPT file: whoever requests the Worker gets the results of its subtests as JSON.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

// Files that no Worker can run, on any runtime, by what their names tell.
const kLeftOut = [
  [/idlharness|crashtests/, 'needs a browser'],
  [/^(?!compression|urlpattern).*tentative/, 'is not standard yet'],  // those two came into the standard under that name
  [/transferable|service-?worker|cross-realm|detached-context|navigate|subresource|dom\.any/, 'needs frames, Workers or a DOM'],
  [/fetch\/.*(nosniff|redirect|cors|policies|cache-|integrity|credentials|referrer|keepalive)/, "needs WPT's own servers"],
  [/Blob-constructor-dom/, 'needs a DOM'],
  [/stream-safe-creation/, 'patches Object.prototype, which breaks the harness'],
];

const kMaximumResource = 3_000_000;
const kHangMs = 12_000;

const readMeta = (source) => [...source.matchAll(/^\/\/ META: (\w+)=(.*)$/gm)].map(([, key, value]) => [key, value.trim()]);

function isForWorkers(meta) {
  const scopes = meta.filter(([key]) => key === 'global').flatMap(([, value]) => value.split(','));
  return scopes.length === 0 || !scopes.every((scope) => /^(window|shadowrealm|jsshell|!.*)/.test(scope));
}

// The texts of files that the sources name, by the name they use.
function resourcesIn(root, folder, sources) {
  const found = {};
  for (const source of sources) {
    for (const [, name] of source.matchAll(/['"`]([\w./-]+\.(?:json|txt|html))['"`]/g)) {
      const path = name.startsWith('/') ? join(root, name) : join(folder, name);
      if (existsSync(path) && statSync(path).size < kMaximumResource) found[name] = readFileSync(path, 'utf8');
    }
  }
  return found;
}

function harness(root) {
  return readFileSync(join(root, 'resources/testharness.js'), 'utf8')
    .replace(/(test_environment\s*=\s*)create_test_environment\(\)/, '$1new ShellTestEnvironment()')
    .replace(/\}\)\((?:this|self|globalThis)\);?\s*(?:\/\/ vim:.*)?\s*$/, '})(globalThis);\n');
}

// The tests of Request resolve URLs against their page; Workers have none.
const kRequestWithBase = `var Request = class Request extends globalThis.Request {
  constructor(input, init) {
    super(typeof input === 'string' ? new URL(input, 'http://web-platform.test/fetch/api/request/').href : input, init);
  }
};`;

// → { content }, or { leftOut: reason }, or { missing: path }.
export function programFor(root, file) {
  const reason = kLeftOut.find(([pattern]) => pattern.test(file))?.[1];
  if (reason) return { leftOut: reason };
  const path = join(root, file);
  const source = readFileSync(path, 'utf8');
  const meta = readMeta(source);
  if (!isForWorkers(meta)) return { leftOut: 'is for windows only' };

  const scripts = meta.filter(([key]) => key === 'script')
    .map(([, value]) => (value.startsWith('/') ? join(root, value) : join(dirname(path), value)));
  const missing = scripts.find((script) => !existsSync(script));
  if (missing) return { missing };
  const sources = [...scripts.map((script) => readFileSync(script, 'utf8')), source];
  const title = meta.find(([key]) => key === 'title')?.[1] ?? file;

  return { content: `
const resources = ${JSON.stringify(resourcesIn(root, dirname(path), sources))};
const platformFetch = globalThis.fetch;
const resultOf = ({ name, status, message }) => ({ name, status, message: status ? String(message).slice(0, 300) : undefined });

async function run() {
  const G = globalThis;
  G.GLOBAL = { isWindow: () => false, isWorker: () => true, isShadowRealm: () => false };
  if (!G.location) {
    G.location = {
      href: 'http://web-platform.test/${file}', origin: 'http://web-platform.test', protocol: 'http:', host: 'web-platform.test',
      hostname: 'web-platform.test', port: '', pathname: '/${file}', search: '', hash: '',
    };
  }
  (function () {
${harness(root)}
  }).call(G);
  const seen = [];
  const completed = new Promise((resolve) => {
    add_completion_callback((tests, { status, message }) => resolve({ status, message, subtests: tests.map(resultOf) }));
  });
  add_result_callback((test) => seen.push(resultOf(test)));
  G.META_TITLE = ${JSON.stringify(title)};
  setup({ output: false, explicit_timeout: true });
  (function () {
    var structuredCloneBatteryOfTests, testObjMock;  // names that scripts assign to without declaring them
    var fetch = (url, ...rest) =>
      typeof url === 'string' && Object.hasOwn(resources, url) ? Promise.resolve(new Response(resources[url])) : platformFetch(url, ...rest);
    ${file.startsWith('fetch/api/request') ? kRequestWithBase : ''}
${sources.join('\n;\n')}
  }).call(G);
  const hung = new Promise((resolve) => setTimeout(() => {
    resolve({ status: 2, message: 'hung', subtests: [...seen, { name: '(hung)', status: 2 }] });
  }, ${kHangMs}));
  return Promise.race([completed, hung]);
}

export default {
  async fetch() {
    let results;
    try {
      results = await run();
    } catch (error) {
      results = { error: String(error?.stack ?? error) };
    }
    return new Response(JSON.stringify(results));
  },
};
` };
}
