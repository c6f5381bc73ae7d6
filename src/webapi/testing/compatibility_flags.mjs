// Compatibility flags for the mini platform, from the table that C++ compiles.
import { readFileSync } from 'node:fs';

const table = readFileSync(new URL('../../compatibility/flag_table.h', import.meta.url), 'utf8');

const kFlags = Array.from(table.matchAll(/ Flag\{((?:[^{}]|\{[^{}]*\})*)\}/g), ([, fields]) => {
  const [, own, implied] = /^([^{]*)(?:\{([^}]*)\})?/.exec(fields);
  const strings = (text) => Array.from((text ?? '').matchAll(/"([^"]*)"/g), (match) => match[1]);
  const [name, opposite, since] = strings(own);
  const [impliedSince] = strings(fields.slice(fields.indexOf('}') + 1));
  return { name, opposite, since, impliedBy: strings(implied), impliedSince };
});

// Maps the name of every flag to whether it is on; `named` has the flags of the Worker as keys.
export function compatibilityFlags(date, named) {
  const on = new Map(kFlags.map(({ name, opposite, since }) =>
    [name, named[name] === true || (Boolean(since) && date >= since && named[opposite] !== true)]));
  for (let changed = true; changed;) {
    changed = false;
    for (const { name, opposite, impliedBy, impliedSince } of kFlags) {
      if (on.get(name) || !impliedSince || date < impliedSince || named[opposite]) continue;
      if (!impliedBy.some((other) => on.get(other))) continue;
      on.set(name, true);
      changed = true;
    }
  }
  return on;
}
