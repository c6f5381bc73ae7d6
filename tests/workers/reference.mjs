// Runs one worker test file on the reference runtime: a process with a configuration of its own.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trusted } from './servers.mjs';

// The launcher in .bin costs a start of Node; this is the program itself.
export const workerdBinary = 'node_modules/@cloudflare/workerd-linux-64/bin/workerd';

const text = (value) => JSON.stringify(String(value));
const moduleKinds = {
  esm: 'esModule', commonjs: 'commonJsModule', text: 'text', data: 'data', json: 'json', wasm: 'wasm',
};

function binding({ type, name, ...rest }) {
  switch (type) {
    case 'plain_text':
    case 'secret_text': return `(name = ${text(name)}, text = ${text(rest.text)})`;
    case 'json': return `(name = ${text(name)}, json = ${text(JSON.stringify(rest.json))})`;
    case 'kv_namespace': return `(name = ${text(name)}, kvNamespace = "kv")`;
    case 'service': {
      const target = rest.service === 'self' ? 'main' : rest.service;
      const entrypoint = rest.entrypoint ? `, entrypoint = ${text(rest.entrypoint)}` : '';
      const props = rest.props ? `, props = (json = ${text(JSON.stringify(rest.props))})` : '';
      return `(name = ${text(name)}, service = (name = ${text(target)}${entrypoint}${props}))`;
    }
    default: throw new Error(`a worker test may not ask for a binding of type ${type}`);
  }
}

function configuration(plan, folder) {
  let count = 0;
  const embed = (content) => {
    const file = `module-${count++}`;
    writeFileSync(join(folder, file), content);
    return `embed ${text(file)}`;
  };
  const modules = plan.modules.map(({ name, kind, content }) =>
    `(name = ${text(name)}, ${moduleKinds[kind]} = ${embed(content)})`);
  const worker = (parts, bindings, date, flags) => `(modules = [${parts.join(', ')}],
      bindings = [${bindings.join(', ')}], compatibilityDate = ${text(date)},
      compatibilityFlags = [${flags.map(text).join(', ')}])`;
  const kv = [`(name = "kv.js", esModule = ${embed(plan.referenceKv)})`];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = ${worker(modules, plan.bindings.map(binding), plan.date, plan.flags)}),
    (name = "kv", worker = ${worker(kv, [], plan.date, [])}),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (
      trustBrowserCas = true, trustedCertificates = [${text(trusted.cert)}]))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
}

export async function startReference() {
  return {
    name: 'workerd',
    // → { url, headers, close() }
    async deploy(plan) {
      const folder = mkdtempSync(join(tmpdir(), 'worker-test-'));
      writeFileSync(join(folder, 'config.capnp'), configuration(plan, folder));
      const child = spawn(workerdBinary, ['serve', join(folder, 'config.capnp'), '--experimental', '--control-fd=3'], {
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      });
      let log = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { log = (log + data).slice(-8000); });
      const close = async () => {
        child.kill('SIGKILL');
        rmSync(folder, { recursive: true, force: true });
      };
      try {
        const port = await new Promise((resolve, reject) => {
          let seen = '';
          child.on('exit', () => reject(new Error(log.trim() || 'workerd ended')));
          child.stdio[3].on('data', (data) => {
            seen += data;
            const listening = /"event":"listen".*?"port":(\d+)/.exec(seen);
            if (listening) resolve(Number(listening[1]));
          });
        });
        return { url: `http://127.0.0.1:${port}`, headers: {}, log: () => log, close };
      } catch (error) {
        await close();
        throw error;
      }
    },
    async close() {},
  };
}
