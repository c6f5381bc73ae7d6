// Writes the source library of the isolates: pack_node_library.mjs OUT PARTS.json. Run by the Node binary that V8 comes from: its own
// library's sources are inside it, so nothing of them lies in this tree. What src/nodeapi/library/ has under the same name takes
// the place of Node's; modules that only exist for their names are made here from what Node's export.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { primordialSources, safeClasses } from './node_primordials.mjs';

const require = createRequire(import.meta.url);
const own = resolve(fileURLToPath(import.meta.url), '../../src/nodeapi/library');
const natives = process.binding('natives');

// Parts of Node's library that are about running Node.
const left = /^internal\/(deps|main|test_runner|bench_runner|debugger|repl|bootstrap|watch_mode|inspector|policy|cluster|quic|dtls|ffi|vfs|zip|sea|modules)(\/|$)|^internal\/(v8_prof_\w+|test|repl|quic|zip|ffi-shared-buffer)/;
const kept = /^internal\/test_runner\/mock\/mock$/;

// Modules that load and whose functions throw: name → the exports that make it so.
const stubs = [
  'child_process', 'cluster', 'dgram', 'dns', 'dns/promises', 'domain', 'fs', 'fs/promises', 'http', 'http2', 'https', 'inspector',
  'inspector/promises', 'net', 'readline', 'readline/promises', 'repl', 'sqlite', 'tls', 'trace_events', 'tty', 'v8', 'wasi', 'worker_threads',
  '_http_agent', '_http_client', '_http_common', '_http_incoming', '_http_outgoing', '_http_server', '_tls_common', '_tls_wrap', 'test',
];

function describe(value, depth = 0) {
  if (typeof value === 'symbol') return [{ symbol: value.description }];
  if (typeof value === 'function') return /^[A-Z]/.test(value.name) || /^class\b/.test(Function.prototype.toString.call(value)) ? 'class' : 'function';
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return [value];
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string') ? [value] : undefined;
  if (typeof value === 'object' && depth < 2) {
    const members = {};
    for (const key of Object.keys(value)) {
      let described;
      try { described = describe(value[key], depth + 1); } catch { continue; }
      if (described !== undefined) members[key] = described;
    }
    return members;
  }
  return undefined;
}

function stub(name) {
  process.removeAllListeners('warning');
  let exported;
  try { exported = require(`node:${name}`); } catch { return `module.exports = {};`; }
  const members = {};
  for (const key of Object.keys(exported)) {
    const described = describe(exported[key]);
    if (described !== undefined) members[key] = described;
  }
  return `'use strict';\nmodule.exports = require('atoll/stub')(${JSON.stringify(name)}, ${JSON.stringify(members)});\n`;
}

// Places where Node counts on its own start-up code. Each must occur exactly once.
const patches = {
  // V8 puts the first line of a stack together when the error is made; Node has it put off until the stack is read.
  'internal/errors': [
  // Three hundred classes, of which a Worker needs a few: each is made when it is asked for.
  ['const codes = {};', `const asked = { __proto__: null };
const codes = new primordials.Proxy({}, {
  __proto__: null,
  get(made, name) {
    if (made[name] === undefined && asked[name] !== undefined) {
      const definition = asked[name];
      asked[name] = undefined;
      primordials.ReflectApply(makeErrorClass, undefined, definition);
    }
    return made[name];
  },
});
function E(...definition) {
  messages.set(definition[0], definition[1]);
  asked[definition[0]] = definition;
}`],
  ['function E(sym, val, def, ...otherClasses) {', 'function makeErrorClass(sym, val, def, ...otherClasses) {'],
  [
    /super\(\);\s*ObjectDefineProperty\(this, 'message', \{\s*__proto__: null,\s*value: getMessage\(key, args, this\),[^}]*\}\);/,
    'const extra = {}; super(getMessage(key, args, extra)); primordials.ObjectAssign(this, extra);',
  ]],
  'internal/util/inspect': [
  [
    'const maybeCustom = value[customInspectSymbol];',
    "const maybeCustom = value[customInspectSymbol] ?? require('atoll/platform_object').inspectionOf(value);",
  ],
  [/\} else if \(constructor === 'Object'\) \{(?=\s*if \(isArgumentsObject)/, `} else if (require('atoll/platform_object').pairsOf(value) !== undefined) {
      const pairs = require('atoll/platform_object').pairsOf(value);
      braces[0] = \`Object(\${pairs.length}) {\`;
      if (pairs.length === 0 && keys.length === 0) return \`\${braces[0]}}\`;
      formatter = (ctx, value, recurseTimes) => {
        const output = [];
        ctx.indentationLvl += 2;
        for (let i = 0; i < pairs.length; i++) {
          const name = formatValue(ctx, pairs[i][0], recurseTimes);
          primordials.ArrayPrototypePush(output, \`\${name} => \${formatValue(ctx, pairs[i][1], recurseTimes)}\`);
        }
        ctx.indentationLvl -= 2;
        return output;
      };
    } else if (constructor === 'Object') {`],
  ['{ [byteLength]: ', '{ byteLength: '], [
    "const name = ctx.stylize(`[${key}]`, 'string');",
    "const name = ctx.stylize(isAnyArrayBuffer(value) || isDataView(value) ? key : `[${key}]`, 'string');",
  ]],
  // A property of a remote object is a function that can be awaited.
  'assert': [[
    "(obj !== null && typeof obj === 'object' &&", "(obj !== null && (typeof obj === 'object' || typeof obj === 'function') &&",
  ]],
  // What the release line that libraries expect still does.
  'internal/assert/utils': [[
    'if (obj.message.length === 0) {', 'if (obj.message.length === 0 || (obj.message.length === 1 && obj.message[0] === undefined)) {',
  ]],
  'internal/buffer': [['    validateNumber(value, type);', "    if (type !== 'byteLength') validateNumber(value, type);"]],
  'internal/crypto/keygen': [["'options.length', 8, 2 ** 31 - 1)", "'options.length', 8, 65536)"]],
  'internal/crypto/x509': [[
    /if \(getKeyObjectType\(pkey\) !== 'private'\)\s*throw new ERR_INVALID_ARG_VALUE\('pkey', pkey\);/,
    "if (getKeyObjectType(pkey) !== 'private') throw new ERR_INVALID_ARG_TYPE('pkey', 'private KeyObject', pkey);",
  ]],
  'internal/tls/common': [['c.infoAccess = { __proto__: null };', 'c.infoAccess = {};']],
  'internal/mime': [["if (ret.length) ret += ';';", "if (ret.length) ret += '; ';"]],
  // All that is there, not the first of the chunks only.
  'internal/streams/readable': [[
    /    if \(\(state\[kState\] & kDecoder\) === 0 && state\.length\)\s*return state\.buffer\[state\.bufferIndex\]\.length;/, '',
  ]],
  // No pool: Buffer.from(text).buffer has the text and nothing else, which Workers count on.
  'buffer': [['Buffer.poolSize = 64 * 1024;', 'Buffer.poolSize = 0;'], [
    /const byteLen = TypedArrayPrototypeGetByteLength\(buf\);\s*const fillLength = end - offset;/,
    'const byteLen = TypedArrayPrototypeGetByteLength(buf); if (end > byteLen) end = byteLen; const fillLength = end - offset;',
  ], [
    /if \(sourceStart < 0 \|\| sourceStart > source\.byteLength\)\s*throw new ERR_OUT_OF_RANGE\([^;]*;/,
    "if (sourceStart < 0 || sourceStart > 0xffffffff) throw new ERR_OUT_OF_RANGE('sourceStart', '>= 0', sourceStart); if (sourceStart > source.byteLength) return 0;",
  ]],
  'url': [["throw new ERR_INVALID_ARG_VALUE('url', 'Invalid port in url', url);", '']],
  // The whole of an output is in memory twice at the end. More than this would end the Worker; an error can be caught.
  'zlib': [
    ["let maxOutputLength = kMaxLength;", "let maxOutputLength = 64 * 1024 * 1024;"],
    ["      1, kMaxLength, kMaxLength);", "      1, kMaxLength, 64 * 1024 * 1024);"],
    ["    return zlibBuffer(new ctor(opts), buffer, callback);", `let stream;
    try {
      stream = new ctor(opts);
    } catch (error) {
      if (error?.code !== 'ERR_OUT_OF_RANGE' || typeof callback !== 'function') throw error;
      process.nextTick(callback, error);
      return;
    }
    return zlibBuffer(stream, buffer, callback);`],
    ['this.cb(new ERR_BUFFER_TOO_LARGE(this._maxOutputLength));', "this.cb(new primordials.RangeError('Memory limit exceeded'));"],
    ['throw new ERR_BUFFER_TOO_LARGE(self._maxOutputLength);', "throw new primordials.RangeError('Memory limit exceeded');"],
    [
      /throw new ERR_INVALID_ARG_TYPE\('data', \['Buffer', 'TypedArray', 'DataView', 'string'\], data\);/,
      `throw new primordials.TypeError("Failed to execute 'crc32' on 'ZlibUtil': parameter 1 is not of type 'string or ArrayBuffer or ArrayBufferView'.");`,
    ],
  ],
  // A Worker is in no folder, whatever process.cwd() says.
  'path': [['return () => process.cwd();', "return () => '/';"]],
};

function patched(name, text) {
  for (const [from, to] of patches[name] ?? []) {
    const pieces = text.split(from);
    if (pieces.length !== 2) throw new Error(`${name}: ${from} occurs ${pieces.length - 1} times`);
    text = text.replace(from, to);
  }
  return text;
}

const sources = new Map();
for (const [name, text] of Object.entries(natives)) {
  if (typeof text === 'string' && (!left.test(name) || kept.test(name))) sources.set(name, patched(name, text));
}
// A stub may be replaced, too; then it is there under another name, as what is replaced of Node's is.
// What `library/` only adds to.
sources.set('original/crypto', natives.crypto);
for (const name of stubs) sources.set(name, stub(name));
// Numbers that Node takes from the operating system and from its libraries.
const plain = (value) => JSON.stringify(value);
const constants = process.binding('constants');
const zlibConstants = { ...constants.zlib, ZSTD_ENCODE: constants.zlib.ZSTD_COMPRESS, ZSTD_DECODE: constants.zlib.ZSTD_DECOMPRESS };
sources.set('atoll/data', `'use strict';
exports.constants = primordials.JSONParse(${JSON.stringify(plain({ ...constants, zlib: zlibConstants }))});
primordials.ObjectFreeze(exports.constants.zlib);\nexports.uv = primordials.JSONParse(${JSON.stringify(plain([...require('node:util').getSystemErrorMap()].map(([code, [name, message]]) => [code, name, message])))});
`);
for (const file of readdirSync(own, { recursive: true })) {
  if (!file.endsWith('.js')) continue;
  const name = relative(own, resolve(own, file)).slice(0, -3);
  if (sources.has(name)) sources.set(`node/${name}`, sources.get(name));
  sources.set(name, readFileSync(resolve(own, file), 'utf8'));
}

const used = new Set();
sources.set('atoll/safe_primordials', safeClasses(natives['internal/per_context/primordials']));
for (const text of sources.values()) {
  for (const [, list] of text.matchAll(/\{([^{}]*)\}\s*=\s*primordials\b/g)) {
    for (const [name] of list.matchAll(/\b[A-Za-z]\w*(?=\s*[,:}\n]|$)/g)) used.add(name);
  }
  for (const [, name] of text.matchAll(/\b(?:primordials|pristine)\.(\w+)/g)) used.add(name);
}
const { capture, names } = primordialSources(used);
sources.set('atoll/capture_primordials', capture);
sources.set('atoll/primordial_names', names);
for (const [name, text] of Object.entries(JSON.parse(readFileSync(process.argv[3], 'utf8')))) sources.set(`part/${name}`, text);

// Escapes mean the same in strings, and nothing in comments.
const ascii = (text) => text.replace(/[^\x00-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

const chunks = [];
let size = 0;
const add = (chunk) => { chunks.push(chunk); size += chunk.length; };
const put = (chunk) => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(chunk.length);
  add(length);
  add(chunk);
};
const align = () => add(Buffer.alloc((16 - size % 16) % 16));
for (const [name, text] of [...sources].sort(([a], [b]) => (a < b ? -1 : 1))) {
  put(Buffer.from(name, 'latin1'));
  put(Buffer.from(ascii(text), 'latin1'));
  align();
  put(Buffer.alloc(12));  // no code cache yet
  align();
}
writeFileSync(process.argv[2], Buffer.concat(chunks));
