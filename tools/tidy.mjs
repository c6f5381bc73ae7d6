// clang-tidy over every source of build/compile_commands.json. A clean result is remembered under build/tidy/ by
// the text of the source, of every header of ours that it reaches, and of .clang-tidy.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { compileCommands, forAll } from './compile_commands.mjs';

const run = promisify(execFile);
const texts = new Map();
const textOf = (file) => texts.get(file) ?? texts.set(file, existsSync(file) ? readFileSync(file, 'utf8') : '').get(file);

function reached(file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, name] of textOf(file).matchAll(/^\s*#\s*include\s+"([^"]+)"/gm)) reached(`src/${name}`, seen);
  return seen;
}

function fingerprint(file) {
  const hash = createHash('sha256').update(textOf('.clang-tidy'));
  for (const one of [...reached(file)].sort()) hash.update(one).update(textOf(one));
  return hash.digest('hex');
}

mkdirSync('build/tidy', { recursive: true });
const files = [...compileCommands().keys()].filter((file) => file.startsWith('src/')).sort();
let failures = 0;
let fresh = 0;
await forAll(files, Number(process.env.ATOLL_JOBS ?? availableParallelism()), async (file) => {
  const stamp = `build/tidy/${fingerprint(file)}`;
  if (existsSync(stamp)) return;
  fresh += 1;
  try {
    await run('clang-tidy-19', ['-p', 'build', '--quiet', file], { maxBuffer: 1 << 26 });
    writeFileSync(stamp, file);
  } catch (error) {
    failures += 1;
    console.error(error.stdout || error.message);
  }
});
console.log(`${files.length} sources, ${fresh} looked at anew, ${failures} with findings`);
process.exit(failures ? 1 : 0);
