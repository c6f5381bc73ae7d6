// What the suites have in common: their options, the queue of files, what is done with results.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { failures, table } from './comparison.mjs';

const kOptions = {
  suites: { type: 'string' },
  areas: { type: 'string' },
  only: { type: 'string', default: '' },
  on: { type: 'string', default: 'atoll,workerd' },
  jobs: { type: 'string', default: '2' },
  date: { type: 'string', default: '2026-08-22' },
  out: { type: 'string' },
  beside: { type: 'string' },
  failures: { type: 'string' },
};

// `more`: options of one suite, with its defaults. --failures may stand without a value.
export function parseOptions(args, more) {
  const complete = args.flatMap((one, i) => (one === '--failures' && args[i + 1] !== 'all' ? ['--failures', 'kept'] : [one]));
  return parseArgs({ args: complete, options: { ...kOptions, ...more } }).values;
}

async function runAll(tests, jobs, runOne) {
  const results = [];
  const queue = [...tests];
  await Promise.all(Array.from({ length: Number(jobs) }, async () => {
    while (queue.length) {
      const result = await runOne(queue.shift());
      if (result) results.push(result);
    }
  }));
  return results.sort((left, right) => (left.file < right.file ? -1 : 1));
}

// Runs tests, which have a `file`, on each platform that the options name, and prints and keeps how it went. `start`: name of a
// platform → what starts it; `runOne(platform, test)` → { area, file, error?, subtests }, or undefined when there is nothing to count.
export async function runSuite(suite, tests, options, start, runOne) {
  const results = {};
  for (const name of options.on.split(',')) {
    const platform = await start[name]();
    try {
      results[name] = await runAll(tests, options.jobs, (test) => runOne(platform, test));
    } finally {
      await platform.close();
    }
  }
  if (options.out) writeFileSync(options.out, JSON.stringify({ suite, date: options.date, results }));
  if (options.beside) {
    const own = new Set(tests.map(({ file }) => file));
    for (const [name, earlier] of Object.entries(JSON.parse(readFileSync(options.beside, 'utf8')).results)) {
      results[name] ??= earlier.filter(({ file }) => own.has(file));
    }
  }
  if (options.failures) console.log(failures(results, options.failures === 'all').join('\n'));
  console.log(table(results));
}
