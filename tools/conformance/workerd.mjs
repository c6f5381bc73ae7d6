// ./do conformance workerd: the reference runtime's own tests; see README.md beside this file.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { askJson } from './ask.mjs';
import { failures, table } from './comparison.mjs';
import { startSuiteOnAtoll } from './workerd_on_atoll.mjs';
import { startSuiteOnReference } from './workerd_on_reference.mjs';
import { headersToList, headersToRun } from './workerd_program.mjs';
import { kLaterAreas, readWorkerdSuite } from './workerd_suite.mjs';

const platforms = { atoll: startSuiteOnAtoll, workerd: startSuiteOnReference };

const parse = (args) => parseArgs({
  args,
  options: {
    suites: { type: 'string' },
    areas: { type: 'string' },
    only: { type: 'string', default: '' },
    on: { type: 'string', default: 'atoll,workerd' },
    jobs: { type: 'string', default: '2' },
    date: { type: 'string', default: '2026-08-22' },
    timeout: { type: 'string', default: '30000' },
    out: { type: 'string' },
    beside: { type: 'string' },
    failures: { type: 'string' },
    list: { type: 'boolean' },
  },
}).values;

// Where a platform dies under a test, those after it run on a new one.
async function runTest(platform, test, timeout) {
  const { area, file } = test;
  let deployed;
  const subtests = [];
  try {
    deployed = await platform.deploy(test);
    for (let i = 0; i < deployed.targets.length; i++) {
      const named = (name) => (deployed.targets.length > 1 ? `${deployed.targets[i].name}: ${name}` : name);
      const ask = (headers) => askJson({ url: deployed.targets[i].url, headers: { ...deployed.targets[i].headers, ...headers } }, timeout);
      const names = await ask(headersToList);
      for (const name of names) {
        try {
          const { error } = await ask(headersToRun(name));
          subtests.push({ name: named(name), status: error === undefined ? 0 : 1, message: error });
        } catch (error) {
          subtests.push({ name: named(name), status: 2, message: error.message });
          if (deployed.alive()) continue;
          await deployed.close();
          deployed = await platform.deploy(test);
        }
      }
    }
    return { area, file, subtests };
  } catch (error) {
    return { area, file, error: error.message.slice(0, 2000), subtests };
  } finally {
    await deployed?.close();
  }
}

async function runAll(platform, tests, options) {
  const results = [];
  const queue = [...tests];
  await Promise.all(Array.from({ length: Number(options.jobs) }, async () => {
    while (queue.length) results.push(await runTest(platform, queue.shift(), Number(options.timeout)));
  }));
  return results.sort((left, right) => (left.file < right.file ? -1 : 1));
}

// Resolves to the exit code.
export async function main(args) {
  const options = parse(args.flatMap((one, i) => (one === '--failures' && args[i + 1] !== 'all' ? ['--failures', 'kept'] : [one])));
  if (!options.suites) throw new Error('--suites FOLDER is missing: a checkout of the workerd repository, or a folder with one called workerd');
  const all = readWorkerdSuite(options.suites, options.date);
  if (options.list) {
    console.log(all.map(({ area, id, leftOut = '' }) => `${area}\t${id}\t${leftOut}`).join('\n'));
    return 0;
  }
  const areas = options.areas?.split(',');
  const tests = all.filter(({ area, file, leftOut }) => !leftOut && new RegExp(options.only).test(file) &&
    (areas ? areas.includes(area) : !kLaterAreas.includes(area)));
  if (tests.length === 0) throw new Error(`no such tests in ${options.suites}`);

  const results = {};
  for (const name of options.on.split(',')) {
    const platform = await platforms[name]();
    try {
      results[name] = await runAll(platform, tests, options);
    } finally {
      await platform.close();
    }
  }
  if (options.out) writeFileSync(options.out, JSON.stringify({ suite: 'workerd', date: options.date, results }));
  if (options.beside) {
    const own = new Set(tests.map(({ file }) => file));
    for (const [name, earlier] of Object.entries(JSON.parse(readFileSync(options.beside, 'utf8')).results)) {
      results[name] ??= earlier.filter(({ file }) => own.has(file));
    }
  }
  if (options.failures) console.log(failures(results, options.failures === 'all').join('\n'));
  console.log(table(results));
  return 0;
}
