// Which modules of Node's there are, how they are named, and that nothing of the inside comes out.
import assert, { strictEqual } from 'node:assert';
import bareBuffer from 'buffer';
import { Buffer as NamedBuffer } from 'node:buffer';
import * as eventsNamespace from 'node:events';
import { createRequire, isBuiltin } from 'node:module';
import process from 'node:process';

const kNames = [
  '_http_agent', '_http_client', '_http_common', '_http_incoming', '_http_outgoing', '_http_server', '_stream_duplex', '_stream_passthrough',
  '_stream_readable', '_stream_transform', '_stream_wrap', '_stream_writable', '_tls_common', '_tls_wrap', 'assert', 'assert/strict',
  'async_hooks', 'buffer', 'child_process', 'cluster', 'console', 'constants', 'dgram', 'diagnostics_channel', 'dns', 'dns/promises',
  'domain', 'events', 'fs', 'fs/promises', 'http', 'http2', 'https', 'inspector', 'inspector/promises', 'module', 'net', 'os', 'path',
  'path/posix', 'path/win32', 'perf_hooks', 'process', 'punycode', 'querystring', 'readline', 'readline/promises', 'repl', 'sqlite',
  'stream', 'stream/consumers', 'stream/promises', 'stream/web', 'string_decoder', 'sys', 'timers', 'timers/promises', 'tls',
  'trace_events', 'tty', 'url', 'util', 'util/types', 'v8', 'vm', 'wasi', 'worker_threads',
];

export const every_module_loads = {
  async test() {
    for (const name of kNames) {
      const module = await import(`node:${name}`);
      assert(module.default !== undefined, name);
      assert(isBuiltin(`node:${name}`), name);
    }
  },
};

export const names_work_without_the_scheme = {
  async test() {
    strictEqual(bareBuffer.Buffer, NamedBuffer);
    strictEqual((await import('events')).EventEmitter, eventsNamespace.EventEmitter);
    await assert.rejects(import('node:no_such'), /No such module/);
  },
};

export const require_and_get_builtin_module_give_the_same_objects = {
  test() {
    const require = createRequire('/bundle/worker.js');
    strictEqual(require('node:buffer').Buffer, NamedBuffer);
    strictEqual(process.getBuiltinModule('buffer').Buffer, NamedBuffer);
    strictEqual(process.getBuiltinModule('node:no_such'), undefined);
    assert.throws(() => require('./nowhere.js'));
  },
};

export const globals_are_the_modules_objects = {
  test() {
    strictEqual(globalThis.Buffer, NamedBuffer);
    strictEqual(globalThis.process, process);
    strictEqual(globalThis.global, globalThis);
    strictEqual(Object.getOwnPropertyDescriptor(globalThis, 'Buffer').enumerable, true);
  },
};

export const the_environment_holds_text_and_json_bindings = {
  test() {
    strictEqual(process.env.TEXT, 'a text');
    strictEqual(process.env.SECRET, 'a secret');
    strictEqual(JSON.stringify(JSON.parse(process.env.JSON)), '{"list":[1,2,3]}');
    process.env.NUMBER = 5;
    strictEqual(process.env.NUMBER, '5');
  },
};
