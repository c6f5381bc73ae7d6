// The two servers under test, each pinned to the server's core. A server has
// { url(path), headers, processes(), stop() }; setups say which Workers it serves.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import esbuild from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const serverCore = '0';
const compatibilityDate = '2026-08-22';
const account = 'be7cbe7cbe7cbe7cbe7cbe7cbe7cbe7c';
const token = 'token-for-benchmarks-0123456789';
const workerFile = (name) => join(import.meta.dirname, 'workers', name);

// The module that a Worker is deployed as; what is written with JSX is bundled, as wrangler would, with the packages it imports.
function worker(name) {
  const source = workerFile(name.replace(/\.js$/, '.jsx'));
  if (!existsSync(source)) return readFileSync(workerFile(name), 'utf8');
  return esbuild.buildSync({
    entryPoints: [source], bundle: true, write: false, format: 'esm', target: 'es2024', jsx: 'automatic',
    conditions: ['workerd', 'worker', 'browser'], define: { 'process.env.NODE_ENV': '"production"' },
  }).outputFiles[0].text;
}

export const binaries = {
  atoll: join(root, process.env.ATOLL_BUILD ?? 'build', 'atoll'),
  workerd: join(root, 'node_modules/@cloudflare/workerd-linux-64/bin/workerd'),
};

function freePort() {
  return new Promise((done, fail) => {
    const probe = net.createServer().on('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

// One GET → { status, body }; rejects while nobody listens.
export function get(url, headers, agent = false) {
  return new Promise((done, fail) => {
    const request = http.get(url, { headers, agent }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk) => { body += chunk; });
      response.on('end', () => done({ status: response.statusCode, headers: response.headers, body }));
    });
    request.on('error', fail);
  });
}

// A process and everything it started.
function family(pid) {
  const parents = new Map();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch { /* it ended meanwhile */ }
  }
  const members = [pid];
  for (const member of members) {
    for (const [child, parent] of parents) if (parent === member) members.push(child);
  }
  return members;
}

class Server {
  constructor(folder) {
    this.folder = folder;
  }

  launch(command, args) {
    this.started = performance.now();
    this.child = spawn('taskset', ['-c', this.cores ?? serverCore, command, ...args], { stdio: ['ignore', 'pipe', 'pipe'], cwd: this.folder });
    this.output = '';
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (data) => { this.output = (this.output + data).slice(-4000); });
    }
    this.exited = new Promise((done) => { this.child.on('exit', done); });
  }

  url(path = '/') {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  // Milliseconds from the start of the process to the first answer to `path`.
  async firstAnswer(path = '/') {
    for (;;) {
      if (this.child.exitCode !== null) throw new Error(`the server ended: ${this.output}`);
      try {
        const { status } = await get(this.url(path), this.headers);
        if (status === 200) return performance.now() - this.started;
      } catch { /* not listening yet */ }
      if (performance.now() - this.started > 20_000) throw new Error(`no answer within 20 s: ${this.output}`);
      await new Promise((done) => { setTimeout(done, 0.5); });
    }
  }

  // Resident bytes of all its processes.
  residentBytes() {
    return family(this.child.pid).reduce((sum, pid) => {
      try {
        return sum + Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
      } catch {
        return sum;
      }
    }, 0);
  }

  // Milliseconds of processor time that all its processes have used.
  cpuMs() {
    return family(this.child.pid).reduce((sum, pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return sum + (Number(fields[11]) + Number(fields[12])) * 10;
      } catch {
        return sum;
      }
    }, 0);
  }

  // The end of what it printed and logged.
  lastWords() {
    const log = join(this.folder, 'log');
    return this.output + (existsSync(log) ? readFileSync(log, 'utf8').slice(-3000) : '');
  }

  async stop() {
    this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), 3000);
    await this.exited;
    clearTimeout(late);
  }
}

// --- workerd --------------------------------------------------------------------------------------

const pairsOf = (bindings) => Object.entries(bindings ?? {});

const workerdSetups = {
  json: { services: { main: { modules: ['json.js'] } } },
  sha256: { services: { main: { modules: ['sha256.js'] } } },
  proxy: { services: { main: { modules: ['proxy.js'] } } },
  hello: { services: { main: { modules: ['hello.js'] } } },
  dispatch: {
    services: {
      main: { modules: ['dispatcher_workerd.js'], bindings: '(name = "WORKER", service = "user")' },
      user: { modules: ['hello.js'] },
    },
  },
  ssr: { services: { main: { modules: ['ssr.js'] } } },
  many: {
    services: {
      main: { modules: ['loader_workerd.js', 'many.txt'], bindings: '(name = "LOADER", workerLoader = (id = "many"))' },
    },
  },
};

// What each of many Workers is.
const fileOfMany = (setup) => (setup === 'manySsr' ? 'ssr.js' : 'small.js');

// `texts`: plain text bindings of the Worker.
export async function startWorkerd(setup, names, texts) {
  const server = new Server(mkdtempSync(join(tmpdir(), 'bench-workerd-')));
  server.port = await freePort();
  server.headers = {};
  const textBindings = pairsOf(texts).map(([name, value]) => `(name = "${name}", text = "${value}")`).join(', ');
  const services = Object.entries((workerdSetups[setup] ?? workerdSetups.many).services).map(([name, { modules, bindings = textBindings }]) => {
    const parts = modules.map((module) => {
      writeFileSync(join(server.folder, module), worker(module === 'many.txt' ? fileOfMany(setup) : module));
      const kind = module.endsWith('.txt') ? 'text' : 'esModule';
      return `(name = "${module}", ${kind} = embed "${module}")`;
    });
    return `(name = "${name}", worker = (modules = [${parts.join(', ')}], bindings = [${bindings}],
      compatibilityDate = "${compatibilityDate}"))`;
  });
  writeFileSync(join(server.folder, 'config.capnp'), `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${services.join(',\n')},
    (name = "internet", network = (allow = ["public", "private"]))],
  sockets = [(name = "http", address = "127.0.0.1:${server.port}", http = (), service = "main")],
);\n`);
  server.launch(binaries.workerd, ['serve', 'config.capnp', '--experimental']);
  server.firstAnswerMs = await server.firstAnswer('/first');
  server.cleanUp = () => rmSync(server.folder, { recursive: true, force: true });
  return server;
}

// --- Atoll ----------------------------------------------------------------------------------------

class Atoll extends Server {
  logLevel = 'info';
  hosts = '1';
  moreArgs = [];

  async launchOn(ports) {
    [this.port, this.apiPort] = ports;
    this.launch(binaries.atoll, [
      'serve', '--data', join(this.folder, 'data'), '--http', `127.0.0.1:${this.port}`,
      '--api', `127.0.0.1:${this.apiPort}`, '--domain', 'atoll.localhost', '--hosts', this.hosts,
      '--bootstrap-account', account, '--bootstrap-token', token,
      // Room for every Worker of the memory scenario; the default evicts earlier.
      '--set', 'isolates.memory_budget_bytes=8GiB', '--log-file', join(this.folder, 'log'),
      '--log-level', this.logLevel, '--egress-allow', '127.0.0.1/32', ...this.moreArgs,
    ]);
    await new Promise((done, fail) => {
      this.child.stdout.on('data', (data) => { if (String(data).includes('"ready"')) done(); });
      this.exited.then(() => fail(new Error(`atoll ended: ${this.output}`)));
    });
  }

  async call(method, path, body) {
    const response = await fetch(`http://127.0.0.1:${this.apiPort}/client/v4/accounts/${account}${path}`, {
      method, headers: { authorization: `Bearer ${token}` }, body,
    });
    const answer = await response.json();
    if (!answer.success) throw new Error(`${method} ${path}: ${JSON.stringify(answer.errors)}`);
  }

  upload(path, file, bindings = []) {
    const form = new FormData();
    const metadata = { main_module: file, compatibility_date: compatibilityDate, bindings };
    form.set('metadata', new Blob([JSON.stringify(metadata)], { type: 'application/json' }));
    form.set(file, new Blob([worker(file)], { type: 'application/javascript+module' }), file);
    return this.call('PUT', path, form);
  }

  async uploadAccountWorker(name, file, bindings) {
    await this.upload(`/workers/scripts/${name}`, file, bindings);
    await this.call('POST', `/workers/scripts/${name}/subdomain`, '{"enabled":true}');
    this.headers = { Host: `${name}.atoll.localhost` };  // wrk would send a second one beside "host"
  }

  async uploadDispatcher() {
    await this.call('POST', '/workers/dispatch/namespaces', '{"name":"bench"}');
    await this.uploadAccountWorker('dispatcher', 'dispatcher_atoll.js', [
      { type: 'dispatch_namespace', name: 'WORKERS', namespace: 'bench' },
    ]);
  }

  uploadUserWorker(name, file) {
    return this.upload(`/workers/dispatch/namespaces/bench/scripts/${name}`, file);
  }
}

// `names`: the user Workers of the setup "many", uploaded before the measurement.
export async function startAtoll(setup, names, texts, logLevel) {
  const server = new Atoll(mkdtempSync(join(tmpdir(), 'bench-atoll-')));
  server.logLevel = logLevel;
  const ports = [await freePort(), await freePort()];
  await server.launchOn(ports);
  if (['hello', 'json', 'sha256', 'proxy', 'ssr'].includes(setup)) {
    const bindings = pairsOf(texts).map(([name, value]) => ({ type: 'plain_text', name, text: value }));
    await server.uploadAccountWorker(setup, `${setup}.js`, bindings);
  } else {
    await server.uploadDispatcher();
    if (setup === 'dispatch') {
      await server.uploadUserWorker('first', 'hello.js');
    } else {
      for (const name of ['first', ...(names ?? [])]) await server.uploadUserWorker(name, fileOfMany(setup));
    }
  }
  await server.stop();
  await server.launchOn(ports);
  server.firstAnswerMs = await server.firstAnswer('/first');
  server.cleanUp = () => rmSync(server.folder, { recursive: true, force: true });
  return server;
}

// Atoll on all cores, with a dispatcher that limits CPU time as asked, and user Workers of those names.
export async function startTenants({ hosts, workers, settings = [] }) {
  const server = new Atoll(mkdtempSync(join(tmpdir(), 'bench-atoll-')));
  server.cores = `0-${availableParallelism() - 1}`;
  server.hosts = hosts;
  server.moreArgs = settings.flatMap((setting) => ['--set', setting]);
  await server.launchOn([await freePort(), await freePort()]);
  await server.call('POST', '/workers/dispatch/namespaces', '{"name":"bench"}');
  await server.uploadAccountWorker('dispatcher', 'limiting_dispatcher.js', [
    { type: 'dispatch_namespace', name: 'WORKERS', namespace: 'bench' },
  ]);
  for (const name of workers) await server.uploadUserWorker(name, `${name}.js`);
  server.cleanUp = () => rmSync(server.folder, { recursive: true, force: true });
  return server;
}
