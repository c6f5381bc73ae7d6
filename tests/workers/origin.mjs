// What worker tests reach with fetch(): an HTTP server on loopback whose paths say how to answer.
//
//   /echo               what arrived, as JSON: method, url, headers in their order, body
//   /status/418?…       that status; each query parameter becomes a header
//   /to/302?location    a redirect
//   /bytes/1000000      so many bytes, with Content-Length; ?chunked without
//   /coded/gzip         "coded text" in that coding
//   /slow/50?body       the head at once, the body after so many milliseconds
//   /late/50            the head after so many milliseconds
//   /never              no answer at all
//   /broken             half of a body, then the connection ends
//   /raw?text           these bytes, percent-decoded, for the whole connection
//   /pipe               sends the body back as it comes
//   /connection         the number of the connection that the request came on
//   /early              an answer before the body has arrived
//   /aborted/name       how many requests for /never?name were broken off
import { createServer } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

const codings = { gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync, identity: Buffer.from };

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function startOrigin() {
  let connections = 0;
  const numbers = new WeakMap();
  const aborted = new Map();

  const paths = {
    async echo({ request, response }) {
      const headers = [];
      for (let i = 0; i < request.rawHeaders.length; i += 2) {
        headers.push([request.rawHeaders[i].toLowerCase(), request.rawHeaders[i + 1]]);
      }
      const body = (await bodyOf(request)).toString();
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ method: request.method, url: request.url, headers, body }));
    },
    status({ request, response, url, rest }) {
      request.resume();
      for (const [name, value] of url.searchParams) response.appendHeader(name, value);
      response.writeHead(Number(rest)).end(rest === '204' || rest === '304' ? undefined : 'text');
    },
    to({ request, response, url, rest }) {
      request.resume();
      response.writeHead(Number(rest), { location: decodeURIComponent(url.search.slice(1)) }).end('on the way');
    },
    bytes({ response, url, rest }) {
      const size = Number(rest);
      if (!url.search) response.setHeader('content-length', size);
      const chunk = Buffer.alloc(65536, 'x');
      let left = size;
      const more = () => {
        while (left > 0) {
          const part = chunk.subarray(0, Math.min(left, chunk.length));
          left -= part.length;
          if (!response.write(part)) {
            response.once('drain', more);
            return;
          }
        }
        response.end();
      };
      more();
    },
    coded({ response, rest }) {
      response.writeHead(200, { 'content-encoding': rest }).end(codings[rest]('coded text'));
    },
    slow({ response, url, rest }) {
      response.flushHeaders();
      setTimeout(() => response.end(url.search.slice(1)), Number(rest));
    },
    late({ response, rest }) {
      setTimeout(() => response.end('late'), Number(rest));
    },
    never({ request, url }) {
      const name = url.search.slice(1);
      request.on('close', () => aborted.set(name, (aborted.get(name) ?? 0) + 1));
    },
    broken({ response }) {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('half');
      setTimeout(() => response.socket.destroy(), 20);
    },
    raw({ request, url }) {
      request.socket.end(Buffer.from(decodeURIComponent(url.search.slice(1)), 'latin1'));
    },
    pipe({ request, response }) {
      response.flushHeaders();
      request.pipe(response);
    },
    connection({ request, response }) {
      request.resume();
      response.end(String(numbers.get(request.socket)));
    },
    early({ request, response }) {
      response.writeHead(413).end('too large');
      request.resume();
    },
    aborted({ response, rest }) {
      response.end(String(aborted.get(rest) ?? 0));
    },
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://origin');
    const [, action, rest] = url.pathname.split('/');
    const answer = paths[action];
    if (answer === undefined) return response.writeHead(404).end('no such path');
    return answer({ request, response, url, rest });
  });
  server.on('connection', (socket) => numbers.set(socket, ++connections));
  server.on('clientError', (error, socket) => socket.destroy());
  await new Promise((listening) => { server.listen(0, '127.0.0.1', listening); });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => { server.close(closed); });
    },
  };
}
