// Differences from nginx and their reasons. tables: { verdict: [{ reason, cases: [pattern of names] }] }; the verdict 'same' needs no reason.
export function reasonsFrom(tables) {
  const used = new Set();
  const counts = { same: 0 };
  for (const verdict of Object.keys(tables)) counts[verdict] = 0;
  const patterns = (table = []) => table.flatMap(({ cases }) => cases);
  return {
    counts,
    // Whether that verdict is all right for the case of that name.
    accept(name, verdict) {
      if (verdict !== 'same') {
        const found = patterns(tables[verdict]).filter((pattern) => pattern.test(name));
        if (!found.length) return false;
        for (const pattern of found) used.add(pattern);
      }
      counts[verdict] += 1;
      return true;
    },
    // What is listed for nothing.
    unused: () => Object.values(tables).flatMap(patterns).filter((pattern) => !used.has(pattern)),
  };
}
