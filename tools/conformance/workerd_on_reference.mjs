// Deploys a test of the workerd suite on workerd itself: its own configuration, with the driver and a socket for each Worker.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workerdBinary } from '../../tests/workers/reference.mjs';
import { Embed, print } from './capnp_text.mjs';
import { modulesToDeploy } from './workerd_program.mjs';

const kKeys = { esm: 'esModule', commonjs: 'commonJsModule', text: 'text', data: 'data', wasm: 'wasm', json: 'json' };

function configurationOf({ config, workers }, folder) {
  let count = 0;
  const embed = (content) => {
    const name = `module-${count++}`;
    writeFileSync(join(folder, name), content);
    return new Embed(name);
  };
  const services = config.services.map((service) => {
    const worker = workers.find(({ name }) => name === service.name);
    if (service.disk) {
      mkdirSync(join(folder, service.name), { recursive: true });
      return { ...service, disk: { ...service.disk, path: join(folder, service.name) } };
    }
    if (!worker) return service.worker ? undefined : service;  // tails that only look on
    const { streamingTails, bindings, ...rest } = service.worker;
    return {
      ...service,
      worker: {
        ...rest,
        modules: modulesToDeploy(worker).map(({ name, kind, content }) => ({ name, [kKeys[kind]]: embed(content) })),
        compatibilityDate: worker.date,
        // Files of a binding lie elsewhere now.
        ...(bindings && { bindings: bindings.map((one, i) => {
          const [key] = Object.keys(one).filter((name) => name !== 'name');
          return one[key] instanceof Embed ? { name: one.name, [key]: embed(worker.bindings[i].value) } : one;
        }) }),
      },
    };
  }).filter(Boolean);
  const sockets = workers.filter(({ hasTests }) => hasTests)
    .map(({ name }, i) => ({ name: `conformance-${i}`, address: '127.0.0.1:0', http: {}, service: name }));
  const flags = [...new Set(['--expose-gc', ...(config.v8Flags ?? [])])];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = ${print({ services, sockets, v8Flags: flags, ...(config.autogates && { autogates: config.autogates }) })};
`;
}

async function deploy(test) {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  writeFileSync(join(folder, 'config.capnp'), configurationOf(test, folder));
  const child = spawn(workerdBinary, ['serve', join(folder, 'config.capnp'), '--experimental', '--control-fd=3'],
    { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { log = (log + data).slice(-8000); });
  const close = async () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  const tested = test.workers.filter(({ hasTests }) => hasTests);
  try {
    const ports = await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`workerd did not start: ${log}`)), 20_000);
      let seen = '';
      child.on('exit', () => {
        clearTimeout(late);
        reject(new Error(log.trim() || 'workerd ended'));
      });
      child.stdio[3].on('data', (data) => {
        seen += data;
        const found = seen.split('\n').slice(0, -1).map((line) => JSON.parse(line)).filter(({ event }) => event === 'listen');
        if (found.length < tested.length) return;
        clearTimeout(late);
        resolve(new Map(found.map(({ socket, port }) => [socket, port])));
      });
    });
    return {
      targets: tested.map(({ name }, i) => ({ name, url: `http://127.0.0.1:${ports.get(`conformance-${i}`)}/`, headers: {} })),
      alive: () => child.exitCode === null && child.signalCode === null,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

export async function startSuiteOnReference() {
  return { deploy, async close() {} };
}
