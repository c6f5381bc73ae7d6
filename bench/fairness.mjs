// ./do bench fairness: what a tenant feels of another that uses its whole CPU limit again and again. Quiet rounds and rounds beside the
// burner alternate on one platform; the victim runs at half of what it can do alone. Everything shares the machine, the client too.
// Options: --hosts 2 --burners 4 --cpu-ms 50 --rounds 5 --seconds 6 --work-ms 0.5 --keep (writes bench/results/<date>-fairness.md)
import { parseArgs } from 'node:util';
import { closedLoop, openLoop, summary } from './load.mjs';
import { keepPage, median, show } from './report.mjs';
import { startTenants } from './servers.mjs';

const { values: options } = parseArgs({
  options: {
    hosts: { type: 'string', default: '2' },
    burners: { type: 'string', default: '4' },
    'cpu-ms': { type: 'string', default: '50' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '6' },
    'work-ms': { type: 'string', default: '0.5' },
    rate: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
    keep: { type: 'boolean', default: false },
  },
});
const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });
const seconds = Number(options.seconds);
const server = await startTenants({ hosts: options.hosts, workers: ['work', 'burner'], settings: options.set });
const victim = { url: server.url(`/work?ms=${options['work-ms']}`), headers: server.headers };
const burner = { url: server.url('/burner'), headers: { ...server.headers, 'x-cpu-ms': options['cpu-ms'] } };

// What the victim can do alone: as many as come back with 16 always under way.
async function capacity() {
  const load = closedLoop({ ...victim, connections: 16 });
  await sleep(2000);
  const before = load.statuses[200] ?? 0;
  await sleep(3000);
  const rate = ((load.statuses[200] ?? 0) - before) / 3;
  await load.stop();
  return rate;
}

async function besideBurner() {
  const load = closedLoop({ ...burner, connections: Number(options.burners) });
  const first = await openLoop({ ...victim, rate, seconds: 2 });
  const measured = await openLoop({ ...victim, rate, seconds });
  const burnt = Object.values(await load.stop()).reduce((sum, count) => sum + count, 0);
  return { first, measured, burnt };
}

const failed = ({ statuses }) => Object.entries(statuses).reduce((sum, [status, count]) => sum + (status === '200' ? 0 : count), 0);

const full = options.rate ? 2 * Number(options.rate) : await capacity();
const rate = full / 2;
console.log(`the victim alone: ${full.toFixed(0)} requests/s; measured at ${rate.toFixed(0)}`);
const rows = { quiet: [], first: [], beside: [] };
let errors = 0;
for (let round = 0; round < Number(options.rounds); round += 1) {
  const quiet = await openLoop({ ...victim, rate, seconds });
  const { first, measured, burnt } = await besideBurner();
  rows.quiet.push(summary(quiet));
  rows.first.push(summary(first));
  rows.beside.push(summary(measured));
  errors += failed(first) + failed(measured);
  const text = (one) => Object.entries(summary(one)).map(([what, value]) => `${what} ${value.toFixed(2)}`).join(', ');
  console.log(`${round + 1}: quiet ${text(quiet)} | first 2 s ${text(first)} | beside ${text(measured)} | burner's requests ${burnt}`);
  await sleep(500);
}
await server.stop();
server.cleanUp();

const middle = (name, what) => median(rows[name].map((one) => one[what]));
const table = ['p50 ms', 'p99 ms', 'max ms'].map((what) => `| ${what} | ${show(middle('quiet', what))} | ${show(middle('first', what))} | ${show(middle('beside', what))} | ${(middle('beside', what) - middle('quiet', what)).toFixed(2)} |`);
keepPage('fairness', options.keep, `Fairness: a victim of ${options['work-ms']} ms a request at half load (${rate.toFixed(0)} requests/s), beside a tenant that uses its limit of ${options['cpu-ms']} ms CPU time in a loop on ${options.burners} connections`, [
  `${options.hosts} isolate hosts; client and server share all cores. Medians of ${options.rounds} rounds of ${seconds} s. "First" are the 2 s from the burner's first request on. Failed requests of the victim: ${errors}.`,
  '', '| | quiet | first | beside | rise |', '|---|--:|--:|--:|--:|', ...table, '',
]);
