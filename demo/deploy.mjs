// Deploys the demo over the REST API: node demo/deploy.mjs API_URL ACCOUNT_ID TOKEN_FILE
import { readFileSync } from 'node:fs';

const [api, account, tokenFile] = process.argv.slice(2);
const token = readFileSync(tokenFile, 'utf8').trim();
const source = (name) => readFileSync(new URL(name, import.meta.url));

async function call(method, path, body) {
  const headers = { authorization: `Bearer ${token}` };
  if (body && !(body instanceof FormData)) {
    headers['content-type'] = 'application/json';
    body = JSON.stringify(body);
  }
  const response = await fetch(`${api}/accounts/${account}${path}`, { method, headers, body });
  const answer = await response.json();
  if (!answer.success) {
    throw new Error(`${method} ${path}: ${answer.errors.map((error) => error.message).join('; ')}`);
  }
  return answer.result;
}

function upload(path, file, bindings) {
  const form = new FormData();
  const metadata = { main_module: file, compatibility_date: '2026-08-22', bindings };
  form.set('metadata', new Blob([JSON.stringify(metadata)], { type: 'application/json' }));
  form.set(file, new Blob([source(file)], { type: 'application/javascript+module' }), file);
  return call('PUT', path, form);
}

try {
  await call('POST', '/workers/dispatch/namespaces', { name: 'demo' });
  await upload('/workers/dispatch/namespaces/demo/scripts/ada', 'customer.js', [
    { type: 'plain_text', name: 'GREETING', text: "Hello from Ada's Worker." },
  ]);
  await upload('/workers/scripts/demo', 'dispatcher.js', [
    { type: 'dispatch_namespace', name: 'CUSTOMERS', namespace: 'demo' },
  ]);
  await call('POST', '/workers/scripts/demo/subdomain', { enabled: true });
} catch (error) {
  console.error(`demo: ${error.message}`);
  process.exit(1);
}
