// Connections of every kind: hoarded, flooded, opened to where nobody may go, and bodies that take for ever.
import net from 'node:net';

const bounded = ['ok', 'exception', 'cpu', 'memory', 'hung', 'wall'];
const socket = (name, code, expect = bounded, more = {}) => ({ name, code, expect, ...more });
const connecting = (name, code, expect = bounded) => ({
  name, expect, module: `import { connect } from 'cloudflare:sockets';\nexport default { async fetch(request, env, ctx) {\n${code}\nreturn new Response('x'); } };`,
});

// Sends a head and then `part` every `everyMs`, until an answer is there or `forMs` are over. What it yields is what request() would.
function trickle(head, part, { everyMs, forMs }) {
  return (platform, path) => new Promise((done) => {
    const [host, port] = platform.http.split(':');
    const connection = net.connect({ host, port });
    let answer = '';
    const finish = (result) => {
      clearInterval(sending);
      clearTimeout(late);
      connection.destroy();
      done(result);
    };
    const ended = () => {
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
      finish(status ? { status, body: answer.slice(answer.indexOf('\r\n\r\n') + 4) } : { error: 'closed' });
    };
    connection.on('connect', () => connection.write(`POST ${path} HTTP/1.1\r\nHost: dispatcher.${platform.domain}\r\nConnection: close\r\n${head}\r\n\r\n`));
    const sending = setInterval(() => connection.write(part), everyMs);
    const late = setTimeout(() => finish({ error: `no answer within ${forMs} ms` }), forMs);
    connection.on('data', (data) => { answer += data.toString('latin1'); });
    connection.on('end', ended).on('error', ended).on('close', ended);
  });
}
const slowly = { everyMs: 200, forMs: 18_000 };

export default [
  connecting('sockets hoarded', 'const kept = []; for (let i = 0; i < 5000; i++) kept.push(connect("127.0.0.1:" + env.API_PORT)); await Promise.allSettled(kept.map((one) => one.opened));'),
  connecting('sockets opened without end', 'while (true) connect("127.0.0.1:1");'),
  connecting('sockets opened and closed', 'for (let i = 0; ; i++) { const one = connect("127.0.0.1:" + (1 + i % 60000)); await one.close().catch(() => {}); }'),
  connecting('a socket to the API', 'const one = connect("127.0.0.1:" + env.API_PORT); await one.opened;', ['exception']),
  connecting('a socket to the metadata service', 'await connect("169.254.169.254:80").opened;', ['exception']),
  connecting('a socket to an odd spelling', 'for (const host of ["0x7f.1", "2130706433", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "[::1]", "0", "localhost", "LOCALHOST.", "[::127.0.0.1]", "[64:ff9b::7f00:1]"]) { try { await connect(host + ":" + env.API_PORT).opened; return new Response("in", { status: 700 }); } catch {} } throw new Error("all refused");', ['exception']),
  connecting('writing to a socket that is not there', 'const one = connect("127.0.0.1:1"); const w = one.writable.getWriter(); while (true) await w.write(new Uint8Array(65536));', ['exception']),
  connecting('startTls in a loop', 'while (true) { const one = connect({ hostname: "127.0.0.1", port: 1 }, { secureTransport: "starttls" }); try { one.startTls(); } catch {} }'),
  socket('fetches to odd spellings', 'for (const host of ["0x7f.1", "2130706433", "0177.0.0.1", "127.1", "[::ffff:7f00:1]", "[::1]", "0", "localhost", "localhost."]) { try { await fetch("http://" + host + ":" + env.API_PORT); return new Response("in", { status: 700 }); } catch {} } throw new Error("all refused");', ['exception']),
  socket('fetch that is redirected inwards', 'return await fetch("http://localtest.me:" + env.API_PORT + "/", { redirect: "follow" });', ['exception']),
  socket('outgoing WebSockets', 'for (let i = 0; i < 5000; i++) new WebSocket("ws://127.0.0.1:" + env.API_PORT + "/");'),
  socket('outgoing WebSockets without end', 'while (true) new WebSocket("ws://127.0.0.1:1/");'),
  socket('EventSources without end', 'while (true) new EventSource("http://127.0.0.1:1/");'),
  socket('WebSocketPairs', 'const kept = []; while (true) kept.push(new WebSocketPair());'),
  socket('WebSocketPairs, accepted', 'const kept = []; while (true) { const pair = new WebSocketPair(); pair[0].accept(); pair[1].accept(); kept.push(pair); }'),
  socket('WebSocket messages to itself', 'const [a, b] = Object.values(new WebSocketPair()); a.accept(); b.accept(); while (true) a.send("x".repeat(10000));'),
  socket('WebSocket ping-pong', 'const [a, b] = Object.values(new WebSocketPair()); a.accept(); b.accept(); for (const one of [a, b]) one.addEventListener("message", ({ data }) => one.send(data)); a.send("x"); await new Promise(() => {});'),
  socket('WebSocket ping-pong that grows', 'const [a, b] = Object.values(new WebSocketPair()); a.accept(); b.accept(); for (const one of [a, b]) one.addEventListener("message", ({ data }) => { one.send(data + data); one.send(data); }); a.send("x"); await new Promise(() => {});'),
  socket('a huge WebSocket message', 'const [a, b] = Object.values(new WebSocketPair()); a.accept(); b.accept(); a.send(new Uint8Array(2 ** 27)); await new Promise((r) => b.addEventListener("message", r));'),
  socket('WebSocket handlers without end', 'const [a] = Object.values(new WebSocketPair()); a.accept(); while (true) a.addEventListener("message", () => {});'),
  socket('WebSocket close in its own handler', 'const [a, b] = Object.values(new WebSocketPair()); a.accept(); b.accept(); const f = () => { try { a.close(); b.close(); a.dispatchEvent(new Event("close")); } catch {} }; a.addEventListener("close", f); b.addEventListener("close", f); f();'),
  socket('MessageChannels without end', 'const kept = []; while (true) kept.push(new MessageChannel());', [...bounded, 'host', 'held']),
  socket('MessagePort ping-pong', 'const { port1, port2 } = new MessageChannel(); port1.onmessage = () => port1.postMessage(1); port2.onmessage = () => port2.postMessage(1); port1.postMessage(1); await new Promise(() => {});'),
  socket('MessagePort flood', 'const { port1 } = new MessageChannel(); while (true) port1.postMessage(new Uint8Array(10000));'),
  socket('an upload for ever, read', 'return new Response(await request.text());', ['ok', 'wall', 'exception', 'broken'], { client: trickle('Content-Length: 1000000', 'x', slowly) }),
  socket('an upload for ever, not read', 'return new Response("done");', ['ok', 'broken'], { client: trickle('Content-Length: 1000000', 'x', slowly) }),
  socket('an upload for ever, in chunks', 'for await (const part of request.body) { part; } return new Response("done");', ['ok', 'wall', 'exception', 'broken'], { client: trickle('Transfer-Encoding: chunked', '1\r\nx\r\n', slowly) }),
  socket('an upload for ever, kept', 'const all = []; for await (const part of request.body) all.push(part, new Uint8Array(2 ** 22).fill(1)); return new Response("done");', [...bounded, 'broken'], { client: trickle('Transfer-Encoding: chunked', '1\r\nx\r\n', slowly) }),
  socket('an upload for ever, as form data', 'return new Response([...(await request.formData()).keys()].length);', ['ok', 'wall', 'exception', 'broken'],
    { client: trickle('Content-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked', '6\r\n--b\r\nX\r\n', slowly) }),
  socket('a fast upload without end', 'const all = []; for await (const part of request.body) all.push(part); return new Response("done");', [...bounded, 'broken'],
    { client: trickle('Transfer-Encoding: chunked', `40000\r\n${'x'.repeat(0x40000)}\r\n`, { everyMs: 5, forMs: 18_000 }) }),
];
