// Bytes to the ingress and what comes back, for what a proper client would never send.
import net from 'node:net';

// Sends `text` (latin1) and collects everything until the server closes or `quietMs` pass without a byte.
export function exchange(address, text, { quietMs = 400, timeoutMs = 30_000 } = {}) {
  const [host, port] = address.split(':');
  return new Promise((done, fail) => {
    const socket = net.connect({ host, port });
    let received = '';
    let quiet;
    const finish = (closed) => {
      clearTimeout(quiet);
      clearTimeout(late);
      socket.destroy();
      done({ text: received, closed, responses: responsesIn(received) });
    };
    const late = setTimeout(() => finish(false), timeoutMs);
    socket.on('connect', () => {
      socket.write(text, 'latin1');
      if (Number.isFinite(quietMs)) quiet = setTimeout(() => finish(false), quietMs * 4);
    });
    socket.on('data', (data) => {
      received += data.toString('latin1');
      clearTimeout(quiet);
      if (Number.isFinite(quietMs)) quiet = setTimeout(() => finish(false), quietMs);
    });
    socket.on('close', () => finish(true));
    socket.on('error', (error) => (error.code === 'ECONNRESET' || error.code === 'EPIPE' ? finish(true) : fail(error)));
  });
}

// Splits a byte stream into responses: { status, headers, body }. Length-framed and chunked bodies are understood.
function responsesIn(text) {
  const responses = [];
  let rest = text;
  while (rest.startsWith('HTTP/1.1 ')) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) break;
    const [first, ...lines] = rest.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    rest = rest.slice(end + 4);
    let body = '';
    if (headers['transfer-encoding'] === 'chunked') {
      for (;;) {
        const line = rest.indexOf('\r\n');
        const size = Number.parseInt(rest.slice(0, line), 16);
        if (!(size >= 0)) break;
        body += rest.slice(line + 2, line + 2 + size);
        rest = rest.slice(line + 4 + size);
        if (size === 0) break;
      }
    } else {
      const length = Number(headers['content-length'] ?? 0);
      body = rest.slice(0, length);
      rest = rest.slice(length);
    }
    responses.push({ status: Number(first.split(' ')[1]), headers, body });
  }
  return responses;
}
