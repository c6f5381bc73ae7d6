// Counts and differences of results, for every suite. Results are { platform: [{ area, file, error?, subtests }] }, where a
// subtest is { name, status, message } and status 0 means that it passed.

// Subtests with one name are told apart by their order.
function passesOf(files) {
  const passes = new Map();
  for (const { file, subtests = [] } of files) {
    const times = new Map();
    for (const { name, status, message } of subtests) {
      const time = (times.get(name) ?? 0) + 1;
      times.set(name, time);
      passes.set(`${file}: ${name}${time > 1 ? ` (${time})` : ''}`, { passed: status === 0, message });
    }
  }
  return passes;
}

const percent = (part, whole) => (whole ? `${(100 * part / whole).toFixed(1)} %` : '');

// Text of a table: per area what each platform passes, and how much of the reference's passes the first keeps.
export function table(results) {
  const names = Object.keys(results);
  const areas = [...new Set(names.flatMap((name) => results[name].map(({ area }) => area)))].sort();
  const rows = [['area', 'files', ...names.flatMap((name) => [name, 'of', '%', 'not loaded']), names.length > 1 ? 'kept' : '']];
  const rowFor = (title, chosen) => {
    const passes = names.map((name) => passesOf(chosen(results[name])));
    const reference = passes.length > 1 ? [...passes[1]].filter(([, { passed }]) => passed) : [];
    const kept = reference.filter(([key]) => passes[0].get(key)?.passed).length;
    rows.push([title, chosen(results[names[0]]).length, ...names.flatMap((name, i) => {
      const passed = [...passes[i].values()].filter((one) => one.passed).length;
      return [passed, passes[i].size, percent(passed, passes[i].size), chosen(results[name]).filter(({ error }) => error).length];
    }), names.length > 1 ? percent(kept, reference.length) : '']);
  };
  for (const area of areas) rowFor(area, (files) => files.filter((one) => one.area === area));
  if (areas.length > 1) rowFor('all', (files) => files);
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  return rows.map((row) => row.map((cell, i) => (i ? String(cell).padStart(widths[i]) : String(cell).padEnd(widths[i]))).join('  ')).join('\n');
}

// What fails on the first platform; unless `all`, only where the second passes. Lines of text.
export function failures(results, all) {
  const [own, reference] = Object.values(results).map(passesOf);
  const lines = Object.values(results)[0].filter(({ error }) => error).map(({ file, error }) => `${file}: NOT LOADED: ${error.split('\n')[0]}`);
  if (all || !reference) {
    for (const [key, { passed, message }] of own) {
      if (!passed) lines.push(`${reference?.get(key)?.passed ? '* ' : ''}${key}: ${message}`);
    }
    return lines;
  }
  for (const [key, { passed }] of reference) {
    if (passed && !own.get(key)?.passed) lines.push(`${key}: ${own.get(key)?.message ?? 'absent'}`);
  }
  return lines;
}
