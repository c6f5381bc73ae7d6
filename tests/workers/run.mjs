// Runs tests/workers/<area>/*.test.js on Atoll and on the reference runtime; see README.md beside this file.
// node tests/workers/run.mjs [--on atoll,workerd] [--area NAME,…] [--only REGEX] [--jobs N] [--verbose]
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { askJson } from './ask.mjs';
import { startOrigin } from './origin.mjs';
import { startReference } from './reference.mjs';
import { startAtoll } from './atoll.mjs';
import { startServers } from './servers.mjs';
import { startBuiltins } from '../../src/webapi/testing/mini_platform.mjs';

const here = import.meta.dirname;
const { values: options } = parseArgs({
  options: {
    on: { type: 'string', default: 'workerd,atoll' },
    area: { type: 'string' },
    only: { type: 'string', default: '' },
    jobs: { type: 'string', default: '2' },
    timeout: { type: 'string', default: '20000' },
    verbose: { type: 'boolean', default: false },
  },
});
const platforms = { workerd: startReference, atoll: startAtoll, builtins: startBuiltins };
const kinds = { js: 'esm', mjs: 'esm', cjs: 'commonjs', json: 'json', txt: 'text', bin: 'data', wasm: 'wasm' };

const driver = readFileSync(join(here, 'driver.js'), 'utf8');
const referenceKv = readFileSync(join(here, 'reference_kv.js'), 'utf8');
const knownDifferences = JSON.parse(readFileSync(join(here, 'known_differences.json'), 'utf8'));
const readJson = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});

function configOf(file) {
  const area = join(here, file.split('/')[0], 'config.json');
  return { ...readJson(area), ...readJson(join(here, file).replace(/\.test\.js$/, '.config.json')) };
}

// The modules a file reaches through relative imports, itself first, each named relative to this folder.
function modulesOf(file, found = new Map()) {
  const name = relative(here, file);
  if (found.has(name)) return found;
  const kind = kinds[name.split('.').pop()];
  if (!kind) throw new Error(`${file}: no module kind belongs to this ending`);
  const content = readFileSync(file);
  found.set(name, { name, kind, content });
  if (kind !== 'esm' && kind !== 'commonjs') return found;
  const imports = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)['"](\.{1,2}\/[^'"\n]+)['"]/g;
  for (const [, specifier] of content.toString().matchAll(imports)) {
    const target = join(dirname(file), specifier);
    if (existsSync(target)) modulesOf(target, found);
  }
  return found;
}

async function planFor(file) {
  const path = join(here, file);
  const config = configOf(file);
  const extra = [...config.bindings ?? []];
  if (config.servers) extra.push({ type: 'json', name: 'SERVERS', json: await startServers() });
  const standard = [
    { type: 'plain_text', name: 'TEXT', text: 'a text' },
    { type: 'json', name: 'JSON', json: { list: [1, 2, 3] } },
    { type: 'secret_text', name: 'SECRET', text: 'a secret' },
    { type: 'kv_namespace', name: 'KV' },
    { type: 'service', name: 'SELF', service: 'self' },
    { type: 'plain_text', name: 'ORIGIN', text: origin.url },
  ];
  const tests = [...modulesOf(path).values()];
  return {
    file,
    referenceKv,
    date: config.compatibility_date ?? '2026-08-22',
    flags: config.compatibility_flags ?? [],
    bindings: [...standard.filter(({ name }) => !extra.some((one) => one.name === name)), ...extra],
    modules: [
      { name: 'driver.js', kind: 'esm', content: driver.replaceAll('__TESTS__', `./${tests[0].name}`) },
      ...tests,
    ],
  };
}

const ask = ({ url, headers }, command) => askJson({ url, headers: { ...headers, 'x-worker-test': command } }, Number(options.timeout));

// Runs all tests of one file → [{ name, error? }].
async function runFile(platform, file) {
  let worker;
  const results = [];
  try {
    worker = await platform.deploy(await planFor(file));
    const { tests } = await ask(worker, 'list');
    if (!tests.length) throw new Error('the file exports no test');
    for (const name of tests) {
      if (options.only && !new RegExp(options.only).test(`${file} ${name}`)) continue;
      try {
        const { passed, error } = await ask(worker, `run ${name}`);
        results.push({ name, error: passed ? undefined : error });
      } catch (error) {
        results.push({ name, error: error.message });
      }
    }
  } catch (error) {
    results.push({ name: '(load)', error: error.message });
  } finally {
    await worker?.close();
  }
  return results;
}

async function runAll(platform, files) {
  let [passed, failed, known] = [0, 0, 0];
  const queue = files.filter((file) => !readJson(join(here, file.split('/')[0], 'config.json')).not_on?.includes(platform.name));
  const fail = (file, name, text) => {
    failed += 1;
    console.log(`FAIL  ${platform.name}: ${file} ${name}\n${text.trimEnd().replace(/^/gm, '      ')}`);
  };
  await Promise.all(Array.from({ length: Number(options.jobs) }, async () => {
    while (queue.length) {
      const file = queue.shift();
      if (configOf(file).not_on?.includes(platform.name)) continue;
      for (const { name, error } of await runFile(platform, file)) {
        const difference = knownDifferences[file]?.[name];
        const expected = difference?.on === platform.name;
        if (error === undefined && expected) fail(file, name, 'passes, yet known_differences.json lists it');
        else if (error === undefined) passed += 1;
        else if (expected) known += 1;
        else fail(file, name, error);
        if (options.verbose && error === undefined) console.log(`ok    ${platform.name}: ${file} ${name}`);
      }
    }
  }));
  console.log(`${platform.name}: ${passed} passed, ${failed} failed, ${known} known differences`);
  return { passed, failed };
}

const origin = await startOrigin();
const areas = options.area?.split(',');
const files = globSync('*/*.test.js', { cwd: here }).sort()
  .filter((file) => !areas || areas.includes(file.split('/')[0]));
const sum = { passed: 0, failed: 0 };
for (const name of options.on.split(',')) {
  let platform;
  try {
    platform = await platforms[name]();
    const { passed, failed } = await runAll(platform, files);
    sum.passed += passed;
    sum.failed += failed;
  } catch (error) {
    sum.failed += 1;
    console.log(`FAIL  ${name} did not start\n${error.message.replace(/^/gm, '      ')}`);
  } finally {
    await platform?.close();
  }
}
await origin.close();
console.log(`${sum.passed} passed, ${sum.failed} failed`);
process.exit(sum.failed ? 1 : 0);
