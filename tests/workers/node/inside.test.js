// Nothing of the inside of Node's library comes out, whatever a script does to the language before the library is loaded.
import { strictEqual, deepStrictEqual, rejects, throws } from 'node:assert';

const seen = [];
const trapped = ['constants', 'btoa', 'isInsideNodeModules', 'guessHandleType', 'internalBinding', 'primordials', 'crc32', 'onerror', 'init'];

export const internal_names_are_no_modules = {
  async test() {
    for (const name of ['internal/util', 'node:internal/errors', 'atoll/loader', 'node:atoll/loader', 'node:atoll/bindings/util', 'node:node/buffer']) {
      await rejects(import(name), /No such module/, name);
      strictEqual(process.getBuiltinModule(name), undefined, name);
    }
    throws(() => process.binding('util'));
  },
};

export const setters_on_prototypes_see_no_binding = {
  async test() {
    for (const name of trapped) {
      Object.defineProperty(Object.prototype, name, { configurable: true, set() { seen.push(this); }, get() { return undefined; } });
    }
    try {
      const zlib = await import('node:zlib');
      strictEqual(zlib.gunzipSync(zlib.gzipSync('text')).toString(), 'text');
      await import('node:v8').catch(() => {});
      await import('node:perf_hooks').catch(() => {});
    } finally {
      for (const name of trapped) delete Object.prototype[name];
    }
    for (const object of seen) {
      for (const key of ['write', 'openZlib', 'getProxyDetails', 'asciiSlice', 'nodeBinding']) strictEqual(object[key] instanceof Function && /native code/.test(object[key]), false, key);
    }
  },
};

export const a_patched_language_does_not_reach_the_library = {
  async test() {
    const { push, join, map } = Array.prototype;
    const { replace } = String.prototype;
    Array.prototype.push = Array.prototype.join = Array.prototype.map = String.prototype.replace = () => { throw new Error('patched'); };
    try {
      const url = await import('node:url');
      const querystring = await import('node:querystring');
      strictEqual(url.parse('http://site.example/a?b=c').query, 'b=c');
      strictEqual(querystring.stringify({ a: ['b', 'c'] }), 'a=b&a=c');
    } finally {
      Object.assign(Array.prototype, { push, join, map });
      String.prototype.replace = replace;
    }
  },
};

export const handles_refuse_what_they_did_not_make = {
  async test() {
    const { createGzip } = await import('node:zlib');
    const handle = createGzip()._handle;
    const foreign = new ArrayBuffer(8);
    for (const name of ['init', 'write', 'writeSync', 'reset', 'params', 'close', 'open', 'initialize']) {
      try {
        handle[name]?.(foreign, foreign, 0, -1, foreign, 1e9, 1e9);
      } catch {}
    }
    deepStrictEqual([...new Uint8Array(foreign)], [0, 0, 0, 0, 0, 0, 0, 0]);
  },
};
