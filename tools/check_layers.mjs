// The structure as a test. In src/, a file includes (or, in JavaScript, imports) its own room and lower floors
// of src/LAYERS only; sealed rooms only from apps/ and tests; third-party headers only in their home rooms.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readLayers } from './layers.mjs';

// Which rooms may name a library's headers. A folder stands for the part of a room.
const homes = [
  { library: 'Boost.Beast', header: /^boost\/beast/, rooms: ['http', 'management'] },
  // The vocabulary of the event loop, for rooms that start tasks or wait for descriptors.
  { library: 'Boost.Asio', header: /^boost\/(asio|system)/, rooms: ['async', 'net', 'http', 'engines', 'runtime', 'egress', 'sandbox', 'dispatch', 'management', 'apps'] },
  { library: 'Boost.Intrusive and Boost.Unordered', header: /^boost\/(intrusive|unordered|container)/, rooms: ['async', 'engines', 'runtime', 'bindings', 'dispatch'] },
  { library: 'Boost', header: /^boost\//, rooms: [] },
  { library: 'V8', header: /^(v8|libplatform|cppgc)[-./\w]*\.h$/, rooms: ['js', 'runtime', 'webapi', 'nodeapi', 'bindings', 'dispatch', 'apps/isolate_host'] },
  { library: 'OpenSSL', header: /^openssl\//, rooms: ['crypto', 'js/node_ncrypto.h', 'webapi/crypto', 'nodeapi/crypto', 'net'] },
  { library: 'SQLite', header: /^sqlite3/, rooms: ['engines'] },
  { library: 'nlohmann-json', header: /^nlohmann\//, rooms: ['base'] },
  { library: 'toml++', header: /^toml\+\+/, rooms: ['apps'] },
  { library: 'CLI11', header: /^CLI/, rooms: ['apps'] },
  { library: 'GoogleTest', header: /^(gtest|gmock)\//, rooms: [] },
];

const { roomOf } = readLayers();
const problems = [];
const isTest = (file) => /_(test|fuzz|bench)(_\w+)?\.(cc|h)$|\.test\.mjs$|(^|\/)testing\//.test(file);

function judge(file, line, target) {
  const from = roomOf(file.slice('src/'.length));
  const to = roomOf(target);
  const at = `${file}:${line}`;
  if (!to) return problems.push(`${at}: "${target}" names no room of src/LAYERS`);
  if (from === to) return;
  if (to.sealed && from.name !== 'apps' && !isTest(file)) {
    problems.push(`${at}: ${to.name} is sealed; only apps and tests may include it`);
  } else if (to.floor >= from.floor && !isTest(file)) {
    problems.push(`${at}: ${from.name} may not reach up to ${to.name}`);
  }
}

function judgeLibrary(file, line, header) {
  const home = homes.find((one) => one.header.test(header));
  if (!home || isTest(file)) return;
  const inside = file.slice('src/'.length);
  if (!home.rooms.some((room) => inside === room || inside.startsWith(`${room}/`))) {
    problems.push(`${file}:${line}: ${home.library} is at home in ${home.rooms.join(', ') || 'tests'}, not here`);
  }
}

for (const file of globSync('src/**/*.{h,cc}').sort()) {
  if (!roomOf(file.slice('src/'.length))) {
    problems.push(`${file}: its folder is no room of src/LAYERS`);
    continue;
  }
  readFileSync(file, 'utf8').split('\n').forEach((text, index) => {
    const own = /^\s*#\s*include\s+"([^"]+)"/.exec(text);
    const system = /^\s*#\s*include\s+<([^>]+)>/.exec(text);
    if (own && own[1].endsWith('.inc')) return;
    if (own) judge(file, index + 1, own[1]);
    if (system) judgeLibrary(file, index + 1, system[1]);
  });
}

for (const file of globSync('src/**/*.{js,mjs}').sort()) {
  readFileSync(file, 'utf8').split('\n').forEach((text, index) => {
    const found = /^\s*(?:import|export)\b.*?\bfrom\s+['"](\.[^'"]+)['"]|^\s*import\s+['"](\.[^'"]+)['"]|^\}\s*from\s+['"](\.[^'"]+)['"]/.exec(text);
    const specifier = found && (found[1] ?? found[2] ?? found[3]);
    if (!specifier) return;
    const target = join(dirname(file), specifier);
    // main.js gathers what the snapshot holds, so it stands above every room with built-ins.
    if (file === 'src/webapi/main.js' || isTest(file)) return;
    if (!target.startsWith('src/')) problems.push(`${file}:${index + 1}: "${specifier}" leaves src/`);
    else judge(file, index + 1, target.slice('src/'.length));
  });
}

for (const problem of problems) console.error(problem);
process.exit(problems.length ? 1 : 0);
