// Finds a WPT checkout, or fetches the part of WPT that a Debian source package carries.
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const isCheckout = (folder) => existsSync(join(folder, 'resources/testharness.js'));

// Where the system's own package lists come from.
function debianMirror() {
  const files = ['/etc/apt/sources.list', ...globSync('/etc/apt/sources.list.d/*')];
  for (const file of files.filter(existsSync)) {
    const found = /https?:\/\/\S+\/debian(?=\/?\s)/.exec(readFileSync(file, 'utf8'));
    if (found) return found[0];
  }
  throw new Error('no Debian archive is configured on this system; give a WPT folder with --suites');
}

// apt with lists of its own, so that the system's are left alone. It checks the archive's signatures. Of the source package
// only the original source is wanted: its other files change with each update, and mirrors may have newer ones than lists.
function fetchNodeSource(folder) {
  const state = join(folder, 'apt');
  for (const name of ['lists/partial', 'cache/archives/partial', 'sources.list.d']) {
    mkdirSync(join(state, name), { recursive: true });
  }
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  writeFileSync(join(state, 'sources.list'), `deb-src [signed-by=${keyring}] ${debianMirror()} trixie main\n`);
  const options = {
    'Dir::State::lists': join(state, 'lists'), 'Dir::Cache': join(state, 'cache'), 'Dir::Etc::sourcelist': join(state, 'sources.list'),
    'Dir::Etc::sourceparts': join(state, 'sources.list.d'), 'APT::Sandbox::User': 'root',
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const apt = (...args) => execFileSync('apt-get', ['-qq', ...flags, ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  apt('update');
  apt('source', '--download-only', '--tar-only', 'nodejs');
}

function unpack(folder, target) {
  const archive = readdirSync(folder).find((name) => /^nodejs_[^-]*\.orig\.tar\.\w+$/.test(name));
  if (!archive) throw new Error('the source package brought no archive of the original source');
  execFileSync('tar', ['-xf', join(folder, archive), '-C', folder, '--wildcards', '*/test/fixtures/wpt']);
  renameSync(globSync(join(folder, '*/test/fixtures/wpt'))[0], target);
}

// The root of a WPT tree. `given` is a folder named by the user, or undefined.
export function findWpt(given) {
  if (given !== undefined) {
    const found = [given, join(given, 'wpt')].find(isCheckout);
    if (!found) throw new Error(`${given}: neither this nor wpt/ in it has resources/testharness.js`);
    return resolve(found);
  }
  const target = resolve('.atoll/suites/wpt');
  if (isCheckout(target)) return target;
  const scratch = resolve('.atoll/suites/scratch');
  mkdirSync(scratch, { recursive: true });
  console.error('fetching the WPT files that the Node source package of Debian carries');
  fetchNodeSource(scratch);
  unpack(scratch, target);
  rmSync(scratch, { recursive: true });
  return target;
}
