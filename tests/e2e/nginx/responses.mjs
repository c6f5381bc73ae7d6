// Odd responses of an origin, by what is odd about them. Bytes are latin1. `close`: the origin closes the connection behind them.
// `poison` is a response that nobody asked for; it must never be taken for the answer to the next request.
const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned';
const chunks = '5\r\nabcde\r\n0\r\n\r\n';

const ok = (lines, body = '') => `HTTP/1.1 200 OK\r\n${lines}\r\n${body}`;
const chunked = (body) => ok('Transfer-Encoding: chunked\r\n', body);

const statusLines = ['HTTP/1.1 200', 'HTTP/1.1 200 ', 'HTTP/1.1 200  OK', 'HTTP/1.1  200 OK', 'HTTP/1.1 200\tOK', 'HTTP/1.1\t200 OK', 'HTTP/1.1 200OK', 'HTTP/1.1 20 OK', 'HTTP/1.1 2000 OK', 'HTTP/1.1 099 OK', 'HTTP/1.1 000 OK', 'HTTP/1.1 -20 OK',
  'HTTP/1.1 +20 OK', 'HTTP/1.1 2x0 OK', 'HTTP/1.1 600 OK', 'HTTP/1.1 999 OK', 'HTTP/1.0 200 OK', 'HTTP/1.2 200 OK', 'HTTP/1.10 200 OK', 'HTTP/2.0 200 OK', 'HTTP/2 200 OK', 'HTTP/0.9 200 OK', 'http/1.1 200 OK', 'HTTP/1.1', 'HTTP/1.1 ', 'ICY 200 OK', '200 OK', 'HTTP/1.1:200 OK',
  ' HTTP/1.1 200 OK', '\r\nHTTP/1.1 200 OK', '\nHTTP/1.1 200 OK', '\0HTTP/1.1 200 OK', 'HTTP/1.1 200 O\0K', 'HTTP/1.1 200 O\x01K', 'HTTP/1.1 200 \xe4', 'HTTP/1.1 200 OK\r', 'HTTP/1.1 200 O\rK', 'HTTP/1.1 200 O\nK', `HTTP/1.1 200 ${'a'.repeat(100_000)}`, 'SSH-2.0-x', '\x16\x03\x01\x02\0\x01', 'GET / HTTP/1.1', '<html>'];

const lengths = ['5', '05', '+5', '-5', '5 ', '5\t', '\t5', '5,5', '5, 5', '5,6', '0x5', '5.0', '', 'five', '5 5', '5;x', '5\0', '\x0b5', '5\x0b', '5\xa0', '00000000000000000005', '9223372036854775808', '18446744073709551621', '5\r', '"5"', '1e1', '5\n6'];

const codings = ['chunked', 'Chunked', 'CHUNKED', '  chunked', '\tchunked', 'chunked ', 'chunked\t', 'chunked,', ',chunked', 'chunked;x', '"chunked"', 'xchunked', 'chunkedx', 'chunk', 'identity', 'gzip', 'gzip, chunked', 'chunked, gzip', 'chunked, chunked', 'identity, chunked', 'chunked, identity', '', '\x0bchunked', '\0chunked', 'ch\0unked', '\r\n chunked', 'chunked\r',
  'chunked\r\nTransfer-Encoding: chunked', 'chunked\r\nTransfer-Encoding: identity', 'identity\r\nTransfer-Encoding: chunked', 'x\r\nTransfer-Encoding: chunked'];

const names = ['Content-Length :', 'Content-Length\t:', 'Content_Length:', ' Content-Length:', 'Content-Length\0:', '\0Content-Length:', 'X: y\nContent-Length:', 'X: y\rContent-Length:', 'X: y\r\n Content-Length:', 'Content-Length;:', 'Content-Length', 'Content Length:', 'Content-Length::', 'content-length:', 'Content-Length: 5\r\nContent-Length:', 'Content-Length: 6\r\nContent-Length:', 'Content-Length: 4\r\nContent-Length:'];

const codingNames = ['Transfer-Encoding :', 'Transfer-Encoding\t:', 'Transfer_Encoding:', ' Transfer-Encoding:', 'Transfer-Encoding\0:', 'X: y\nTransfer-Encoding:', 'X: y\rTransfer-Encoding:', 'X: y\r\n Transfer-Encoding:', 'Transfer-Encoding;:', 'Transfer Encoding:', 'transfer-encoding:'];

const sizes = ['5', '05', '0005', '00000000000000005', '+5', '-5', '0x5', '5 ', ' 5', '5;', '5;a=b', '5;\0', '5\n', '5;a\n', '5\r', 'g', '', '5,', 'ffffffffffffffff', '10000000000000005', 'fffffffffffffffb', '7fffffffffffffff', 'a', '4', '6'];
const dataEnds = ['\n', '\r', '', 'XX', '\r\n\r\n', ' \r\n'];
const lasts = ['0\r\n\r\n', '00\r\n\r\n', '0 \r\n\r\n', '0;x\r\n\r\n', '0\n\n', '0\r\n\n', '0\r\nX: y\r\n\r\n', '0\r\nX: y\n\r\n', '0\r\nX : y\r\n\r\n', '0\r\nX\r\n\r\n', '0\r\nContent-Length: 9\r\n\r\n', '0\r\nX: \0\r\n\r\n', `0\r\n${poison}`, `0\r\n\n${poison}`, '-0\r\n\r\n', '0\r\n', '0'];

const headers = ['X: \0', 'X: a\0b', 'X: \x01', 'X: \x7f', 'X: \xe4', 'X: a\rb', 'X: a\nb', 'X:', 'X', 'X: a\r\n b', ' X: a', ': a', 'X Y: a', 'X : a', 'X\0: a', 'X\xe4: a', 'X(: a', 'X_: a', 'Connection: close', 'Connection: Content-Length', 'Upgrade: websocket\r\nConnection: Upgrade', 'Keep-Alive: timeout=0', 'Trailer: Content-Length'];

const sequences = {
  'a length and more bytes': [ok('Content-Length: 5\r\n', `abcde${poison}`)],
  'a length and a line end': [ok('Content-Length: 5\r\n', `abcde\r\n${poison}`)],
  'chunks and more bytes': [chunked(chunks + poison)],
  'no length, then a response': [ok('', `abcde${poison}`), 'close'],
  'no length, kept open': [ok('Connection: keep-alive\r\n', 'abcde'), 'close'],
  'a length that is not reached': [ok('Content-Length: 50\r\n', 'abcde'), 'close'],
  'chunks that stop': [chunked('5\r\nabcde\r\n'), 'close'],
  'chunks that stop in the size': [chunked('5\r\nabcde\r\n0'), 'close'],
  'chunks that stop before the last line end': [chunked('5\r\nabcde\r\n0\r\n'), 'close'],
  'a head that stops': ['HTTP/1.1 200 OK\r\nContent-', 'close'],
  'nothing': ['', 'close'],
  'length, then coding': [ok('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', chunks)],
  'coding, then length': [ok('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', chunks)],
  'coding and a length of 0': [ok('Transfer-Encoding: chunked\r\nContent-Length: 0\r\n', chunks + poison)],
  'coding in HTTP/1.0': [`HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`, 'close'],
  'a length in HTTP/1.0': ['HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nabcde'],
  'a length in HTTP/1.0, more bytes': [`HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nabcde${poison}`],
  '204 with a length': [`HTTP/1.1 204 No Content\r\nContent-Length: ${poison.length}\r\n\r\n${poison}`],
  '204 with chunks': [`HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}${poison}`],
  '204 and more bytes': [`HTTP/1.1 204 No Content\r\n\r\n${poison}`],
  '304 with a length': [`HTTP/1.1 304 Not Modified\r\nContent-Length: ${poison.length}\r\n\r\n${poison}`],
  '304 with chunks': [`HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}${poison}`],
  '205 with a length': ['HTTP/1.1 205 Reset Content\r\nContent-Length: 5\r\n\r\nabcde'],
  '100 first': [`HTTP/1.1 100 Continue\r\n\r\n${ok('Content-Length: 5\r\n', 'abcde')}`],
  '103 first': [`HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${ok('Content-Length: 5\r\n', 'abcde')}`],
  '102 with a length first': [`HTTP/1.1 102 Processing\r\nContent-Length: ${poison.length}\r\n\r\n${poison}`],
  'a hundred 100s first': ['HTTP/1.1 100 Continue\r\n\r\n'.repeat(100) + ok('Content-Length: 5\r\n', 'abcde')],
  '101 that nobody asked for': [`HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n${poison}`],
  'line feeds only': ['HTTP/1.1 200 OK\nContent-Length: 5\n\nabcde'],
  'a line feed as the blank line': ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\nabcde'],
  'two responses': [ok('Content-Length: 0\r\n') + poison],
  'a header of 1 MiB': [ok(`X: ${'a'.repeat(1024 * 1024)}\r\nContent-Length: 5\r\n`, 'abcde')],
  '300 headers': [ok(`${'X: a\r\n'.repeat(300)}Content-Length: 5\r\n`, 'abcde')],
  '100000 headers': [ok(`${'X: a\r\n'.repeat(100_000)}Content-Length: 5\r\n`, 'abcde')],
  'a chunk extension of 1 MiB': [chunked(`5;${'a'.repeat(1024 * 1024)}\r\nabcde\r\n0\r\n\r\n`)],
  'a trailer of 1 MiB': [chunked(`5\r\nabcde\r\n0\r\nX: ${'a'.repeat(1024 * 1024)}\r\n\r\n`)],
};

const quoted = (text) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

function* all() {
  for (const line of statusLines) yield [`status line: ${quoted(line)}`, `${line}\r\nContent-Length: 5\r\n\r\nabcde`];
  for (const value of lengths) yield [`length: ${quoted(value)}`, ok(`Content-Length: ${value}\r\n`, `abcde`)];
  for (const name of names) yield [`length line: ${quoted(name)}`, ok(`${name} 5\r\n`, 'abcde')];
  for (const value of codings) {
    yield [`coding: ${quoted(value)}`, ok(`Transfer-Encoding: ${value}\r\n`, chunks)];
    yield [`length, coding: ${quoted(value)}`, ok(`Content-Length: 5\r\nTransfer-Encoding: ${value}\r\n`, chunks)];
    yield [`coding, length: ${quoted(value)}`, ok(`Transfer-Encoding: ${value}\r\nContent-Length: 5\r\n`, chunks)];
  }
  for (const name of codingNames) {
    yield [`coding line: ${quoted(name)}`, ok(`${name} chunked\r\n`, chunks)];
    yield [`length, coding line: ${quoted(name)}`, ok(`Content-Length: 5\r\n${name} chunked\r\n`, chunks)];
  }
  for (const size of sizes) yield [`chunk size: ${quoted(size)}`, chunked(`${size}\r\nabcde\r\n0\r\n\r\n`)];
  for (const dataEnd of dataEnds) yield [`chunk end: ${quoted(dataEnd)}`, chunked(`5\r\nabcde${dataEnd}0\r\n\r\n`)];
  for (const last of lasts) yield [`last chunk: ${quoted(last)}`, chunked(`5\r\nabcde\r\n${last}`)];
  for (const header of headers) yield [`header: ${quoted(header)}`, ok(`${header}\r\nContent-Length: 5\r\n`, 'abcde')];
  for (const [name, [text, after]] of Object.entries(sequences)) yield [`sequence: ${name}`, text, after === 'close'];
}

// [{ name, text, close }]: each is sent twice, with the connection kept and closed behind it, unless it only makes sense closed.
export const responses = [...all()].flatMap(([name, text, closed]) => (closed ? [true] : [false, true]).map((close) => (
  { name: `${name}${close && !closed ? ', closed' : ''}`, text, close })));
