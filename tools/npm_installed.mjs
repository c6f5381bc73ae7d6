// Says whether node_modules holds exactly what package-lock.json asks for on this machine.
// Packages for other systems are expected to be absent. Exit code 0 when everything is there.
import { readFileSync } from 'node:fs';

const read = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

function wantedHere(entry) {
  const allows = (list, value) =>
    !list || (list.includes(value) || !list.some((item) => !item.startsWith('!'))) && !list.includes(`!${value}`);
  return allows(entry.os, process.platform) && allows(entry.cpu, process.arch) && allows(entry.libc, 'glibc');
}

let installed;
try {
  installed = read('node_modules/.package-lock.json');
} catch {
  process.exit(1);
}
const wrong = [];
for (const [path, entry] of Object.entries(read('package-lock.json'))) {
  if (path === '' || !wantedHere(entry)) continue;
  if (installed[path]?.version !== entry.version) {
    if (entry.optional && !installed[path]) continue;
    wrong.push(`${path}: ${installed[path]?.version ?? 'absent'}, wanted ${entry.version}`);
  }
}
for (const line of wrong) console.error(line);
process.exit(wrong.length ? 1 : 0);
