// A platform of one process for the tests of the built-ins: the bundle runs as it is, one realm for
// each Worker, over natives written in JavaScript. It keeps the contract, not the limits.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer, STATUS_CODES } from 'node:http';
import { join } from 'node:path';
import vm from 'node:vm';
import esbuild from 'esbuild';
import {
  bodyFromWire, headersFromWire, messageOf, openSink, Pipe, receive, sinkOf, WatchedPipe,
} from './messages.mjs';
import { compatibilityFlags } from './compatibility_flags.mjs';
import { cryptoNatives } from './mock_crypto.mjs';
import { pureNatives } from './mock_natives.mjs';

const kGlobalScope =
    'Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a timeout, and ' +
    'generating random values are not allowed within global scope.';

const current = new AsyncLocalStorage();  // the invocation

let bundle;

function builtins() {
  bundle ??= esbuild
                 .buildSync({
                   entryPoints: [join(import.meta.dirname, '../main.js')],
                   bundle: true,
                   format: 'iife',
                   globalName: 'builtins',
                   write: false,
                 })
                 .outputFiles[0]
                 .text;
  return bundle;
}

// One CommonJS text out of ES modules [{name, content}], the first being the main one.
async function bundleModules(modules) {
  const byName = new Map(modules.map(({ name, content }) => [name, String(content)]));
  const virtual = {
    name: 'virtual',
    setup(build) {
      build.onResolve({ filter: /^cloudflare:/ }, ({ path }) => ({ path, external: true }));
      build.onResolve({ filter: /.*/ },
          ({ path, importer }) =>
              ({ path: importer ? join(importer, '..', path) : path, namespace: 'virtual' }));
      build.onLoad({ filter: /.*/, namespace: 'virtual' }, ({ path }) => ({
        contents: byName.get(path),
        loader: path.endsWith('.txt') ? 'text' :
            path.endsWith('.json')    ? 'json' :
                                        'js'
      }));
    },
  };
  const result = await esbuild.build({
    entryPoints: [modules[0].name],
    bundle: true,
    format: 'cjs',
    write: false,
    plugins: [virtual],
    logLevel: 'silent',
    target: 'esnext',
  });
  return result.outputFiles[0].text;
}

class Invocation {
  tasks = 0;
  passesThrough = false;
  answered = Promise.withResolvers();
  finished = Promise.withResolvers();

  constructor(worker) { this.worker = worker; }

  // Resolves once everything given to waitUntil is over, too.
  settle() {
    if (this.tasks === 0 && this.isAnswered) this.finished.resolve();
  }
}

function requireInvocation(worker) {
  const invocation = current.getStore();
  if (invocation === undefined) throw worker.realmError('Error', kGlobalScope);
  return invocation;
}

class Worker {
  log = [];

  constructor(platform, name) {
    this.platform = platform;
    this.name = name;
    this.context = vm.createContext({}, { name });
    this.realm = vm.runInContext('({ Uint8Array, Array, Promise, Object })', this.context);
    this.natives = this.#natives();
    this.exports = vm.runInContext(`(natives) => { 'use strict'; ${builtins()}; return builtins; }`,
        this.context, { filename: 'builtins.js' })(this.natives);
    this.exports.installGlobals(vm.runInContext('globalThis', this.context));
  }

  realmError(name, message) { return this.exports.makeError(name, message, undefined); }

  async load(modules, { bindings = [], flags = {}, date = '2026-08-22', isServiceWorker = false }) {
    const enabled = compatibilityFlags(date, flags);
    this.natives.isEnabled = (name) => enabled.get(name) === true;
    this.natives.flagBits = (names) => names.split(' ').reduce((bits, name, i) => bits | (enabled.get(name) === true ? 1 << i : 0), 0);
    this.natives.compatibilityFlags = () => this.realm.Array.from([...enabled].flat());
    this.exports.prepareWorker({ bindings, serviceWorker: isServiceWorker });
    if (isServiceWorker) {
      vm.runInContext(modules[0].content, this.context, { filename: modules[0].name });
      return this.exports.registerExports(undefined);
    }
    const code = await bundleModules(modules);
    const module = { exports: {} };
    const require = () => this.exports.workersModule();
    vm.runInContext(`(module, exports, require) => { 'use strict'; ${code}\n }`, this.context,
        { filename: this.name })(module, module.exports, require);
    return this.exports.registerExports(module.exports);
  }

  // Runs the fetch handler. Resolves to {status, statusText, headers, body, invocation}, or rejects
  // with {name, message, stack}.
  start({ method, url, headers, body, entrypoint, props, cf }) {
    const invocation = new Invocation(this);
    const message = receive(headers, body);
    current.run(invocation, () => {
      this.exports.startFetch(message, method, url, body !== null, entrypoint, props, cf);
    });
    return invocation.answered.promise.then((answer) => ({...answer, invocation }));
  }

  async #subfetch(channel, message, redirect) {
    const answer = await this.platform.send(channel, message, redirect);
    const number = receive(answer.headers, answer.body);
    return this.exports.makeIncomingResponse(number, answer.status,
        answer.statusText || STATUS_CODES[answer.status], answer.body !== null, message.url, false);
  }

  #natives() {
    const worker = this;
    const platform = this.platform;
    return {
      ...pureNatives(this.log, this.realm),
      ...cryptoNatives(this.realm),
      inInvocation: () => current.getStore() !== undefined,
      requireInvocation: () => {
        requireInvocation(worker);
      },
      messageHeaders: (message) => [...messageOf(message).headers],
      messageHeader(message, name) {
        const { headers } = messageOf(message);
        const values = headers.filter((value, i) => i % 2 === 1 && headers[i - 1] === name);
        return values.length === 0 ? null : values.join(', ');
      },
      bodyRead(message) {
        const own = (bytes) => bytes && new worker.realm.Uint8Array(bytes);
        const chunk = messageOf(message).body.read();
        return chunk instanceof Promise ? chunk.then(own) : own(chunk);
      },
      bodyCancel: (message) => messageOf(message).body.cancel(),
      bodyLength: (message) => messageOf(message).body.length,
      bodyWatch(message, length) {
        const received = messageOf(message);
        const watched = new WatchedPipe(received.body, length);
        received.body = watched;
        return new worker.realm.Promise((resolve, reject) => { watched.over.promise.then(resolve, reject); });
      },
      bodyReadAll(message, kind) {
        const convert = (bytes) => (kind === 1 ? new TextDecoder().decode(bytes) :
                                                 new worker.realm.Uint8Array(bytes).buffer);
        const bytes = messageOf(message).body.readAll();
        return bytes instanceof Promise ? bytes.then(convert) : convert(bytes);
      },
      openSink(length) {
        requireInvocation(worker);
        return openSink(length);
      },
      sinkWrite: (sink, bytes) => sinkOf(sink).write(bytes),
      sinkClose: (sink) => sinkOf(sink).close(),
      sinkAbort: (sink, message) => sinkOf(sink).abort(message),
      respond(status, statusText, headers, contentType, kind, body, isEncoded) {
        const invocation = requireInvocation(worker);
        platform.lastResponse = { headers, contentType, kind, body };
        invocation.isAnswered = true;
        invocation.answered.resolve({
          status,
          statusText,
          headers: headersFromWire(headers, contentType),
          body: bodyFromWire(kind, body),
          isEncoded,
        });
        invocation.settle();
      },
      invocationFailed(name, message, stack) {
        const invocation = requireInvocation(worker);
        worker.log.push(`failed ${name}: ${message}`);
        invocation.isAnswered = true;
        invocation.answered.reject({ name, message, stack });
        invocation.settle();
      },
      subfetch(channel, method, url, headers, contentType, kind, body, redirect, cf) {
        requireInvocation(worker);
        platform.lastSubfetch = { headers, contentType, kind, body };
        const message = {
          method,
          url,
          headers: headersFromWire(headers, contentType),
          body: bodyFromWire(kind, body),
          cf
        };
        if (message.body?.length >= 0) {
          message.headers.push('content-length', String(message.body.length));
        }
        else if (message.body !== null)
          message.headers.push('transfer-encoding', 'chunked');
        const promise = worker.#subfetch(channel, message, redirect);
        return promise.catch((error) => {
          throw worker.realmError(error.name, error.message);
        });
      },
      subfetchAbort() { platform.aborted = (platform.aborted ?? 0) + 1; },
      waitUntilBegin() { requireInvocation(worker).tasks++; },
      waitUntilEnd(name, message) {
        const invocation = requireInvocation(worker);
        if (name !== undefined) worker.log.push(`waitUntil ${name}: ${message}`);
        invocation.tasks--;
        invocation.settle();
      },
      passThroughOnException() { requireInvocation(worker).passesThrough = true; },
      startTimer(id, delay, repeat) {
        requireInvocation(worker);
        const fire = () => worker.exports.fireTimer(id);
        worker.timers ??= new Map();
        worker.timers.set(id, repeat ? setInterval(fire, delay) : setTimeout(fire, delay));
      },
      cancelTimer(id) { clearTimeout(worker.timers?.get(id)); },
      dispatchGet(handle, name, props, externals, env, cpuMs, subRequests, outbound) {
        platform.lastDispatch = { name, cpuMs, subRequests, outbound };
        return platform.openChannel(name, undefined, props);
      },
      kvGet(handle, key, kind) {
        const entry = platform.kv.get(handle)?.get(key);
        if (entry === undefined) return null;
        return [
          kind === 0 ? new TextDecoder().decode(entry.value) :
                       new worker.realm.Uint8Array(entry.value).buffer,
          entry.metadata
        ];
      },
      async kvGetMany(
          handle, keys) { return Array.from(keys, (key) => worker.natives.kvGet(handle, key, 0)); },
      async kvPut(handle, key, value, expiration, metadata) {
        if (!platform.kv.has(handle)) platform.kv.set(handle, new Map());
        const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.slice());
        platform.kv.get(handle).set(key, { value: bytes, metadata, expiration });
      },
      async kvDelete(handle, key) { platform.kv.get(handle)?.delete(key); },
      async kvList(handle, prefix, limit, cursor) {
        const all = [...platform.kv.get(handle)?.keys() ?? []]
                        .filter((key) => key.startsWith(prefix) && key > cursor)
                        .sort();
        const keys = all.slice(0, limit).map((name) => {
          const { expiration, metadata } = platform.kv.get(handle).get(name);
          return {
            name,
            ...(expiration === expiration && { expiration }),
            ...(metadata !== undefined && { metadata })
          };
        });
        return { keys, cursor: all.length > limit ? keys.at(-1).name : '' };
      },
    };
  }
}

export class MiniPlatform {
  kv = new Map();
  internet = () => {
    throw { name: 'TypeError', message: 'There is no Internet here.' };
  };  // ({method, url, headers, body}) → answer
  #workers = new Map();
  #channels = [undefined];

  // A channel number for a Worker by name.
  openChannel(script, entrypoint, props) {
    return this.#channels.push({ script, entrypoint, props }) - 1;
  }

  send(channel, message, redirect) {
    if (channel === 0) return this.internet(message, redirect);
    const { script, entrypoint, props } = this.#channels[channel];
    const worker = this.#workers.get(script);
    if (worker === undefined) throw { name: 'Error', message: 'Worker not found.' };
    return worker.start({...message, entrypoint, props });
  }

  // `modules` is a source text or [{name, content}]. Resolves to {worker, ...what registerExports
  // says}.
  async add(name, modules, options = {}) {
    const worker = new Worker(this, name);
    this.#workers.set(name, worker);
    const list = typeof modules === 'string' ? [{ name: 'main.js', content: modules }] : modules;
    return { worker, ...await worker.load(list, options) };
  }

  // The answer with its body read: {status, statusText, headers: {…}, rawHeaders, text, bytes,
  // invocation}.
  async fetch(name, url = 'http://worker.example/',
      { method = 'GET', headers = [], body = null, entrypoint, props, cf } = {}) {
    const pipe = body === null || body instanceof Pipe ? body : Pipe.of(Buffer.from(body));
    const answer = await this.#workers.get(name).start(
        { method, url, headers, body: pipe, entrypoint, props, cf });
    const bytes = answer.body === null ? Buffer.alloc(0) : await answer.body.readAll();
    const pairs = {};
    for (let i = 0; i < answer.headers.length; i += 2) {
      pairs[answer.headers[i]] = answer.headers[i + 1];
    }
    return {...answer, rawHeaders: answer.headers, headers: pairs, bytes, text: bytes.toString() };
  }

  // An HTTP server in front of one Worker: {url, close()}.
  async listen(name) {
    const server = createServer(async (request, response) => {
      const body = new Pipe();
      request.on('data', (chunk) => body.write(chunk));
      request.on('end', () => body.close());
      const headers = Object.entries(request.headers).flatMap(([key,
        value]) => [value].flat().flatMap((one) => [key, one]));
      const hasBody = request.headers['content-length'] !== undefined ||
          request.headers['transfer-encoding'] !== undefined;
      try {
        const answer = await this.fetch(name, `http://${request.headers.host}${request.url}`, {
          method: request.method,
          headers,
          body: hasBody ? body : null,
        });
        response.writeHead(answer.status, answer.rawHeaders).end(answer.bytes);
      } catch (error) {
        response.writeHead(500).end(`${error.name}: ${error.message}`);
      }
    });
    await new Promise((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
  }
}

// In the form that tests/workers/run.mjs wants.
export async function startBuiltins() {
  const descriptor = (platform, { type, name, ...rest }) => {
    switch (type) {
      case 'plain_text':
      case 'secret_text': return [name, type, rest.text];
      case 'json': return [name, type, JSON.stringify(rest.json)];
      case 'kv_namespace': return [name, type, 1];
      case 'service': return [name, type, platform.openChannel('main', rest.entrypoint, undefined)];
    }
    throw new Error(`a worker test may not ask for a binding of type ${type}`);
  };
  return {
    name: 'builtins',
    async deploy({ modules, bindings }) {
      const platform = new MiniPlatform();
      const { worker } = await platform.add(
          'main', modules, { bindings: bindings.map((one) => descriptor(platform, one)) });
      const { url, close } = await platform.listen('main');
      return { url, headers: {}, log: () => worker.log.join('\n'), close };
    },
    async close() {},
  };
}
