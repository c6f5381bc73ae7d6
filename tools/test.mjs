// Runs every kind of test and sums them; called by ./do test after the build. Arguments choose kinds:
// ./do test unit builtins workers e2e hostile. Exit code 1 when anything failed or a kind did not finish.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const node = process.execPath;
const jobs = String(process.env.ATOLL_JOBS ?? availableParallelism());
const reporter = ['--test-reporter=./tools/count_reporter.mjs', '--test-reporter-destination=stdout'];

const kinds = {
  unit: () => ['ctest', '--test-dir', 'build', '-j', jobs, '--output-on-failure', '--progress', '--timeout', '120'],
  builtins: () => {
    const files = globSync('src/**/*.test.mjs').sort();
    return files.length && [node, '--test', `--test-concurrency=${jobs}`, '--test-timeout=120000', '--test-force-exit', ...reporter, ...files];
  },
  workers: () => [node, 'tests/workers/run.mjs', '--jobs', jobs],
  e2e: () => {
    const files = globSync('tests/e2e/*.test.mjs').sort();
    return [node, '--test', '--test-concurrency=1', '--test-timeout=600000', '--test-force-exit', ...reporter, ...files];
  },
  hostile: () => [node, 'tests/hostile/run.mjs'],
};

// The last line that reads like a sum: ours, or ctest's.
function countsIn(output) {
  for (const line of output.trimEnd().split('\n').reverse()) {
    const ours = /(\d+) passed, (\d+) failed/.exec(line);
    if (ours) return { passed: Number(ours[1]), failed: Number(ours[2]) };
    const ctest = /tests passed, (\d+) tests failed out of (\d+)/.exec(line);
    if (ctest) return { passed: ctest[2] - ctest[1], failed: Number(ctest[1]) };
  }
  return null;
}

function run([command, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let tail = '';
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      tail = (tail + chunk).slice(-20000);
    });
    child.on('error', (error) => resolve({ code: error.message, counts: null }));
    child.on('close', (code, signal) => resolve({ code: code ?? signal, counts: countsIn(tail) }));
  });
}

const chosen = process.argv.slice(2);
const unknown = chosen.filter((kind) => !kinds[kind]);
if (unknown.length) {
  console.error(`no such kind of test: ${unknown.join(', ')}; there are ${Object.keys(kinds).join(', ')}`);
  process.exit(2);
}
const sum = { passed: 0, failed: 0 };
const lines = [];
for (const kind of chosen.length ? chosen : Object.keys(kinds)) {
  const command = kinds[kind]();
  if (!command) continue;
  console.log(`== ${kind}`);
  const started = Date.now();
  const { code, counts } = await run(command);
  const { passed, failed } = counts ?? { passed: 0, failed: 0 };
  const broken = (!counts || (code !== 0 && failed === 0)) ? 1 : 0;
  sum.passed += passed;
  sum.failed += failed + broken;
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  lines.push(`${kind}: ${passed} passed, ${failed} failed, ${seconds} s${broken ? ` (did not finish: ${code})` : ''}`);
}
console.log(`\n${lines.join('\n')}\n${sum.passed} passed, ${sum.failed} failed`);
process.exit(sum.failed || !sum.passed ? 1 : 0);
