// Draws src/LAYERS into docs/architecture.md, between its two markers, with the first sentence of each room's
// README.md. With --check it only says whether the page is up to date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { readLayers } from './layers.mjs';

const page = 'docs/architecture.md';
const begin = '<!-- rooms: drawn by tools/draw_layers.mjs -->';
const end = '<!-- /rooms -->';

// The first sentence under the README's title, on one line.
function purpose(room) {
  const file = `src/${room}/README.md`;
  if (!existsSync(file)) {
    if (!existsSync(`src/${room}`)) return '(not there yet)';
    return room.includes('/') ? `a part of \`${room.split('/')[0]}\` with a floor of its own` : '';
  }
  const text = readFileSync(file, 'utf8').replace(/^#.*\n/gm, '').trim().split('\n\n')[0].replace(/\s+/g, ' ');
  const sentence = /^(.*?[.:])(\s|$)/.exec(text)?.[1] ?? text;
  return sentence.replace(/[.:]$/, '').replace(/\|/g, '\\|');
}

const { floors } = readLayers();
const rows = [...floors].reverse().flatMap((rooms) =>
  rooms.map((room) => `| \`${room.name}\`${room.sealed ? ' (sealed)' : ''} | ${purpose(room.name)} |`));
const drawn = `${begin}\n| Room, top floor first | What it is for |\n|---|---|\n${rows.join('\n')}\n${end}`;

const text = readFileSync(page, 'utf8');
const [from, to] = [text.indexOf(begin), text.indexOf(end)];
if (from < 0 || to < from) {
  console.error(`${page}: the markers around the drawn rooms are missing`);
  process.exit(1);
}
const updated = text.slice(0, from) + drawn + text.slice(to + end.length);
if (updated === text) process.exit(0);
if (process.argv.includes('--check')) {
  console.error(`${page} does not show src/LAYERS and the rooms' README.md as they are; run tools/draw_layers.mjs`);
  process.exit(1);
}
writeFileSync(page, updated);
