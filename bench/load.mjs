// A client that sends when it is time, whether or not answers have come, and measures from when it was time.
import http from 'node:http';
import { quantile } from './report.mjs';

function ask(agent, url, headers) {
  return new Promise((done) => {
    const request = http.get(url, { agent, headers, timeout: 30_000 }, (response) => {
      response.resume();
      response.on('end', () => done(response.statusCode));
      response.on('error', () => done(0));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => done(0));
  });
}

// `rate` requests a second for so long → { times of each 200 in ms, statuses: { 200: n, … }, seconds }
export async function openLoop({ url, headers, rate, seconds, sockets = 256 }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: sockets });
  const times = [];
  const statuses = {};
  const under = new Set();
  const began = performance.now();
  const total = Math.round(rate * seconds);
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor((performance.now() - began) / 1000 * rate));
    for (; sent < due; sent += 1) {
      const planned = began + sent / rate * 1000;
      const one = ask(agent, url, headers).then((status) => {
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (status === 200) times.push(performance.now() - planned);
        under.delete(one);
      });
      under.add(one);
    }
    await new Promise((next) => { setTimeout(next, 1); });
  }
  await Promise.all(under);
  agent.destroy();
  return { times, statuses, seconds: (performance.now() - began) / 1000 };
}

// As many requests as `connections` can, one after the other on each, until stop() → count of each status
export function closedLoop({ url, headers, connections }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const statuses = {};
  let running = true;
  const clients = Array.from({ length: connections }, async () => {
    while (running) {
      const status = await ask(agent, url, headers);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  });
  return {
    statuses,
    async stop() {
      running = false;
      await Promise.all(clients);
      agent.destroy();
      return statuses;
    },
  };
}

export function summary({ times }) {
  if (times.length === 0) return { 'p50 ms': NaN, 'p99 ms': NaN, 'max ms': NaN };
  return { 'p50 ms': quantile(times, 0.5), 'p99 ms': quantile(times, 0.99), 'max ms': quantile(times, 1) };
}
