// A PostgreSQL server of one's own for a test, from Debian's package: temporary data, a free port, TLS, a password.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort } from './platform.mjs';

const versions = '/usr/lib/postgresql';
export const password = 'a secret of the test';

// PostgreSQL refuses to run as root.
function identity() {
  if (userInfo().uid !== 0) return {};
  const number = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: number('-u'), gid: number('-g') };
}

// → { port, certificate (a PEM file that vouches for localhost), stop() }
export async function startPostgres() {
  const version = readdirSync(versions).sort((left, right) => left - right).at(-1);
  const program = (name) => join(versions, version, 'bin', name);
  const folder = mkdtempSync(join(tmpdir(), 'atoll-postgres-'));
  const { uid, gid } = identity();
  const own = (file) => uid !== undefined && chownSync(file, uid, gid);
  const data = join(folder, 'data');
  const file = (name) => join(folder, name);
  writeFileSync(file('password'), password);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', file('key.pem'), '-out', file('cert.pem')],
  { stdio: 'ignore' });
  chmodSync(folder, 0o755);
  chmodSync(file('key.pem'), 0o600);
  [folder, file('password'), file('key.pem')].forEach(own);
  execFileSync(program('initdb'), ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${file('password')}`, '--no-sync'],
    { uid, gid, cwd: folder, stdio: 'ignore', env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } });
  const port = await freePort();
  const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: folder, fsync: 'off', ssl: 'on',
    ssl_cert_file: file('cert.pem'), ssl_key_file: file('key.pem') };
  const child = spawn(program('postgres'), ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { uid, gid, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (text) => { log += text; });
  const ended = new Promise((done) => { child.on('exit', done); });
  const stop = async () => {
    child.kill('SIGINT');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await eventually('PostgreSQL accepts', () => log.includes('ready to accept connections'));
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${log}`);
  }
  return { port, certificate: file('cert.pem'), stop };
}
