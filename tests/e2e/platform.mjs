// A platform of one's own for a test: build/atoll with a temporary data folder and free ports.
//
//   const platform = await startPlatform({ hosts: 2 });
//   await platform.uploadWorker('hello', 'export default { fetch: () => new Response("hi") }');
//   const answer = await platform.request({ host: 'hello.atoll.localhost' });
//   await platform.stop();
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
export const atollBinary = join(root, process.env.ATOLL_BUILD ?? 'build', 'atoll');
export const account = '0123456789abcdef0123456789abcdef';
export const token = 'token-for-tests-0123456789abcdef';
export const compatibilityDate = '2026-08-22';

export const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });

// Waits until probe() answers something true, and returns it.
export async function eventually(what, probe, timeoutMs = 10_000) {
  const end = Date.now() + timeoutMs;
  let last;
  while (Date.now() < end) {
    try {
      const found = await probe();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    await sleep(20);
  }
  throw new Error(`${what}: not within ${timeoutMs} ms${last ? `: ${last.message}` : ''}`);
}

// A port of 127.0.0.1 that was free a moment ago, for programs that cannot choose one themselves.
export const freePort = () => new Promise((done) => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

// The least number that measure() yields in up to `attempts`; no further attempt once one is good enough.
export async function leastOf(attempts, enough, measure) {
  let least = Infinity;
  for (let i = 0; i < attempts && least > enough; i += 1) least = Math.min(least, await measure());
  return least;
}

// The median CPU time, in milliseconds, of a script's invocations that were stopped at their CPU limit.
export async function cpuOfStoppedInvocations(platform, script) {
  const times = await eventually('a stopped invocation in the log', () => {
    const found = platform.logEntries().filter((entry) => entry.outcome === 'exceededCpu' && entry.script === script);
    return found.length && found.map((entry) => entry.cpu_ms);
  });
  return times.sort((left, right) => left - right)[Math.floor(times.length / 2)];
}

const contentTypes = {
  mjs: 'application/javascript+module',
  js: 'application/javascript+module',
  cjs: 'application/javascript',
  json: 'application/json',
  txt: 'text/plain',
  bin: 'application/octet-stream',
  wasm: 'application/wasm',
};

// modules: one source text, or { name: content } whose first member is the main module.
export function uploadForm(modules, metadata = {}) {
  const parts = typeof modules === 'string' ? { 'worker.js': modules } : modules;
  const form = new FormData();
  const all = { main_module: Object.keys(parts)[0], compatibility_date: compatibilityDate, ...metadata };
  form.set('metadata', new Blob([JSON.stringify(all)], { type: 'application/json' }));
  for (const [name, content] of Object.entries(parts)) {
    const type = metadata.body_part === name ? 'application/javascript' : contentTypes[name.split('.').pop()];
    form.set(name, new Blob([content], { type: type ?? 'application/javascript+module' }), name);
  }
  return form;
}

export class ApiError extends Error {
  constructor(method, path, status, body) {
    const texts = (body?.errors ?? []).map(({ code, message }) => `${message} [code: ${code}]`);
    super(`${method} ${path}: ${status} ${texts.join('; ')}`);
    this.status = status;
    this.code = body?.errors?.[0]?.code;
    this.body = body;
  }
}

class Platform {
  constructor(options) {
    this.options = options;
    this.folder = options.folder ?? mkdtempSync(join(tmpdir(), 'atoll-test-'));
    this.data = join(this.folder, 'data');
    this.logFile = join(this.folder, 'log');
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  }

  // Also used to start again on the same data, and then on the same ports.
  async start() {
    const { hosts = 1, args = [], domain = 'atoll.localhost', env = {} } = this.options;
    const log = openSync(this.logFile, 'a');
    this.child = spawn(atollBinary, [
      'serve', '--data', this.data,
      '--http', this.http ?? '127.0.0.1:0', '--api', this.apiAddress ?? '127.0.0.1:0',
      '--domain', domain, '--hosts', String(hosts),
      '--bootstrap-account', account, '--bootstrap-token', token, ...args,
    ], { stdio: ['ignore', 'pipe', log], env: { ...process.env, ...env } });
    closeSync(log);
    this.exited = new Promise((done) => {
      this.child.on('exit', (code, signal) => done({ code, signal }));
      this.child.on('error', (error) => done({ code: error.message }));
    });
    let late;
    const line = await new Promise((done, fail) => {
      let seen = '';
      this.child.stdout.setEncoding('utf8').on('data', (chunk) => {
        seen += chunk;
        if (seen.includes('\n')) done(seen.split('\n')[0]);
      });
      this.exited.then(({ code, signal }) => fail(new Error(`atoll ended with ${code ?? signal}: ${this.log().slice(-2000)}`)));
      late = setTimeout(() => fail(new Error(`atoll was not ready within 20 s: ${this.log().slice(-2000)}`)), 20_000);
    }).finally(() => clearTimeout(late));
    this.ready = JSON.parse(line);
    this.http = this.ready.http;
    this.apiAddress = this.ready.api;
    this.domain = domain;
    this.apiUrl = `http://${this.apiAddress}/client/v4`;
    return this;
  }

  log() {
    return readFileSync(this.logFile, 'utf8');
  }

  // The structured part of the log: one object per line.
  logEntries() {
    return this.log().split('\n').filter((line) => line.startsWith('{')).flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        return [];
      }
    });
  }

  // The raw answer: { status, headers, body }; body is parsed when it is JSON.
  async api(method, path, body, headers = {}) {
    const all = { authorization: `Bearer ${token}`, ...headers };
    let payload = body;
    if (body !== undefined && !(body instanceof FormData) && typeof body !== 'string' && !(body instanceof Uint8Array)) {
      all['content-type'] ??= 'application/json';
      payload = JSON.stringify(body);
    }
    const response = await fetch(this.apiUrl + path, { method, headers: all, body: payload });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  // `result` of a call below /accounts/<account>, or an ApiError.
  async call(method, path, body, headers) {
    const full = `/accounts/${account}${path}`;
    const answer = await this.api(method, full, body, headers);
    if (answer.status >= 400 || answer.body?.success === false) {
      throw new ApiError(method, full, answer.status, answer.body);
    }
    return answer.body?.result;
  }

  // An account-level Worker, reachable at <name>.<domain>.
  async uploadWorker(name, modules, metadata) {
    const result = await this.call('PUT', `/workers/scripts/${name}`, uploadForm(modules, metadata));
    await this.call('POST', `/workers/scripts/${name}/subdomain`, { enabled: true });
    return result;
  }

  uploadUserWorker(namespace, name, modules, metadata) {
    return this.call('PUT', `/workers/dispatch/namespaces/${namespace}/scripts/${name}`, uploadForm(modules, metadata));
  }

  createNamespace(name) {
    return this.call('POST', '/workers/dispatch/namespaces', { name });
  }

  async createKv(title) {
    return (await this.call('POST', '/storage/kv/namespaces', { title })).id;
  }

  putKv(namespace, key, value) {
    return this.call('PUT', `/storage/kv/namespaces/${namespace}/values/${encodeURIComponent(key)}`, value);
  }

  // One request to a Worker → { status, headers, body (text), bytes, ms }. `worker` is short for its hostname.
  request({ worker, host, path = '/', method = 'GET', headers = {}, body, timeoutMs = 30_000, agent }) {
    const [hostname, port] = this.http.split(':');
    const started = performance.now();
    return new Promise((done, fail) => {
      const request = http.request({
        hostname, port, path, method, agent: agent ?? this.agent, timeout: timeoutMs,
        headers: { host: host ?? `${worker}.${this.domain}`, ...headers },
      });
      request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
      request.on('error', fail);
      request.on('response', (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          done({
            status: response.statusCode, headers: response.headers, bytes, body: bytes.toString(),
            ms: performance.now() - started,
          });
        });
      });
      request.end(body);
    });
  }

  // The process ids of the isolate hosts; the compiler is the same program under another label.
  hosts() {
    return childrenOf(this.child.pid).filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/exe`).endsWith('/atoll-host')
          && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0host-');
      } catch {
        return false;
      }
    });
  }

  kill(signal) {
    this.child.kill(signal);
    return this.exited;
  }

  // Ends the supervisor and removes the data. Every test file does this, also after a failure.
  async stop() {
    this.agent.destroy();
    if (this.child?.exitCode === null && this.child.signalCode === null) {
      const late = setTimeout(() => this.child.kill('SIGKILL'), 11_000);
      await this.kill('SIGTERM');
      clearTimeout(late);
    }
    if (!process.env.ATOLL_KEEP) rmSync(this.folder, { recursive: true, force: true });
    else console.log(`kept: ${this.folder}`);
  }
}

function childrenOf(pid) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent) }];
    } catch {
      return [];
    }
  });
  const direct = all.filter(({ parent }) => parent === pid).map((one) => one.pid);
  return [...direct, ...direct.flatMap(childrenOf)];
}

// Resident memory of a process in bytes; what it shares with others counts.
export function residentBytes(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}

// options: hosts, args (more of the command line), domain, env, folder
export async function startPlatform(options = {}) {
  const platform = new Platform(options);
  try {
    return await platform.start();
  } catch (error) {
    await platform.stop();
    throw error;
  }
}
