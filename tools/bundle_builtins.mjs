// Bundles the built-in JavaScript: bundle_builtins.mjs OUT.js PARTS.json
//
// OUT.js is the body of one function of `natives`, evaluated when the snapshot is made. Modules of a lazy part go into a
// function of their own in PARTS.json, {name: body}, which becomes a source of the library that isolates compile from when
// they need it. Where an eager module imports from a lazy one it gets stand-ins (see
// src/webapi/internal/lazy.js); a lazy module gets what it imports from outside its part as values of `outer`.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../src');
const parts = {
  streams: [/^webapi\/streams\//, /^webapi\/compression\//, /^webapi\/encoding\/text_streams\.js$/, /^webapi\/crypto\/digest_stream\.js$/],
  forms: [/^webapi\/formdata\//, /^webapi\/blob\//],
  inspect: [/^webapi\/console\/(?!console\.js$)/],
  eventsource: [/^webapi\/eventsource\//],
  htmlrewriter: [/^webapi\/htmlrewriter\//],
  messaging: [/^webapi\/messaging\//],
  websocket: [/^webapi\/websocket\//],
  crypto: [/^webapi\/crypto\/subtle\//],
  urlpattern: [/^webapi\/urlpattern\//],
  timeline: [/^webapi\/performance\/timeline\.js$/],
  performance: [/^webapi\/performance\/performance\.js$/],
  navigator: [/^webapi\/performance\/navigator\.js$/],
  abort: [/^webapi\/events\/abort_signal\.js$/],
  decoding: [/^webapi\/encoding\/(text_decoder|base64)\.js$/],
  exceptions: [/^webapi\/internal\/dom_exception\.js$/],
  fetchEvent: [/^webapi\/entry\/fetch_event\.js$/],
  mime: [/^webapi\/internal\/mime_type\.js$/],
  url: [/^webapi\/url\//],
  events: [/^webapi\/events\/event_classes\.js$/],
  clone: [/^webapi\/structured_clone\//],
  client: [/^webapi\/fetch\/(exchange|data_url)\.js$/],
  cryptoObject: [/^webapi\/crypto\/(crypto|digest_algorithms)\.js$/],
  sockets: [/^webapi\/sockets\//, /^webapi\/entry\/deliver_socket\.js$/],
  cache: [/^webapi\/cache\//],
  kv: [/^bindings\/kv\//],
  inbound: [/^webapi\/entry\/inbound\.js$/],
  loader: [/^bindings\/loader\//],
  rpc: [/^webapi\/rpc\/(?!channel|classes|target)/, /^webapi\/entry\/deliver_(call|event)\.js$/,
    /^bindings\/service\/extra_handlers\.js$/],
};

const nameOf = (path) => relative(root, path);
const partOf = (path) => Object.keys(parts).find((part) => parts[part].some((pattern) => pattern.test(nameOf(path))));

// The names a module imports from each other module: [{from, names}].
function importsOf(path) {
  const source = readFileSync(path, 'utf8');
  const found = [];
  for (const [, clause, from] of source.matchAll(/^(?:import|export)\s+([^'";]*?)\s*from\s*'(\.[^']+)';/gm)) {
    const braces = clause.match(/^\{([\s\S]*)\}$/);
    if (!braces && partOf(resolve(dirname(path), from)) !== partOf(path) && partOf(path)) {
      throw new Error(`${nameOf(path)}: a lazy part can only import names in braces from outside`);
    }
    const names = braces ? braces[1].split(',').map((name) => name.trim().split(/\s+as\s+/)[0]).filter(Boolean) : [];
    found.push({ from: resolve(dirname(path), from), names });
  }
  return found;
}

async function exportsOf(path) {
  const built = await esbuild.build({ entryPoints: [path], bundle: false, format: 'esm', write: false, metafile: true });
  return Object.values(built.metafile.outputs)[0].exports;
}

// As many as count for the function's length.
function formalParameters(path, name) {
  const [, list = ''] = readFileSync(path, 'utf8').match(new RegExp(`^export (?:async )?function ${name}\\(([^)]*)\\)`, 'm')) ?? [];
  const names = list.split(',').map((parameter) => parameter.trim()).filter(Boolean);
  const first = names.findIndex((parameter) => /=|^\.\.\./.test(parameter));
  return names.slice(0, first < 0 ? names.length : first).map((_, index) => `a${index}`).join(', ');
}

// What stands in the main bundle for a module of a lazy part.
async function standIn(path) {
  const part = partOf(path);
  const lines = [`import {loadPart, isLoaded} from 'atoll:parts';`, `import {LazyInterface} from '${root}/webapi/internal/lazy.js';`,
    `import {ReflectApply} from '${root}/webapi/internal/primordials.js';`];
  for (const name of await exportsOf(path)) {
    const value = `loadPart('${part}')['${nameOf(path)}'].${name}`;
    if (/^k[A-Z]/.test(name)) continue;  // a constant cannot wait: who imports it from outside fails to build
    if (/^[A-Z]/.test(name)) {
      lines.push(`export const ${name} = /* @__PURE__ */ new LazyInterface(() => ${value});`);
    } else if (/^is[A-Z]/.test(name)) {  // nothing can be an instance of a class that does not exist yet
      lines.push(`export const ${name} = (value) => isLoaded('${part}') && ${value}(value);`);
    } else {
      lines.push(`export function ${name}(${formalParameters(path, name)}) { return ReflectApply(${value}, undefined, arguments); }`);
    }
  }
  return lines.join('\n');
}

const partNatives = {};  // part → names of the natives it calls, known when it is built

// The import graph from main.js: which names cross the border of a part, in either direction.
const wanted = new Map();    // outside module → names that lazy parts import
const borders = new Map();   // part → its modules that something outside imports
const seen = new Set();
function walk(path) {
  if (seen.has(path)) return;
  seen.add(path);
  for (const { from, names } of importsOf(path)) {
    if (partOf(from) !== partOf(path)) {
      if (partOf(from)) borders.set(partOf(from), (borders.get(partOf(from)) ?? new Set()).add(from));
      if (partOf(path)) {
        const known = wanted.get(from) ?? new Set();
        names.forEach((name) => known.add(name));
        wanted.set(from, known);
      }
    }
    walk(from);
  }
}
const main = `${root}/webapi/main.js`;
walk(main);

// Everything lazy parts need from outside, as one object made when the first part is loaded.
function partsModule() {
  const imports = [];
  const values = [];
  let index = 0;
  for (const [path, names] of wanted) {
    const prefix = `m${index++}_`;
    imports.push(`import {${[...names].map((name) => `${name} as ${prefix}${name}`).join(', ')}} from '${path}';`);
    values.push(`'${nameOf(path)}': {${[...names].map((name) => `${name}: ${prefix}${name}`).join(', ')}}`);
  }
  return `${imports.join('\n')}
const loaded = {__proto__: null};
let outer;
export const isLoaded = (part) => part in loaded;
export function loadPart(part) {
  if (part in loaded) return loaded[part];
  outer ??= {${values.join(', ')}};
  const names = ${JSON.stringify(partNatives)}[part];
  return loaded[part] = natives.partFunction(part)(natives.nativesNamed(names), outer);
}
export function loadEveryPart() { ${Object.keys(parts).map((part) => `loadPart('${part}');`).join(' ')} }`;
}

const border = (current) => ({
  name: 'lazy-parts',
  setup(build) {
    build.onResolve({ filter: /^atoll:parts$/ }, () => ({ path: 'parts', namespace: 'parts' }));
    build.onResolve({ filter: /^[./]/ }, ({ path, resolveDir, kind, importer, namespace }) => {
      if (kind === 'entry-point') return undefined;
      const target = resolve(resolveDir, path);
      if (partOf(target) === current) return { path: target };
      return { path: target, namespace: current === undefined ? 'stand-in' : 'outer' };
    });
    build.onLoad({ filter: /./, namespace: 'parts' }, () => ({ contents: partsModule(), resolveDir: root }));
    build.onLoad({ filter: /./, namespace: 'stand-in' }, async ({ path }) => ({ contents: await standIn(path), resolveDir: root }));
    build.onLoad({ filter: /./, namespace: 'outer' }, ({ path }) => ({
      contents: [...wanted.get(path)].map((name) => `export const ${name} = outer['${nameOf(path)}'].${name};`).join('\n'),
      resolveDir: root,
    }));
  },
});

const common = {
  bundle: true, write: false, format: 'iife', charset: 'ascii', minifyWhitespace: true, logLevel: 'warning', target: 'esnext',
};

// A part is evaluated in reach of scripts that may have patched the language. It hands its exports over in a plain object
// literal, because esbuild's way of exporting calls Object.defineProperty and array iterators.
async function buildPart(part) {
  const imports = [];
  const values = [];
  let index = 0;
  for (const path of borders.get(part) ?? []) {
    const names = await exportsOf(path);
    const prefix = `m${index++}_`;
    imports.push(`import {${names.map((name) => `${name} as ${prefix}${name}`).join(', ')}} from '${path}';`);
    values.push(`'${nameOf(path)}': {${names.map((name) => `${name}: ${prefix}${name}`).join(', ')}}`);
  }
  const contents = `${imports.join('\n')}\nexported = {${values.join(', ')}};`;
  const built = await esbuild.build({
    ...common, stdin: { contents, resolveDir: root, sourcefile: `${part}.js` }, plugins: [border(part)],
  });
  return [part, `"use strict";let exported;${built.outputFiles[0].text.trim()}return exported;`];
}

// The natives that a text calls. They are only ever called or read by name, so that this is all of them.
function nativesOf(text) {
  const names = new Set([...text.matchAll(/\bnatives\.(\w+)/g)].map(([, name]) => name));
  return [...names].sort().join(' ');
}

const lazy = Object.fromEntries(await Promise.all(Object.keys(parts).map(buildPart)));
for (const [part, text] of Object.entries(lazy)) partNatives[part] = nativesOf(text);
const eager = await esbuild.build({
  ...common, globalName: 'builtins', plugins: [border(undefined)],
  stdin: { contents: `export * from '${main}'; export {loadEveryPart} from 'atoll:parts';`, resolveDir: root, sourcefile: 'builtins.js' },
});
const eagerText = eager.outputFiles[0].text;
writeFileSync(process.argv[2], `// natives: ${nativesOf(eagerText)}\n"use strict";${eagerText}return builtins;\n`);
writeFileSync(process.argv[3], JSON.stringify(lazy));
