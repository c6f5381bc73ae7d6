// The origin behind the proxy scenario, a process of its own on the client's core: answers whatever arrives with 1 MiB, from one
// prepared piece of memory. Prints its port.
import net from 'node:net';

const size = 1 << 20;
const response = Buffer.concat([
  Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: ${size}\r\n\r\n`),
  Buffer.alloc(size, 'x'),
]);
const server = net.createServer({ noDelay: true }, (socket) => {
  let tail = '';
  socket.on('error', () => {});
  socket.on('data', (data) => {
    const seen = tail + data.latin1Slice();
    const requests = seen.split('\r\n\r\n').length - 1;
    tail = requests ? seen.slice(seen.lastIndexOf('\r\n\r\n') + 4) : seen;
    for (let i = 0; i < requests; i += 1) socket.write(response);
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
