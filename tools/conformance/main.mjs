// The suites of ./do conformance; see README.md beside this file.
const suites = { workerd: './workerd.mjs', wpt: './wpt.mjs' };

const [name, ...rest] = process.argv.slice(2);
if (!Object.hasOwn(suites, name ?? '')) {
  console.error(`usage: ./do conformance ${Object.keys(suites).join('|')} [options]; see tools/conformance/README.md`);
  process.exit(2);
}
const { main } = await import(suites[name]);
process.exit(await main(rest));
