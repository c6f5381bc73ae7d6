// An nginx of one's own for a test, from Debian's package: a temporary folder, free ports, one process that serves.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort } from '../platform.mjs';

const answers = (port) => new Promise((done) => {
  const socket = net.connect({ host: '127.0.0.1', port });
  socket.on('connect', () => { socket.destroy(); done(true); });
  socket.on('error', () => done(false));
});

// upstreams: { name: 'address:port' } → { addresses: { name: 'address:port' }, stop() }: for each upstream an address where
// nginx stands before it, with its own limits set as ours are.
export async function startNginx(upstreams) {
  const folder = mkdtempSync(join(tmpdir(), 'atoll-nginx-'));
  const ports = {};
  for (const name of Object.keys(upstreams)) ports[name] = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ');
  writeFileSync(join(folder, 'nginx.conf'), `
${process.getuid() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log ${folder}/log;
events {}
http {
  access_log off;
  ${temporary}
  large_client_header_buffers 16 128k;
  client_max_body_size 100m;
  ${Object.entries(upstreams).map(([name, address]) => `
  upstream ${name} { server ${address}; keepalive 8; }
  server {
    listen 127.0.0.1:${ports[name]};
    location / {
      proxy_pass http://${name};
      proxy_http_version 1.1;
      proxy_next_upstream off;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
    }
  }`).join('')}
}`);
  const child = spawn('/usr/sbin/nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'log')], { stdio: 'ignore' });
  const ended = new Promise((done) => { child.on('exit', done); child.on('error', done); });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const port of Object.values(ports)) await eventually('nginx answers', () => answers(port), 20_000);
  } catch (error) {
    console.error(readFileSync(join(folder, 'log'), 'utf8'));
    await stop();
    throw error;
  }
  return { addresses: Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, `127.0.0.1:${port}`])), stop };
}
