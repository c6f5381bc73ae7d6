// Starting, stopping and refusing to start.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { account, atollBinary, sleep, startPlatform, token } from './platform.mjs';

function atoll(...args) {
  return new Promise((done) => {
    execFile(atollBinary, args, { timeout: 15_000 }, (error, stdout, stderr) => {
      done({ code: error ? error.code ?? error.signal : 0, stdout, stderr });
    });
  });
}

// A refusal: exit code 2 and one line that names what is wrong.
async function refuses(args, pattern) {
  const { code, stderr } = await atoll('serve', ...args);
  assert.equal(code, 2, `exit code ${code}: ${stderr}`);
  assert.match(stderr, pattern);
  assert.equal(stderr.trim().split('\n').length, 1, stderr);
}

const withFolder = async (job) => {
  const folder = mkdtempSync(join(tmpdir(), 'atoll-test-'));
  try {
    await job(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

test('atoll --help and atoll version', async () => {
  const help = await atoll('--help');
  assert.equal(help.code, 0);
  assert.match(help.stdout, /serve/);
  const version = await atoll('version');
  assert.equal(version.code, 0);
  assert.match(version.stdout, /\d+\.\d+/);
});

test('the ready line names addresses, account and process', async () => {
  const platform = await startPlatform();
  try {
    assert.equal(platform.ready.ready, true);
    assert.match(platform.ready.http, /^127\.0\.0\.1:\d+$/);
    assert.match(platform.ready.api, /^127\.0\.0\.1:\d+$/);
    assert.equal(platform.ready.account_id, account);
    assert.equal(platform.ready.pid, platform.child.pid);
  } finally {
    await platform.stop();
  }
});

test('an unknown option, an unknown setting and a wrong value are refused with exit code 2', () => withFolder(async (folder) => {
  const data = ['--data', join(folder, 'data'), '--http', '127.0.0.1:0', '--api', '127.0.0.1:0'];
  await refuses([...data, '--colour', 'blue'], /colour/);
  await refuses([...data, '--hosts', 'many'], /hosts/);
  await refuses(['--data', join(folder, 'data'), '--http', 'nowhere'], /http|nowhere/);
  const file = join(folder, 'atoll.toml');
  writeFileSync(file, 'colour = "blue"\n');
  await refuses([...data, '--config', file], /colour/);
  writeFileSync(file, 'hosts = "many"\n');
  await refuses([...data, '--config', file], /hosts/);
  writeFileSync(file, 'hosts = \n');
  await refuses([...data, '--config', file], /atoll\.toml/);
}));

test('a port in use and an unwritable folder are refused with exit code 2', () => withFolder(async (folder) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => { taken.on('listening', done); });
  const { port } = taken.address();
  const data = ['--data', join(folder, 'data')];
  await refuses([...data, '--http', `127.0.0.1:${port}`, '--api', '127.0.0.1:0'], new RegExp(String(port)));
  await refuses([...data, '--http', '127.0.0.1:0', '--api', `127.0.0.1:${port}`], new RegExp(String(port)));
  taken.close();
  const file = join(folder, 'file');
  writeFileSync(file, '');
  await refuses(['--data', join(file, 'data'), '--http', '127.0.0.1:0', '--api', '127.0.0.1:0'], /data/);
}));

test('a data folder given by a relative path is made where the process runs', () => withFolder(async (folder) => {
  const child = spawn(atollBinary, ['serve', '--data', 'fresh-data', '--http', '127.0.0.1:0', '--api', '127.0.0.1:0'], {
    cwd: folder, stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    const ended = new Promise((done, fail) => { child.on('exit', (code) => fail(new Error(`ended with ${code}`))); });
    const ready = new Promise((done) => { child.stdout.on('data', done); });
    assert.match(String(await Promise.race([ready, ended])), /"ready":true/);
    assert.equal(statSync(join(folder, 'fresh-data', 'api-token')).mode & 0o777, 0o600);
  } finally {
    child.removeAllListeners('exit');
    const gone = new Promise((done) => { child.on('exit', done); });
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await gone;
    }
  }
}));

test('two supervisors do not share a data folder', async () => {
  const platform = await startPlatform();
  try {
    await refuses(['--data', platform.data, '--http', '127.0.0.1:0', '--api', '127.0.0.1:0'], /another Atoll is using it/);
  } finally {
    await platform.stop();
  }
});

test('a configuration file holds the same settings', () => withFolder(async (folder) => {
  const file = join(folder, 'atoll.toml');
  writeFileSync(file, 'domain = "workers.test"\nhosts = 2\n');
  const platform = await startPlatform({ args: ['--config', file], domain: 'workers.test', hosts: 2 });
  try {
    await platform.uploadWorker('hello', 'export default { fetch: () => new Response("hi") }');
    assert.equal((await platform.request({ host: 'hello.workers.test' })).body, 'hi');
    assert.equal(platform.hosts().length, 2);
  } finally {
    await platform.stop();
  }
}));

test('SIGTERM drains: running requests finish, new connections are refused, the process ends within 10 s', async () => {
  const platform = await startPlatform();
  try {
    await platform.uploadWorker('slow', `export default {
      async fetch() { await scheduler.wait(800); return new Response('finished'); },
    };`);
    const running = Array.from({ length: 5 }, () => platform.request({ worker: 'slow', agent: false }));
    await sleep(300);
    const asked = performance.now();
    const ended = platform.kill('SIGTERM');
    for (const { status, body } of await Promise.all(running)) assert.deepEqual([status, body], [200, 'finished']);
    const { code, signal } = await ended;
    assert.deepEqual([code, signal], [0, null]);
    assert.ok(performance.now() - asked < 10_000);
    await assert.rejects(platform.request({ worker: 'slow', agent: false }));
    assert.deepEqual(platform.hosts(), []);
  } finally {
    await platform.stop();
  }
});

test('SIGTERM ends the process within 10 s even when a request never ends', async () => {
  const platform = await startPlatform();
  try {
    await platform.uploadWorker('endless', `export default {
      fetch() { return new Response(new ReadableStream({ async pull(c) { await scheduler.wait(50); c.enqueue(new Uint8Array(1)); } })); },
    };`);
    platform.request({ worker: 'endless', agent: false }).catch(() => {});
    await sleep(300);
    const asked = performance.now();
    await platform.kill('SIGTERM');
    assert.ok(performance.now() - asked < 10_500, `${performance.now() - asked} ms`);
  } finally {
    await platform.stop();
  }
});

test('everything is there again after a stop and a start', async () => {
  const platform = await startPlatform();
  try {
    await platform.uploadWorker('kept', 'export default { fetch: () => new Response("kept") }');
    await platform.kill('SIGTERM');
    await platform.start();
    assert.equal((await platform.request({ worker: 'kept', agent: false })).body, 'kept');
    assert.equal((await platform.api('GET', '/user/tokens/verify', undefined, { authorization: `Bearer ${token}` })).status, 200);
  } finally {
    await platform.stop();
  }
});
