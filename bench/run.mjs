// ./do bench: Atoll beside the reference runtime on this machine, in alternated rounds. The server's processes
// are pinned to core 0, the client to core 1. Prints a table of medians and ratios and keeps it in bench/results/.
// Options: --rounds 5 --seconds 5 --workers 1000 --cold 300 --only hello,dispatch,json,proxy,sha256,ssr,coldSsr,cold,memory,start --on atoll,workerd
// --log-level info (Atoll's default, a line per invocation; the reference runtime writes none)
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { get, startAtoll, startWorkerd } from './servers.mjs';
import { median, quantile, report } from './report.mjs';

const clientCore = '1';
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    workers: { type: 'string', default: '1000' },
    cold: { type: 'string', default: '300' },
    only: { type: 'string', default: 'hello,dispatch,json,proxy,sha256,ssr,coldSsr,cold,memory,start' },
    on: { type: 'string', default: 'atoll,workerd' },
    'log-level': { type: 'string', default: 'info' },
  },
});
const platforms = {
  atoll: (setup, names, texts) => startAtoll(setup, names, texts, options['log-level']),
  workerd: startWorkerd,
};
const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });

if (availableParallelism() < 2 && !process.env.ATOLL_BENCH_PINNED) {
  console.error('the benchmark needs two cores, one for the server and one for the client');
  process.exit(2);
}
if (!process.env.ATOLL_BENCH_PINNED) {
  const env = { ...process.env, ATOLL_BENCH_PINNED: '1' };
  try {
    execFileSync('taskset', ['-c', clientCore, process.execPath, ...process.argv.slice(1)], { stdio: 'inherit', env });
    process.exit(0);
  } catch (error) {
    process.exit(error.status ?? 1);
  }
}

function wrk(server, path, seconds, connections = 64, script = []) {
  const headers = Object.entries(server.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const text = execFileSync('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', ...headers, ...script, server.url(path)], { encoding: 'utf8' });
  const wrong = /Non-2xx.*|Socket errors.*/.exec(text);
  if (wrong) throw new Error(`wrk saw: ${wrong[0]}\n${server.lastWords()}`);
  const ms = (percent) => {
    const [, value, unit] = new RegExp(`${percent}%\\s+([\\d.]+)(us|ms|s)`).exec(text);
    return Number(value) * { us: 0.001, ms: 1, s: 1000 }[unit];
  };
  return { 'requests/s': Number(/Requests\/sec:\s+([\d.]+)/.exec(text)[1]), 'p50 ms': ms(50), 'p99 ms': ms(99) };
}

function throughput(setup) {
  return async (start) => {
    const server = await start(setup);
    try {
      const { body, headers } = await get(server.url('/first'), server.headers);
      if (body !== 'Hello, world!' || headers['content-type'] !== 'text/plain') {
        throw new Error(`an unexpected answer: ${headers['content-type']} ${body}`);
      }
      wrk(server, '/first', 2);
      return wrk(server, '/first', Number(options.seconds));
    } finally {
      await server.stop();
      server.cleanUp();
    }
  };
}

// The same where the client or the origin may be the slower side: what counts is the server's processor time for a request.
function cpuPerRequest(setup, { prepare, connections }) {
  return async (start) => {
    const { script = [], texts, done } = (await prepare?.()) ?? {};
    const server = await start(setup, [], texts);
    try {
      wrk(server, '/first', 2, connections, script);
      const before = server.cpuMs();
      const seconds = Number(options.seconds);
      const measured = wrk(server, '/first', seconds, connections, script);
      const cpu = server.cpuMs() - before;
      return { 'CPU ms/request': cpu / (measured['requests/s'] * seconds), ...measured };
    } finally {
      await server.stop();
      server.cleanUp();
      done?.();
    }
  };
}

// A POST of about 64 KB of JSON, for wrk.
function jsonPost() {
  const items = Array.from({ length: 640 }, (_, index) => ({
    id: index, name: `an article with the number ${index}`, price: index * 1.25, amount: index % 7, tags: ['one', 'two'],
  }));
  const folder = mkdtempSync(join(tmpdir(), 'bench-post-'));
  const file = join(folder, 'post.lua');
  writeFileSync(file, `wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = [[${JSON.stringify({ items })}]]\n`);
  return { script: ['-s', file], done: () => rmSync(folder, { recursive: true, force: true }) };
}

async function origin() {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'origin.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise((ready) => { child.stdout.once('data', (data) => ready(Number(data))); });
  return { texts: { ORIGIN: `http://127.0.0.1:${port}/` }, done: () => child.kill() };
}

const pauseMs = 25;

// Asks each Worker once, one after the other on one connection → milliseconds each.
async function askEach(server, names, expected, pause = 0) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const times = [];
  for (const name of names) {
    if (pause) await sleep(pause);
    const started = performance.now();
    const { status, body } = await get(server.url(`/${name}`), server.headers, agent);
    times.push(performance.now() - started);
    if (status !== 200 || (expected && body !== expected)) throw new Error(`${name}: ${status} ${body}, wanted ${expected}`);
  }
  agent.destroy();
  return times;
}

// How long a visitor waits for a Worker that is not running: when such visitors come one by one, and when the next is there the
// moment the last was answered, so that what the server prepares between requests is waited for, too.
async function cold(start) {
  const names = Array.from({ length: 2 * Number(options.cold) }, (_, index) => `worker-${index}`);
  const server = await start('many', names);
  try {
    await askEach(server, Array(200).fill('first'));
    const alone = await askEach(server, names.slice(names.length / 2), 'call 1', pauseMs);
    const inARow = await askEach(server, names.slice(0, names.length / 2), 'call 1');
    const warm = await askEach(server, Array(300).fill('first'));
    return {
      'p50 ms': quantile(alone, 0.5), 'p99 ms': quantile(alone, 0.99),
      'in a row p50 ms': quantile(inARow, 0.5), 'in a row p99 ms': quantile(inARow, 0.99),
      'warm p50 ms': quantile(warm, 0.5),
    };
  } finally {
    await server.stop();
    server.cleanUp();
  }
}

// The same for a Worker with a framework in it.
async function coldSsr(start) {
  const names = Array.from({ length: 60 }, (_, index) => `page-${index}`);
  const server = await start('manySsr', names);
  try {
    await askEach(server, Array(50).fill('first'));
    const times = await askEach(server, names, undefined, pauseMs);
    return { 'p50 ms': quantile(times, 0.5), 'p99 ms': quantile(times, 0.99) };
  } finally {
    await server.stop();
    server.cleanUp();
  }
}

async function memory(start) {
  const count = Number(options.workers);
  const names = Array.from({ length: count }, (_, index) => `worker-${index}`);
  const server = await start('many', names);
  try {
    await sleep(1000);
    const before = server.residentBytes();
    await askEach(server, names, 'call 1');
    await sleep(1000);
    const after = server.residentBytes();
    await askEach(server, names, 'call 2');
    const MiB = 1024 * 1024;
    return { 'MiB each': (after - before) / MiB / count, 'MiB empty': before / MiB, 'MiB in all': after / MiB };
  } finally {
    await server.stop();
    server.cleanUp();
  }
}

async function startUp(start) {
  const server = await start('hello');
  await server.stop();
  server.cleanUp();
  return { ms: server.firstAnswerMs };
}

const scenarios = {
  hello: { title: 'Hello world', run: throughput('hello'), rounds: Number(options.rounds), goals: { 'requests/s': '≥ 4' } },
  dispatch: { title: 'Dispatcher → user Worker', run: throughput('dispatch'), rounds: Number(options.rounds), goals: { 'requests/s': '≥ 7' } },
  json: { title: 'A 64 KB JSON POST parsed and answered', run: cpuPerRequest('json', { prepare: jsonPost, connections: 64 }), rounds: Number(options.rounds), goals: { 'CPU ms/request': '< 1' } },
  proxy: { title: 'A 1 MiB response of an origin streamed through', run: cpuPerRequest('proxy', { prepare: origin, connections: 16 }), rounds: Number(options.rounds), goals: { 'CPU ms/request': '< 1' } },
  sha256: { title: 'SHA-256 of 1 MiB', run: cpuPerRequest('sha256', { connections: 16 }), rounds: Number(options.rounds), goals: { 'CPU ms/request': '< 1' } },
  ssr: { title: 'A page rendered with React, warm', run: cpuPerRequest('ssr', { connections: 16 }), rounds: Number(options.rounds), goals: { 'CPU ms/request': '< 1' } },
  coldSsr: { title: `The first page of 60 new Workers with React, ${pauseMs} ms apart`, run: coldSsr, rounds: Number(options.rounds), goals: { 'p50 ms': '< 1', 'p99 ms': '< 1' } },
  cold: { title: `Cold start of ${options.cold} new small Workers over HTTP, ${pauseMs} ms apart, and of as many in a row`, run: cold, rounds: Number(options.rounds), goals: { 'p50 ms': '≤ 0.33', 'p99 ms': '≤ 0.33', 'in a row p50 ms': '≤ 0.33', 'in a row p99 ms': '≤ 0.33' } },
  memory: { title: `${options.workers} loaded small Workers`, run: memory, rounds: Number(options.rounds), goals: { 'MiB each': '≤ 0.75' } },
  start: { title: 'Start of the server to its first answer', run: startUp, rounds: 4 * Number(options.rounds), goals: { ms: '≤ 0.5' } },
};

const chosen = options.only.split(',');
const names = options.on.split(',');
for (const name of chosen) if (!scenarios[name]) throw new Error(`no such scenario: ${name}`);
const results = [];
for (const key of chosen) {
  const { title, run, rounds, goals } = scenarios[key];
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    // Whoever goes first alternates too.
    for (const name of round % 2 ? [...names].reverse() : names) {
      const sample = await run(platforms[name]);
      samples[name].push(sample);
      const numbers = Object.entries(sample).map(([what, value]) => `${what} ${value.toFixed(2)}`);
      console.log(`${key} ${round + 1}/${rounds} ${name}: ${numbers.join(', ')}`);
    }
  }
  const medians = Object.fromEntries(names.map((name) => [name, Object.fromEntries(
    Object.keys(samples[name][0]).map((what) => [what, median(samples[name].map((one) => one[what]))]),
  )]));
  results.push({ title, goals, medians, rounds });
}
report(results, options);
