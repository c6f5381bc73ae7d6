// An origin that answers /case-N with the Nth odd response, on whatever connection, and everything else with its path.
import net from 'node:net';
import { responses } from './responses.mjs';

export async function startOddOrigin() {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    let held = '';
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.on('data', (data) => {
      held += data.toString('latin1');
      for (;;) {
        const end = held.indexOf('\r\n\r\n');
        if (end < 0) return;
        const path = held.split(' ', 2)[1];
        held = held.slice(end + 4);
        const odd = responses[/^\/case-(\d+)/.exec(path)?.[1]];
        if (!odd) {
          socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`);
          continue;
        }
        socket.write(odd.text, 'latin1');
        if (odd.close) socket.end();
      }
    });
  });
  await new Promise((listening) => { server.listen(0, '127.0.0.1', listening); });
  return {
    address: `127.0.0.1:${server.address().port}`,
    stop: () => new Promise((done) => { for (const socket of sockets) socket.destroy(); server.close(done); }),
  };
}
