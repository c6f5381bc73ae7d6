// ./do conformance wpt: web-platform-tests; see README.md beside this file.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startAtoll } from '../../tests/workers/atoll.mjs';
import { startReference } from '../../tests/workers/reference.mjs';
import { startBuiltins } from '../../src/webapi/testing/mini_platform.mjs';
import { askJson } from './ask.mjs';
import { failures, table } from './comparison.mjs';
import { programFor } from './wpt_program.mjs';
import { findWpt } from './wpt_suite.mjs';

const platforms = { atoll: startAtoll, workerd: startReference, builtins: startBuiltins };
const kAreas = 'url,encoding,streams,FileAPI,dom/abort,dom/events,WebCryptoAPI,console,hr-time,user-timing,performance-timeline,' +
  'html/webappapis,webidl,webmessaging,wasm/jsapi,compression,urlpattern,fetch/api,eventsource,websockets,xhr/formdata';

const parse = (args) => parseArgs({
  args,
  options: {
    suites: { type: 'string' },
    areas: { type: 'string', default: kAreas },
    only: { type: 'string', default: '' },
    on: { type: 'string', default: 'atoll,workerd' },
    jobs: { type: 'string', default: '2' },
    date: { type: 'string', default: '2026-08-22' },
    flags: { type: 'string', default: '' },
    timeout: { type: 'string', default: '90000' },
    out: { type: 'string' },
    beside: { type: 'string' },
    failures: { type: 'string' },
  },
}).values;

async function runFile(platform, { root, area, file }, options) {
  const { content, leftOut, missing } = programFor(root, file);
  if (leftOut) return undefined;
  if (missing) return { area, file, error: `${missing} is missing`, subtests: [] };
  let worker;
  try {
    worker = await platform.deploy({
      file: file.replace(/\.any\.js$/, '').replace(/[^A-Za-z0-9]+/g, '-').slice(-45).replace(/^-/, ''),
      date: options.date, flags: options.flags.split(',').filter(Boolean), bindings: [], referenceKv: 'export default {};',
      modules: [{ name: 'wpt.js', kind: 'esm', content }],
    });
    const answer = await askJson(worker, Number(options.timeout));
    if (answer.error) throw new Error(answer.error);
    return { area, file, status: answer.status, subtests: answer.subtests };
  } catch (error) {
    return { area, file, error: error.message.slice(0, 2000), subtests: [] };
  } finally {
    await worker?.close();
  }
}

async function runAll(platform, files, options) {
  const results = [];
  const queue = [...files];
  await Promise.all(Array.from({ length: Number(options.jobs) }, async () => {
    while (queue.length) {
      const result = await runFile(platform, queue.shift(), options);
      if (result) results.push(result);
    }
  }));
  return results.sort((left, right) => (left.file < right.file ? -1 : 1));
}

// Resolves to the exit code: 1 if something could not be run.
export async function main(args) {
  // --failures may stand without a value.
  const options = parse(args.flatMap((one, i) => (one === '--failures' && args[i + 1] !== 'all' ? ['--failures', 'kept'] : [one])));
  const root = findWpt(options.suites);
  const files = options.areas.split(',').flatMap((area) => globSync(`${area}/**/*.any.js`, { cwd: root }).sort()
    .filter((file) => new RegExp(options.only).test(file)).map((file) => ({ root, area, file })));
  if (files.length === 0) throw new Error(`${root} has no such files`);

  const results = {};
  for (const name of options.on.split(',')) {
    const platform = await platforms[name]();
    try {
      results[name] = await runAll(platform, files, options);
    } finally {
      await platform.close();
    }
  }
  if (options.out) writeFileSync(options.out, JSON.stringify({ suite: 'wpt', date: options.date, results }));
  if (options.beside) {
    const own = new Set(files.map(({ file }) => file));
    for (const [name, earlier] of Object.entries(JSON.parse(readFileSync(options.beside, 'utf8')).results)) {
      results[name] ??= earlier.filter(({ file }) => own.has(file));
    }
  }
  if (options.failures) console.log(failures(results, options.failures === 'all').join('\n'));
  console.log(table(results));
  return 0;
}
