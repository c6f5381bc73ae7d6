// ./do bench overload: what is left of a Worker's answers when five times as many requests come as can be served. Goodput: answered with 200
// within two seconds of when it was time to send.
// Options: --hosts 1 --work-ms 5 --seconds 10 --times 5 --rounds 3 --keep (writes bench/results/<date>-overload.md)
import { parseArgs } from 'node:util';
import { closedLoop, openLoop } from './load.mjs';
import { keepPage, median, quantile, show } from './report.mjs';
import { startTenants } from './servers.mjs';

const { values: options } = parseArgs({
  options: {
    hosts: { type: 'string', default: '1' },
    'work-ms': { type: 'string', default: '5' },
    seconds: { type: 'string', default: '10' },
    times: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    set: { type: 'string', multiple: true, default: [] },
    keep: { type: 'boolean', default: false },
  },
});
const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });
const MiB = 1024 * 1024;
const inTimeMs = 2000;
const server = await startTenants({ hosts: options.hosts, workers: [], settings: options.set });
await server.uploadAccountWorker('work', 'work.js');
const target = { url: server.url(`/?ms=${options['work-ms']}`), headers: server.headers };
const seconds = Number(options.seconds);

async function capacity() {
  const load = closedLoop({ ...target, connections: 8 });
  await sleep(1000);
  const before = load.statuses[200] ?? 0;
  await sleep(4000);
  const rate = ((load.statuses[200] ?? 0) - before) / 4;
  await load.stop();
  return rate;
}

const rounds = [];
for (let round = 0; round < Number(options.rounds); round += 1) {
  const full = await capacity();
  let most = server.residentBytes();
  const before = most;
  const watch = setInterval(() => { most = Math.max(most, server.residentBytes()); }, 250);
  const over = await openLoop({ ...target, rate: full * Number(options.times), seconds, sockets: 2000 });
  clearInterval(watch);
  const goodput = over.times.filter((ms) => ms <= inTimeMs).length / over.seconds;
  const again = await capacity();
  rounds.push({
    full, goodput, share: goodput / full, again, p50: quantile(over.times, 0.5), p99: quantile(over.times, 0.99),
    refused: (over.statuses[503] ?? 0) / over.seconds, lost: over.statuses[0] ?? 0, before, most,
  });
  console.log(`${round + 1}: alone ${full.toFixed(0)}/s, at ${options.times} times goodput ${goodput.toFixed(0)}/s (${(100 * goodput / full).toFixed(0)} %), statuses ${JSON.stringify(over.statuses)} in ${over.seconds.toFixed(1)} s, `
    + `p50 ${quantile(over.times, 0.5).toFixed(0)} ms, resident ${(before / MiB).toFixed(0)} → ${(most / MiB).toFixed(0)} MiB, afterwards ${again.toFixed(0)}/s`);
}
await server.stop();
server.cleanUp();

const middle = (what) => median(rounds.map((one) => one[what]));
keepPage('overload', options.keep, `Overload: ${options.times} times as many requests of ${options['work-ms']} ms as can be served`, [
  `${options.hosts} isolate host(s); client and server share all cores. Medians of ${options.rounds} rounds of ${seconds} s.`,
  '', '| | |', '|---|--:|',
  `| sustainable, requests/s | ${show(middle('full'))} |`,
  `| goodput (200 within ${inTimeMs} ms), requests/s | ${show(middle('goodput'))} |`,
  `| share of the maximum | ${(100 * middle('share')).toFixed(0)} % |`,
  `| refused with 503, a second | ${show(middle('refused'))} |`,
  `| connections lost, in all | ${show(middle('lost'))} |`,
  `| p50 and p99 of the 200s, ms | ${show(middle('p50'))} and ${show(middle('p99'))} |`,
  `| resident memory of all processes before, most, MiB | ${show(middle('before') / MiB)}, ${show(middle('most') / MiB)} |`,
  `| sustainable afterwards, requests/s | ${show(middle('again'))} |`, '',
]);
