// ./do conformance workerd: the reference runtime's own tests; see README.md beside this file.
import { askJson } from '../../tests/workers/ask.mjs';
import { parseOptions, runSuite } from './suite.mjs';
import { startSuiteOnAtoll } from './workerd_on_atoll.mjs';
import { startSuiteOnReference } from './workerd_on_reference.mjs';
import { headersToList, headersToRun } from './workerd_program.mjs';
import { kLaterAreas, readWorkerdSuite, withoutStorage } from './workerd_suite.mjs';

const platforms = { atoll: startSuiteOnAtoll, workerd: startSuiteOnReference };

const kOptions = {
  timeout: { type: 'string', default: '60000' },
  list: { type: 'boolean' },
  'with-storage': { type: 'boolean' },
};

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

// Resolves to the exit code.
export async function main(args) {
  const options = parseOptions(args, kOptions);
  if (!options.suites) throw new Error('--suites FOLDER is missing: a checkout of the workerd repository, or a folder with one called workerd');
  const all = readWorkerdSuite(options.suites, options.date);
  if (options.list) {
    console.log(all.map(({ area, id, leftOut = '' }) => `${area}\t${id}\t${leftOut}`).join('\n'));
    return 0;
  }
  const areas = options.areas?.split(',');
  const tests = all.filter(({ area, file, leftOut }) => !leftOut && new RegExp(options.only).test(file) &&
    (areas ? areas.includes(area) : !kLaterAreas.includes(area)))
    .map((test) => (options['with-storage'] || kLaterAreas.includes(test.area) ? test : withoutStorage(test)));
  if (tests.length === 0) throw new Error(`no such tests in ${options.suites}`);

  await runSuite('workerd', tests, options, platforms, (platform, test) => runTest(platform, test, Number(options.timeout)));
  return 0;
}
