// Assume V8 is broken: a host that locked itself as every isolate host does runs native code which tries
// what an intruder would try first. Nothing may succeed. The list of what was tried is printed.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually, startPlatform } from './platform.mjs';

const build = join(dirname(fileURLToPath(import.meta.url)), '../../build');
const program = join(build, 'atoll-host-escape');
let platform;
after(() => platform?.stop());

test('a host under a real supervisor reaches no file, no network, no process, no kernel facility, no foreign handle', async (t) => {
  platform = await startPlatform({ args: ['--set', `host_program=${program}`] });
  const said = () => platform.logEntries().filter(({ event, text }) => event === 'host_output' && text.startsWith('escape: '))
    .map(({ text }) => text.slice('escape: '.length));
  await eventually('all attempts', () => said().includes('done'), 20_000);
  const lines = said().filter((line) => line !== 'done');
  for (const line of lines) t.diagnostic(line);
  assert.deepEqual(lines.filter((line) => !line.includes(': refused, ')), []);
  assert.ok(lines.length > 600, `only ${lines.length} attempts`);
  const [ready] = platform.logEntries().filter(({ event }) => event === 'host_ready');
  for (const layer of ['no_new_privileges', 'landlock', 'seccomp', 'capabilities', 'descriptors']) {
    assert.ok(ready.walls.split(' ').includes(layer), `${layer} is not among: ${ready.walls}`);
  }
});

const treason = execFileSync(program, ['--list'], { encoding: 'utf8' }).trim().split('\n');
test('what no host ever does ends the process at once', async (t) => {
  assert.ok(treason.length > 25);
  for (const name of treason) {
    const { signal, stderr } = spawnSync(program, ['--attempt', name], { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
    t.diagnostic(`${name}: ${signal}`);
    assert.equal(signal, 'SIGSYS', `${name}: ${stderr}`);
  }
});
