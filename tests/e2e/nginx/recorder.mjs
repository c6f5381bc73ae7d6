// The plainest of servers, to stand behind nginx: it believes every byte, which nginx has put in order, and answers each request with
// what it was.
import net from 'node:net';

export const echoHeader = 'x-echo';

// What a request was, as text for comparing: the same from the Worker below and from the recorder.
const source = `(method, target, body) => encodeURIComponent(JSON.stringify([method, target, body].map(
  (text) => text.length > 200 ? text.slice(0, 100) + ' and ' + (text.length - 100) + ' more' : text)))`;
const echo = new Function(`return ${source}`)();
export const echoWorker = `const echo = ${source};
export default { async fetch(request) {
  const url = new URL(request.url);
  const body = new TextDecoder('latin1').decode(await request.arrayBuffer());
  return new Response(null, { headers: { '${echoHeader}': echo(request.method, url.pathname + url.search, body) } });
} };`;

// A target as a Worker sees it in its URL.
function asInUrl(target) {
  const plain = target.replace(/[\x80-\xff]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  try {
    const url = new URL(plain.startsWith('/') ? `http://x${plain}` : plain);
    return url.pathname + url.search;
  } catch {
    return plain;
  }
}

export async function startRecorder() {
  const server = net.createServer((socket) => {
    let held = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      held = Buffer.concat([held, data]);
      for (;;) {
        const end = held.indexOf('\r\n\r\n');
        if (end < 0) return;
        const [first, ...lines] = held.subarray(0, end).toString('latin1').split('\r\n');
        const length = Number(lines.map((line) => /^content-length: (\d+)$/i.exec(line)?.[1]).find(Boolean) ?? 0);
        if (held.length < end + 4 + length) return;
        const [method, target] = first.split(' ');
        const body = held.subarray(end + 4, end + 4 + length).toString('latin1');
        held = held.subarray(end + 4 + length);
        socket.write(`HTTP/1.1 200 OK\r\n${echoHeader}: ${echo(method, asInUrl(target), body)}\r\nContent-Length: 0\r\n\r\n`);
      }
    });
  });
  await new Promise((listening) => { server.listen(0, '127.0.0.1', listening); });
  return { address: `127.0.0.1:${server.address().port}`, stop: () => new Promise((done) => { server.close(done); server.closeAllConnections?.(); }) };
}
