// Deploys a test of the workerd suite on a platform of its own: each Worker of the configuration is a script, uploaded over the
// REST API.
import { startPlatform } from '../../tests/e2e/platform.mjs';
import { modulesToDeploy } from './workerd_program.mjs';

const kContentTypes = {
  esm: 'application/javascript+module', commonjs: 'application/javascript', json: 'application/json',
  text: 'text/plain', data: 'application/octet-stream', wasm: 'application/wasm',
};

const slug = (text) => text.replace(/[^A-Za-z0-9]+/g, '-').toLowerCase().slice(-50).replace(/^-+|-+$/g, '');

// Those that are bound to come first; circles are broken anywhere.
function inOrder(workers) {
  const ordered = new Set();
  const visiting = new Set();
  const visit = (worker) => {
    if (!worker || visiting.has(worker)) return;
    visiting.add(worker);
    for (const { service } of worker.bindings) visit(workers.find(({ name }) => name === service));
    ordered.add(worker);
  };
  workers.forEach(visit);
  return [...ordered];
}

export async function startSuiteOnAtoll() {
  const platform = await startPlatform();

  function formFor(worker, scriptOf) {
    const form = new FormData();
    const bindings = worker.bindings.flatMap((one) => {
      const { kind, name, value } = one;
      switch (kind) {
        case 'json': return [{ type: 'json', name, json: JSON.parse(value) }];
        case 'text': return [{ type: 'plain_text', name, text: value }];
        case 'data': {
          const part = `binding-${name}`;
          form.set(part, new Blob([value], { type: 'application/octet-stream' }), part);
          return [{ type: 'data_blob', name, part }];
        }
        case 'service': {
          const { service, entrypoint, props } = one;
          return [{ type: 'service', name, service: scriptOf(service), ...(entrypoint && { entrypoint }), ...(props && { props: JSON.parse(props) }) }];
        }
        case 'durableObjectNamespace': {
          const { className, service } = one;
          return [{ type: 'durable_object_namespace', name, class_name: className, ...(service && service !== worker.name && { script_name: scriptOf(service) }) }];
        }
        case 'workerLoader': return [{ type: 'worker_loader', name }];
        case 'fromEnvironment': return [];
        default: throw new Error(`no binding type for ${kind}`);
      }
    });
    const modules = modulesToDeploy(worker);
    const classes = (sql) => worker.classes.filter((one) => one.sql === sql).map(({ className }) => className);
    form.set('metadata', new Blob([JSON.stringify({
      main_module: modules[0].name,
      compatibility_date: worker.date,
      compatibility_flags: worker.flags,
      bindings,
      limits: { cpu_ms: 10_000 },  // a test that never ends keeps those beside it waiting
      ...(worker.classes.length && { migrations: { new_tag: 'v1', new_classes: classes(false), new_sqlite_classes: classes(true) } }),
    })], { type: 'application/json' }));
    for (const { name, kind, content } of modules) form.set(name, new Blob([content], { type: kContentTypes[kind] }), name);
    return form;
  }

  async function deploy({ id, workers }) {
    const scriptOf = (name) => (workers.length === 1 ? slug(id) : slug(`${id}-${name}`));
    const done = [];
    const close = async () => {
      for (const script of done.reverse()) await platform.call('DELETE', `/workers/scripts/${script}?force=true`).catch(() => {});
    };
    try {
      for (const worker of inOrder(workers)) {
        const script = scriptOf(worker.name);
        await platform.call('PUT', `/workers/scripts/${script}`, formFor(worker, scriptOf));
        done.push(script);
        await platform.call('POST', `/workers/scripts/${script}/subdomain`, { enabled: true });
      }
    } catch (error) {
      await close();
      throw error;
    }
    return {
      targets: workers.filter(({ hasTests }) => hasTests).map(({ name }) => (
        { name, url: `http://${platform.http}/`, headers: { host: `${scriptOf(name)}.${platform.domain}` } })),
      alive: () => true,
      close,
    };
  }

  return { deploy, close: () => platform.stop() };
}
