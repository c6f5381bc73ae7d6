// Runs one worker test file on Atoll: uploaded over the REST API like any Worker.
import { startPlatform } from '../e2e/platform.mjs';
import { trustedFile } from './servers.mjs';

const contentTypes = {
  esm: 'application/javascript+module', commonjs: 'application/javascript', json: 'application/json',
  text: 'text/plain', data: 'application/octet-stream', wasm: 'application/wasm',
};

export async function startAtoll() {
  const platform = await startPlatform({ args: ['--egress-allow', '127.0.0.0/8', '--ca-file', trustedFile] });

  async function bindingFor({ type, ...rest }, name) {
    if (type === 'kv_namespace') return { type, ...rest, namespace_id: await platform.createKv(`${name}-${rest.name}`) };
    if (type === 'service' && rest.service === 'self') return { type, ...rest, service: name };
    return { type, ...rest };
  }

  return {
    name: 'atoll',
    // → { url, headers, close() }
    async deploy({ file, modules, bindings, date, flags }) {
      const name = file.replace(/\.test\.js$/, '').replace(/[^a-z0-9]+/gi, '-').toLowerCase();
      const form = new FormData();
      form.set('metadata', new Blob([JSON.stringify({
        main_module: modules[0].name,
        compatibility_date: date,
        compatibility_flags: flags,
        bindings: await Promise.all(bindings.map((one) => bindingFor(one, name))),
      })], { type: 'application/json' }));
      for (const { name: part, kind, content } of modules) {
        form.set(part, new Blob([content], { type: contentTypes[kind] }), part);
      }
      await platform.call('PUT', `/workers/scripts/${name}`, form);
      await platform.call('POST', `/workers/scripts/${name}/subdomain`, { enabled: true });
      return {
        url: `http://${platform.http}/`,
        headers: { host: `${name}.${platform.domain}` },
        close: () => platform.call('DELETE', `/workers/scripts/${name}?force=true`),
      };
    },
    close: () => platform.stop(),
  };
}
