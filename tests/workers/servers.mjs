// Servers on loopback for tests of what reaches out. A test file asks with "servers": true in its config and finds their ports in
// env.SERVERS:
//   echo      sends back what it gets, and ends when the other side does
//   greeting  says "hello" and ends
//   listener  says nothing, and answers the other side's end with how many bytes it got
//   reset     breaks the connection off after the first byte
//   tls       echo under TLS; its certificate, for localhost, is the one that the platforms trust
//   untrusted the same with another certificate
//   starttls  echo, until it gets "STARTTLS": then it answers "GO" and goes on under TLS
//   closed    nobody listens there
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';

const folder = mkdtempSync(join(tmpdir(), 'worker-test-tls-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

function makeIdentity(name) {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

export const trusted = makeIdentity('trusted');
export const trustedFile = join(folder, 'trusted.pem');

const quiet = (serve) => (socket) => {
  socket.on('error', () => {});
  serve(socket);
};
const echo = quiet((socket) => socket.pipe(socket));
const servers = {
  echo: () => net.createServer({ allowHalfOpen: true }, echo),
  greeting: () => net.createServer(quiet((socket) => socket.end('hello'))),
  listener: () => net.createServer({ allowHalfOpen: true }, quiet((socket) => {
    let count = 0;
    socket.on('data', (bytes) => { count += bytes.length; }).on('end', () => socket.end(String(count)));
  })),
  reset: () => net.createServer(quiet((socket) => socket.once('data', () => socket.resetAndDestroy()))),
  tls: () => tls.createServer(trusted, echo),
  untrusted: () => tls.createServer(makeIdentity('untrusted'), echo),
  starttls: () => net.createServer(quiet((socket) => {
    socket.on('data', function plain(bytes) {
      if (bytes.toString() !== 'STARTTLS') return void socket.write(bytes);
      socket.off('data', plain);
      socket.write('GO', () => echo(new tls.TLSSocket(socket, { ...trusted, isServer: true })));
    });
  })),
};

const listen = (server) => new Promise((done, reject) => {
  server.on('error', reject).listen(0, '127.0.0.1', () => done(server.unref().address().port));
});

let started;

// → the ports by name; once for the process.
export function startServers() {
  started ??= (async () => {
    const ports = {};
    for (const [name, make] of Object.entries(servers)) ports[name] = await listen(make());
    const closed = net.createServer();
    ports.closed = await listen(closed);
    await new Promise((done) => { closed.close(done); });
    return ports;
  })();
  return started;
}
