// Runs the hostile Workers of cases/ against a platform of its own, with victims beside them; see README.md.
// Options: --only TEXT (class or part of a name), --verbose, --hosts 1. Last line: "N passed, N failed".
import { globSync, readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { residentBytes, sleep, startPlatform } from '../e2e/platform.mjs';

const { values: options } = parseArgs({
  options: { only: { type: 'string', default: '' }, verbose: { type: 'boolean', default: false }, hosts: { type: 'string', default: '2' } },
});

// A victim's answer, though its host may spend a turn's CPU limit and grace, end and be started again. Those are CPU
// time: what else the machine does stretches them.
const victimMs = () => 2500 * Math.max(1, loadavg()[0] / availableParallelism());
const caseMs = 20_000;

const wrap = (code) => `export default { async fetch(request, env, ctx) {\n${code}\nreturn new Response("x"); } };`;

const dispatcher = `export default {
  async fetch(request, env) {
    const name = decodeURIComponent(new URL(request.url).pathname.slice(1));
    try {
      return await env.NAMESPACE.get(name, {}, { limits: { cpuMs: 200, subRequests: 500 } }).fetch(request);
    } catch (error) {
      return new Response(String(error), { status: 599 });
    }
  },
};`;

const victim = `let n = 0; export default { async fetch(request, env) {
  n += 1;
  await new Promise((done) => setTimeout(done, 1));
  return new Response("fine " + (await env.KV.get("key")));
} };`;

async function load() {
  const all = [];
  for (const file of globSync('tests/hostile/cases/*.mjs').sort()) {
    const group = basename(file, '.mjs');
    for (const one of (await import(`../../${file}`)).default) all.push({ group, ...one });
  }
  return all.filter(({ group, name }) => `${group}: ${name}`.includes(options.only)).map((one, i) => ({ ...one, script: `case-${i}` }));
}

// What the dispatcher's answer means.
function outcomeOf({ status, body, error }) {
  if (error) return /no answer within/.test(error) ? 'timeout' : 'broken';
  if (status === 599) {
    if (/CPU time limit/.test(body)) return 'cpu';
    if (/memory limit/.test(body)) return 'memory';
    if (/wall time/.test(body)) return 'wall';
    if (/had hung/.test(body)) return 'hung';
    if (/held back/.test(body)) return 'held';
    return 'exception';
  }
  if (status === 503 && /had to end/.test(body)) return 'host';
  if (status === 503 && /exceeded resource limits/.test(body)) return 'wall';
  if (status === 508) return 'hop';
  return status < 500 ? 'ok' : 'exception';
}

const settleMs = 12_000;  // isolates lie idle for 3 s, and V8 keeps pages of those that went for another 8 s
const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(0);

const cases = await load();
const platform = await startPlatform({
  hosts: Number(options.hosts),
  args: ['--log-level', 'warn', '--set', 'limits.wall_ms=4000', '--set', 'host_memory_bytes=2GiB', '--set', 'limits.cpu_ms=1000',
    // Isolates that nobody asks for are given up soon, so that what is left at the end is what was leaked.
    '--set', 'isolates.memory_budget_bytes=256MiB', '--set', 'isolates.idle_ms=3000'],
});
let failed = 0;
let passed = 0;
const fail = (text) => { failed += 1; console.log(`FAIL  ${text}`); };

const victims = {
  running: true,
  seen: 0,
  slowest: 0,
  wrong: [],
  interrupted: 0,
  async ask(worker, path) {
    const began = performance.now();
    let answer = {};
    // A host that ends takes the requests in it along; the next try must be served.
    for (let attempt = 0; attempt < 4; attempt += 1) {
      answer = await platform.request({ worker, path, agent: false, timeoutMs: 30_000 })
        .catch((error) => ({ status: 0, body: error.message }));
      if (answer.status !== 503 && answer.status !== 0) break;
      this.interrupted += 1;
    }
    this.seen += 1;
    const took = performance.now() - began;
    this.slowest = Math.max(this.slowest, took);
    if (answer.status !== 200 || answer.body !== 'fine value') this.wrong.push(`${worker}${path}: ${answer.status} ${answer.body.slice(0, 100)}`);
    if (took > victimMs()) this.wrong.push(`${worker}${path}: ${took.toFixed(0)} ms`);
  },
  async watch() {
    while (this.running) {
      await this.ask('victim', '/');
      await this.ask('dispatcher', '/victim');
      await sleep(10);
    }
  },
};

// Of all its processes.
const memory = () => [platform.child.pid, ...platform.hosts()].map(residentBytes).reduce((sum, bytes) => sum + bytes, 0);

try {
  const kv = await platform.createKv('hostile');
  await platform.putKv(kv, 'key', 'value');
  await platform.createNamespace('tenants');
  const kvBinding = { type: 'kv_namespace', name: 'KV', namespace_id: kv };
  const withKv = { bindings: [kvBinding] };
  await platform.uploadWorker('victim', victim, withKv);
  await platform.uploadUserWorker('tenants', 'victim', victim, withKv);
  await platform.uploadWorker('dispatcher', dispatcher, { bindings: [{ type: 'dispatch_namespace', name: 'NAMESPACE', namespace: 'tenants' }] });
  await platform.uploadWorker('peer', 'export default { fetch() { return new Response("x"); } };');
  const hostileKv = await platform.createKv('hostile-2');
  const watching = victims.watch();
  // The state to compare with: every host has run the victims, and scripts that used memory and are gone.
  for (let i = 0; i < 10; i += 1) {
    await platform.uploadUserWorker('tenants', 'harmless', wrap(`/* ${i} */ new Uint8Array(2 ** 25).fill(1); JSON.stringify(Array.from({ length: 2e5 }, (_, i) => ({ i })));`));
    await Promise.all(Array.from({ length: 4 }, () => platform.request({ worker: 'dispatcher', path: '/harmless', agent: false })));
  }
  await platform.call('DELETE', '/workers/dispatch/namespaces/tenants/scripts/harmless');
  let before = memory();
  for (let last = Infinity; before < last * 0.99;) {
    last = before;
    await sleep(settleMs);
    before = Math.min(memory(), last);
  }
  if (options.verbose) console.log(`      memory before the cases: ${mebibytes(before)} MiB`);
  const counts = {};
  for (const one of cases) {
    const name = `${one.group}: ${one.name}`;
    const wrongBefore = victims.wrong.length;
    let outcome;
    let detail = '';
    try {
      await platform.uploadUserWorker('tenants', one.script, one.module ?? wrap(one.code), {
        compatibility_flags: one.flags ?? [],
        bindings: [{ type: 'kv_namespace', name: 'KV', namespace_id: hostileKv },
          { type: 'plain_text', name: 'API_PORT', text: platform.apiAddress.split(':').pop() },
          { type: 'service', name: 'PEER', service: 'peer' },
          { type: 'service', name: 'SELF', service: 'dispatcher' }],
      });
    } catch (error) {
      outcome = 'refused';
      detail = error.message;
    }
    if (!outcome) {
      const path = `/${one.script}`;
      const asking = one.client?.(platform, path) ?? platform.request({ worker: 'dispatcher', path, agent: false, timeoutMs: caseMs });
      const answer = await asking.catch((error) => ({ error: error.message ?? String(error) }));
      outcome = outcomeOf(answer);
      detail = answer.error ?? answer.body.slice(0, 200);
    }
    counts[outcome] = (counts[outcome] ?? 0) + 1;
    if (options.verbose) console.log(`      ${name}: ${outcome} (${detail.replaceAll('\n', ' ').slice(0, 120)}); ${mebibytes(memory())} MiB`);
    if (!one.expect.includes(outcome)) fail(`${name}: ${outcome}, expected ${one.expect.join(' or ')}: ${detail}`);
    else if (victims.wrong.length > wrongBefore) fail(`${name}: a victim suffered: ${victims.wrong.slice(wrongBefore).join('; ')}`);
    else passed += 1;
    await platform.call('DELETE', `/workers/dispatch/namespaces/tenants/scripts/${one.script}`).catch(() => {});
  }
  victims.running = false;
  await watching;
  if (victims.wrong.length) console.log(`victims: ${victims.wrong.slice(0, 10).join('\n         ')}`);

  // Whoever brought a host down is named, and nobody else.
  const ends = platform.logEntries().filter(({ event }) => event === 'host_ended');
  const unnamed = ends.filter(({ script }) => !script?.startsWith('case-'));
  if (unnamed.length) fail(`host ends without a culprit: ${JSON.stringify(unnamed.slice(0, 5))}`);
  else passed += 1;
  const quarantine = await platform.call('GET', '/atoll/quarantine');
  if (ends.length && !quarantine.length) fail('the API shows nobody in quarantine');
  else passed += 1;

  // What the cases used is given back. Collections and evictions take their time.
  const worstGrowth = 1.1;
  let after = memory();
  for (const end = Date.now() + 60_000; after > before * worstGrowth && Date.now() < end; after = memory()) await sleep(500);
  if (after > before * worstGrowth) fail(`the platform's memory is ${mebibytes(after)} MiB, and was ${mebibytes(before)} MiB before the cases`);
  else passed += 1;
  console.log(`outcomes: ${Object.entries(counts).map(([k, n]) => `${k} ${n}`).join(', ')}; hosts ended: ${ends.length}`);
  console.log(`victims: ${victims.seen} answers, slowest ${victims.slowest.toFixed(0)} ms, repeated ${victims.interrupted}; memory ${mebibytes(before)} → ${mebibytes(after)} MiB`);
} catch (error) {
  fail(`the run broke off: ${error.stack}`);
  console.log(readFileSync(platform.logFile, 'utf8').slice(-3000));
} finally {
  await platform.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
