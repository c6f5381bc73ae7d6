// ./do conformance wpt: web-platform-tests; see README.md beside this file.
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { startAtoll } from '../../tests/workers/atoll.mjs';
import { startReference } from '../../tests/workers/reference.mjs';
import { startBuiltins } from '../../src/webapi/testing/mini_platform.mjs';
import { askJson } from '../../tests/workers/ask.mjs';
import { parseOptions, runSuite } from './suite.mjs';
import { programFor } from './wpt_program.mjs';
import { findWpt } from './wpt_suite.mjs';

const platforms = { atoll: startAtoll, workerd: startReference, builtins: startBuiltins };
const kAreas = 'url,encoding,streams,FileAPI,dom/abort,dom/events,WebCryptoAPI,console,hr-time,user-timing,performance-timeline,' +
  'html/webappapis,webidl,webmessaging,wasm/jsapi,compression,urlpattern,fetch/api,eventsource,websockets,xhr/formdata';

const kOptions = {
  areas: { type: 'string', default: kAreas },
  flags: { type: 'string', default: '' },
  timeout: { type: 'string', default: '90000' },
};

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

// Resolves to the exit code: 1 if something could not be run.
export async function main(args) {
  const options = parseOptions(args, kOptions);
  const root = findWpt(options.suites);
  const files = options.areas.split(',').flatMap((area) => globSync(`${area}/**/*.any.js`, { cwd: root }).sort()
    .filter((file) => new RegExp(options.only).test(file)).map((file) => ({ root, area, file })));
  if (files.length === 0) throw new Error(`${root} has no such files`);

  await runSuite('wpt', files, options, platforms, (platform, test) => runFile(platform, test, options));
  return 0;
}
