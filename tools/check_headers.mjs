// Each header compiles on its own. The build proves it for a header that its own .cc includes first;
// the others are compiled here, with the arguments of a source in the same folder.
import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { compileCommands, forAll } from './compile_commands.mjs';

const run = promisify(execFile);
const commands = compileCommands();

function provenByBuild(header) {
  const source = header.replace(/\.h$/, '.cc');
  if (!existsSync(source) || !commands.has(source)) return false;
  const first = /^\s*#\s*include\s+["<]([^">]+)[">]/m.exec(readFileSync(source, 'utf8'));
  return first?.[1] === header.slice('src/'.length);
}

// The nearest source's arguments: same folder, else same room, else any.
function argumentsFor(header) {
  for (let folder = dirname(header); folder !== '.'; folder = dirname(folder)) {
    const neighbour = [...commands.keys()].find((file) => file.startsWith(`${folder}/`));
    if (neighbour) return commands.get(neighbour);
  }
  return [];
}

const headers = globSync('src/**/*.h').sort().filter((header) => !provenByBuild(header));
let failures = 0;
await forAll(headers, Number(process.env.ATOLL_JOBS ?? availableParallelism()), async (header) => {
  try {
    await run('clang++-19', [...argumentsFor(header), '-Wno-pragma-once-outside-header', '-fsyntax-only', '-x', 'c++', header]);
  } catch (error) {
    failures += 1;
    console.error(`${header} does not compile on its own:\n${error.stderr.split('\n').slice(0, 6).join('\n')}`);
  }
});
console.log(`${headers.length} headers compiled, ${failures} failed`);
process.exit(failures ? 1 : 0);
