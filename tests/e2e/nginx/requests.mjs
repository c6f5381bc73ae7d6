// Odd requests, by what is odd about them: what smuggling, desynchronised connections and sloppy parsers live on. Bytes are
// latin1. `/case` is the odd request, `/end` the proper one behind it on the same connection, `/smuggled` one that must
// never be seen by itself. `@@@@` stands for the number of the case: four digits, so that lengths can be counted.
export const host = 'echo.atoll.localhost';

const hostLine = `Host: ${host}\r\n`;
const end = `GET /end-@@@@ HTTP/1.1\r\n${hostLine}Connection: close\r\n\r\n`;
const smuggled = `GET /smuggled-@@@@ HTTP/1.1\r\n${hostLine}\r\n`;
const chunks = '5\r\nabcde\r\n0\r\n\r\n';

const post = (lines, body = '') => `POST /case-@@@@ HTTP/1.1\r\n${hostLine}${lines}\r\n${body}`;
const get = (lines) => `GET /case-@@@@ HTTP/1.1\r\n${lines}\r\n`;
const line = (first, lines = hostLine) => `${first}\r\n${lines}\r\n`;
const chunked = (body) => post('Transfer-Encoding: chunked\r\n', body);

const lengths = ['5', '05', '0000000000000000005', '00000000000000000005', '+5', '-5', '-0', '5 ', '5\t', '  5', '\t5', '5,5', '5, 5', '5,6', '5,',
  ',5', '0x5', '5.0', '5e0', '1e1', 'five', '', '"5"', '\xd9\xa5', '5;x', '5 5', '4294967301', '9223372036854775808', '18446744073709551621',
  '99999999999999999999999', '5\0', '\x005', '5\0a', '5\x0b', '\x0b5', '5\xa0', '5\r', '\r5', '5\n6', '5\x7f', '[5]', '5_0', '0_5', 'Infinity', 'NaN', '5h', '5 // x'];

const lengthLines = ['Content-Length : 5', 'Content-Length\t: 5', 'Content_Length: 5', 'CONTENT-LENGTH: 5', 'content-length:5', 'Content-Length:\t5',
  ' Content-Length: 5', '\tContent-Length: 5', 'Content-Length:\r\n 5', 'Content-Length:\r\n\t5', 'Content-Length\0: 5', '\0Content-Length: 5',
  'Content-Length\r\n: 5', 'Content-Length\x0b: 5', 'X: y\nContent-Length: 5', 'X: y\rContent-Length: 5', 'X: y\n\rContent-Length: 5',
  'X: y\r\rContent-Length: 5', 'X: y\0\r\nContent-Length: 5', 'Content-Length;: 5', 'Content-Length=5', 'Content-Length 5', 'Content-Length', 'Content Length: 5',
  'Content-Length:: 5', 'X: y\r\n\0Content-Length: 5', 'Content\xadLength: 5', 'Content-Length: 5\r\nX: y\r\n Content-Length: 6',
  'Content-Length: 5\r\nContent-Length: 5', 'Content-Length: 5\r\nContent-Length: 6', 'Content-Length: 6\r\nContent-Length: 5',
  'Content-Length: 5\r\ncontent-length: 0', 'Content-Length: 0\r\nCONTENT-LENGTH: 5', 'Content-Length: 5\r\nContent-Length:', 'Content-Length:\r\nContent-Length: 5',
  'Content-Length: 5\r\nContent-Length: 5\r\nContent-Length: 5', 'Content-Length: 5\r\nX: y\r\nContent-Length: 5, 5'];

const codings = ['chunked', 'Chunked', 'CHUNKED', '  chunked', '\tchunked', 'chunked ', 'chunked\t', 'chunked,', ',chunked', ', chunked', 'chunked ,', 'chunked;x',
  'chunked;q=1', 'chunked; q=0', '"chunked"', "'chunked'", '(chunked)', 'xchunked', 'chunkedx', 'chunk', 'identity', 'gzip', 'deflate', 'compress', 'x-gzip', 'br',
  'trailers', 'gzip, chunked', 'chunked, gzip', 'chunked, chunked', 'identity, chunked', 'chunked, identity', 'cow, chunked', '', ',', '\x0bchunked',
  'chunked\x0b', '\x0cchunked', '\0chunked', 'chunked\0', 'ch\0unked', '\xa0chunked', 'chunked\xa0', '\x7fchunked', '\x85chunked', 'chun\tked',
  'chun ked', '\r\n chunked', '\r\n\tchunked', 'x\r\n chunked', 'chunked\r', '\rchunked', 'chunked\r\r', 'chunked\n', 'chunked=', 'chunked:', 'c\u0068unke\xd0\xb4',
  'chunked\r\nTransfer-Encoding: chunked', 'chunked\r\nTransfer-Encoding: identity', 'identity\r\nTransfer-Encoding: chunked',
  'chunked\r\nTransfer-Encoding: x', 'x\r\nTransfer-Encoding: chunked', 'chunked\r\nTransfer-Encoding:', '\r\nTransfer-Encoding: chunked', 'chunked\r\ntransfer_encoding: x'];

const codingNames = ['transfer-encoding:', 'TRANSFER-ENCODING:', 'tRANSFER-eNCODING:', 'Transfer-Encoding :', 'Transfer-Encoding\t:', 'Transfer-Encoding\x0b:',
  'Transfer-Encoding\0:', 'Transfer-Encoding\r:', 'Transfer-Encoding\r\n :', 'Transfer-Encoding\r\n:', 'Transfer_Encoding:', 'Transfer Encoding:', 'Transfer\rEncoding:', 'Transfer-Encoding;:',
  ' Transfer-Encoding:', '\tTransfer-Encoding:', '\0Transfer-Encoding:', '\x0bTransfer-Encoding:', ':Transfer-Encoding:', '"Transfer-Encoding":',
  'X: y\nTransfer-Encoding:', 'X: y\rTransfer-Encoding:', 'X: y\r\rTransfer-Encoding:', 'X: y\n\rTransfer-Encoding:', 'X: y\0Transfer-Encoding:',
  'X:\nTransfer-Encoding:', 'X\nTransfer-Encoding:', 'Transfer-Encoding=', 'Transfer-Encodin:', 'Transfer-Encoding::', 'TE:', 'Transfer-\xa0Encoding:', 'X: y\r\n\x01Transfer-Encoding:'];

const chunkSizes = ['5', '05', '0005', '00000000000000005', '000000000000000000000000000000000005', '+5', '-5', '0x5', '0X5', '5h', '5 ', ' 5', '\t5', '5\t', '5;', '5;a', '5;a=b',
  '5;a="b"', '5;a="b;c"', '5;a="b\r\n"', '5 ;a', '5; a', '5\0', '5;\0', '5;a\x01', '5;a\x7f', '5;a\n', '5;a\nX', '5;a\rX', '5\n', '5\r', '5\r\r', '5\n\n', '\r\n5', '\n5', 'g', '', ';', ',5', '5,', '5 5', '5.0', '5_',
  '"5"', 'ffffffffffffffff', '10000000000000005', 'fffffffffffffffb', '7fffffffffffffff', '8000000000000000', '100000005', 'a', '4', '6', '5\xa0', '5\x0b', '5\x0c', '5:a', '5=a', '5/', '5#'];

const dataEnds = ['\n', '\r', '\r\r\n', '', 'XX', '\n\r', '\r\n\r\n', ' \r\n', '\0\r\n', 'f\r\n', '\r\n ', '\r\n\0'];

const lastChunks = ['0\r\n\r\n', '00\r\n\r\n', '0000000000000000000000\r\n\r\n', '-0\r\n\r\n', '+0\r\n\r\n', '0x0\r\n\r\n', '0 \r\n\r\n', '0\t\r\n\r\n', '0;x\r\n\r\n', '0;x=y\r\n\r\n', '0;\r\n\r\n', '0X\r\n\r\n',
  '0\n\n', '0\r\n\n', '0\n\r\n', '0\r\r\n\r\n', '0\r\n\r', '0\r\n\r\r\n', '0\r\n\rX', '0\r\n\0\r\n\r\n', '0\r\nX: y\r\n\r\n', '0\r\nX: y\n\r\n', '0\r\nX: y\r\n\n', '0\r\nX: y\n\n', '0\r\nX : y\r\n\r\n',
  '0\r\nX\r\n\r\n', '0\r\n: y\r\n\r\n', '0\r\n X: y\r\n\r\n', '0\r\nX: a\r\n b\r\n\r\n', '0\r\nX: \0\r\n\r\n', '0\r\nX: a\rb\r\n\r\n', '0\r\nX\0: y\r\n\r\n',
  '0\r\nContent-Length: 9\r\n\r\n', '0\r\nTransfer-Encoding: chunked\r\n\r\n', `0\r\n${hostLine}\r\n`, '0\r\nConnection: close\r\n\r\n',
  `0\r\n${smuggled}`, `0\r\nX: y\r\n${smuggled}`, `0\r\n\n${smuggled}`, '0\r\n\xe4: y\r\n\r\n', `0\r\nX: ${'y'.repeat(9000)}\r\n\r\n`, `0\r\n${'X: y\r\n'.repeat(3000)}\r\n`];

const requestLines = ['GET /case-@@@@ HTTP/1.0', 'GET /case-@@@@ HTTP/1.2', 'GET /case-@@@@ HTTP/1.9', 'GET /case-@@@@ HTTP/1.10', 'GET /case-@@@@ HTTP/01.1', 'GET /case-@@@@ HTTP/1.01', 'GET /case-@@@@ HTTP/2.0',
  'GET /case-@@@@ HTTP/2', 'GET /case-@@@@ HTTP/3.0', 'GET /case-@@@@ HTTP/0.9', 'GET /case-@@@@ HTTP/9.9', 'GET /case-@@@@ HTTP/1,1', 'GET /case-@@@@ HTTP/1.', 'GET /case-@@@@ HTTP/.1', 'GET /case-@@@@ HTTP/1',
  'GET /case-@@@@ HTTP/1.1.1', 'GET /case-@@@@ HTTP/-1.1', 'GET /case-@@@@ HTTP/+1.1', 'GET /case-@@@@ HTTP/1.1x', 'GET /case-@@@@ http/1.1', 'GET /case-@@@@ HTtP/1.1', 'GET /case-@@@@ HTTPS/1.1', 'GET /case-@@@@ ICAP/1.1',
  'GET /case-@@@@ HTTP /1.1', 'GET /case-@@@@ HTTP/ 1.1', 'GET /case-@@@@ HTTP/1 .1', 'GET /case-@@@@ HTTP/1.1 ', 'GET /case-@@@@ HTTP/1.1\t', 'GET /case-@@@@ HTTP/1.1\0', 'GET /case-@@@@ HTTP/1.1\r', 'GET /case-@@@@ HTTP/1.1 HTTP/1.1',
  'GET /case-@@@@', 'GET /case-@@@@ ', 'GET', 'GET ', ' ', '', 'GET  /case-@@@@ HTTP/1.1', 'GET /case-@@@@  HTTP/1.1', ' GET /case-@@@@ HTTP/1.1', '\tGET /case-@@@@ HTTP/1.1', 'GET\t/case-@@@@ HTTP/1.1',
  'GET /case-@@@@\tHTTP/1.1', 'GET\x0b/case-@@@@ HTTP/1.1', 'GET\x0c/case-@@@@ HTTP/1.1', 'GET\0/case-@@@@ HTTP/1.1', 'GET\xa0/case-@@@@ HTTP/1.1', 'GET\r/case-@@@@ HTTP/1.1', 'GET\n/case-@@@@ HTTP/1.1', '/case-@@@@ HTTP/1.1', 'HTTP/1.1',
  'HTTP/1.1 200 OK', 'GET/case-@@@@ HTTP/1.1', 'GET:/case-@@@@ HTTP/1.1', 'GET /case-@@@@ HTTP/1.1\r\n GET /smuggled-@@@@ HTTP/1.1', 'PRI * HTTP/2.0\r\n\r\nSM\r\n', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
  'SSH-2.0-OpenSSH_9.2', '\0', '\0GET /case-@@@@ HTTP/1.1', '\xef\xbb\xbfGET /case-@@@@ HTTP/1.1', '\xffGET /case-@@@@ HTTP/1.1'];

const methods = ['get', 'Get', 'gET', 'G', 'GETT', 'GE T', 'GET,POST', 'GET;', 'G(T', 'G<T', 'G"T', 'G@T', 'G/T', 'G[T', 'G{T', 'G=T', 'G?T', 'G:T', 'G\\T', 'G\xe4T', 'G\x7fT', 'G\x01T', 'G\rT', 'G\nT', 'G-T', 'G_T', 'G.T', 'G!T', 'G#T', 'G$T', "G'T",
  'G*T', 'G+T', 'G^T', 'G`T', 'G|T', 'G~T', 'G%T', 'G&T', 'G1T', '1', 'A'.repeat(33), 'A'.repeat(5000), 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'TRACK', 'CONNECT', 'PROPFIND', 'M-SEARCH', 'PURGE'];

const targets = ['/case-@@@@?', '/case-@@@@?a=b&c', '/case-@@@@?a?b', '/case-@@@@#f', '/case-@@@@?a#f', '/#', '/case-@@@@%20x', '/case-@@@@%00', '/case-@@@@%', '/case-@@@@%2', '/case-@@@@%zz', '/case-@@@@%2fx', '/case-@@@@%2e%2e/x', '/case-@@@@/../x', '/../case-@@@@',
  '/../../../etc/passwd', '/case-@@@@/./x', '/case-@@@@//x', '//case-@@@@', '///case-@@@@', '/case-@@@@\\x', '\\case-@@@@', '/case-@@@@|x', '/case-@@@@{x}', '/case-@@@@<x>', '/case-@@@@"x"', '/case-@@@@^x', '/case-@@@@`x', '/case-@@@@[x]', '/case-@@@@;x=y', '/case-@@@@\xe4', '/case-@@@@\xc3\xa4', '/case-@@@@\xff\xfe',
  '/case-@@@@\x01', '/case-@@@@\x1f', '/case-@@@@\x7f', '/case-@@@@\0', '/case-@@@@\tx', '/case-@@@@\rx', '/case-@@@@ x', '*', '**', '/*', 'case-@@@@', '?case-@@@@', '', ':', ':80', '@', '@x', `${host}`, `${host}:80`, `//${host}/case-@@@@`,
  `http://${host}/case-@@@@`, `HTTP://${host}/case-@@@@`, `hTTp://${host}/case-@@@@`, `https://${host}/case-@@@@`, `http://${host}:80/case-@@@@`, `http://${host}:/case-@@@@`, `http://${host}:x/case-@@@@`, `http://${host}:99999/case-@@@@`, `http://${host}`, `http://${host}?case-@@@@`, `http://${host}#x`,
  `http://ECHO.atoll.LOCALHOST/case-@@@@`, `http:/${host}/case-@@@@`, `http:${host}/case-@@@@`, `http:///case-@@@@`, 'http://', 'http:', 'http', 'http://?', 'http:// /', `http://u@${host}/case-@@@@`, `http://u:p@${host}/case-@@@@`, `http://@${host}/case-@@@@`, `http://${host}\\x/case-@@@@`,
  `http://[::1]/case-@@@@`, `http://[::1/case-@@@@`, `http://::1/case-@@@@`, `http://a%20b/case-@@@@`, `http://a b/case-@@@@`, `http://a\tb/case-@@@@`, `http://a\0b/case-@@@@`, 'http://other.example/case-@@@@', 'http://127.0.0.1/case-@@@@', 'ftp://x/case-@@@@', 'file:///etc/passwd', 'javascript:x', 'data:,x', 'ws://x/case-@@@@', 'gopher://x/', '1http://x/', '+http://x/', 'h-t.t+p://x/'];

const hosts = ['', ' ', host.toUpperCase(), `${host}.`, `${host}..`, `.${host}`, `${host}:80`, `${host}:`, `${host}:x`, `${host}:99999`, `${host}:-1`, `${host}:80:80`, `${host}:80 `, `\t${host}`, `${host} other`, `${host}\tother`, `${host},other`, `${host}, other`, `${host};other`, `${host}/`, `${host}/../x`,
  `${host}?x`, `${host}#x`, `${host}@other`, `@${host}`, `u:p@${host}`, `${host}\\other`, `\\${host}`, `${host}%00`, `%65cho.atoll.localhost`, `${host}\0`, `\0${host}`, `${host}\0.other`, `${host}\x01`, `${host}\x7f`, `${host}\xe4`, 'm\xfcller.example', '\xc3\xbc.example', `${host}\rX`, `${host}\nX: y`, '[::1]', '[::1]:80', '[::1', '::1', '[]', '[x]', '[::1]x', '127.0.0.1', '0x7f.1', '2130706433', '.', '..', '-',
  '*', '(x)', '"x"', `"${host}"`, '<x>', '{x}', '|x', '^x', '`x', "'x'", '$x', '&x', '+x', '=x', '!x', '~x', '_x', `http://${host}`, 'a'.repeat(300), 'a.'.repeat(200), 'xn--0'];

const headerLines = ['X: \0', 'X: a\0b', 'X: \x01', 'X: \x08', 'X: \x0b', 'X: \x0c', 'X: \x1b', 'X: \x7f', 'X: \x80', 'X: \xff', 'X: \xe4', 'X: a\rb', 'X: a\nb', 'X: a\r\r', 'X: a\n\rb', 'X:', 'X: ', 'X:\t', 'X', 'X ', 'X: a\r\n b', 'X: a\r\n\tb', 'X: a\r\n  ', 'X:\r\n a', ' X: a', '\tX: a', ': a', ':', ' : a', '', 'X Y: a',
  'X\tY: a', 'X : a', 'X\t: a', 'X\0: a', '\0X: a', 'X\x01: a', 'X\x7f: a', 'X\x80: a', 'X\xe4: a', 'X(: a', 'X): a', 'X,: a', 'X/: a', 'X;: a', 'X<: a', 'X=: a', 'X>: a', 'X?: a', 'X@: a', 'X[: a', 'X\\: a', 'X]: a', 'X{: a', 'X}: a', 'X": a', 'X!: a', 'X#: a', 'X$: a', 'X%: a', 'X&: a', "X': a", 'X*: a', 'X+: a', 'X.: a', 'X^: a', 'X_: a', 'X`: a', 'X|: a', 'X~: a',
  'Connection: Content-Length', 'Connection: Host', 'Connection: Transfer-Encoding', 'Connection: close, keep-alive', 'Connection:', 'Connection: ,', 'Connection: x', 'Keep-Alive: timeout=0', 'Proxy-Connection: keep-alive', 'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__',
  'Upgrade: TLS/1.0\r\nConnection: Upgrade', 'Upgrade: \r\nConnection: Upgrade', 'TE: trailers', 'Trailer: Content-Length', 'Max-Forwards: 0', 'Range: bytes=-1', 'Range: bytes=0-18446744073709551615', 'X-Forwarded-For: 127.0.0.1', 'X-HTTP-Method-Override: DELETE', 'Content-Encoding: gzip', 'Accept-Encoding: x\0', 'Cookie: a=b\r\nCookie: c=d', 'Authorization: \xff', 'If-Modified-Since: x'];

const expectations = ['100-continue', '100-Continue', '100-continue, x', '200-ok', '', 'x', '100-continue\0'];

const big = {
  'a header of 100 KiB': get(`${hostLine}X: ${'a'.repeat(100 * 1024)}\r\n`),
  'a header of 300 KiB': get(`${hostLine}X: ${'a'.repeat(300 * 1024)}\r\n`),
  'a header of 2 MiB': get(`${hostLine}X: ${'a'.repeat(2 * 1024 * 1024)}\r\n`),
  'a header name of 300 KiB': get(`${hostLine}${'a'.repeat(300 * 1024)}: x\r\n`),
  'headers of 90 KiB': get(hostLine + `X: ${'a'.repeat(1000)}\r\n`.repeat(90)),
  'headers of 2 MiB': get(hostLine + `X: ${'a'.repeat(1000)}\r\n`.repeat(2100)),
  '200 headers': get(hostLine + 'X: a\r\n'.repeat(200)),
  '300 headers': get(hostLine + 'X: a\r\n'.repeat(300)),
  '100000 headers': get(hostLine + 'X: a\r\n'.repeat(100_000)),
  'a target of 8 KiB': line(`GET /case-@@@@?${'a'.repeat(8 * 1024)} HTTP/1.1`),
  'a target of 15 KiB': line(`GET /case-@@@@?${'a'.repeat(15 * 1024)} HTTP/1.1`),
  'a target of 300 KiB': line(`GET /case-@@@@?${'a'.repeat(300 * 1024)} HTTP/1.1`),
  'a target of slashes': line(`GET ${'/'.repeat(8000)} HTTP/1.1`),
  'a target of dots': line(`GET /${'../'.repeat(2500)}case-@@@@ HTTP/1.1`),
  'a host of 100 KiB': get(`Host: ${'a'.repeat(100 * 1024)}\r\n`),
  'a chunk extension of 2000 bytes': chunked(`5;${'a'.repeat(2000)}\r\nabcde\r\n0\r\n\r\n`),
  'a chunk extension of 1 MiB': chunked(`5;${'a'.repeat(1024 * 1024)}\r\nabcde\r\n0\r\n\r\n`),
  'many small chunks with extensions': chunked(`${`1;${'a'.repeat(60)}\r\nx\r\n`.repeat(5000)}0\r\n\r\n`),
  'many small chunks': chunked(`${'1\r\nx\r\n'.repeat(20_000)}0\r\n\r\n`),
  'a trailer of 1 MiB': chunked(`5\r\nabcde\r\n0\r\nX: ${'a'.repeat(1024 * 1024)}\r\n\r\n`),
  'a length beyond the limit': post('Content-Length: 999999999999\r\n'),
};

const sequences = {
  'three good ones': get(hostLine) + get(hostLine) + get(hostLine),
  'forty good ones': get(hostLine).repeat(40),
  'good, bad, good': get(hostLine) + get(`${hostLine}X : y\r\n`) + smuggled,
  'good, other version, good': get(hostLine) + line('GET /case-@@@@ HTTP/2.0') + smuggled,
  'good, without host, good': get(hostLine) + get('') + smuggled,
  'after a refused target': line('GET /a b HTTP/1.1') + smuggled,
  'after CONNECT': line(`CONNECT ${host}:80 HTTP/1.1`) + smuggled,
  'after an unknown coding': post('Transfer-Encoding: gzip\r\n') + smuggled,
  'after an unknown expectation': post('Expect: x\r\nContent-Length: 5\r\n', 'abcde') + smuggled,
  'after close': get(`${hostLine}Connection: close\r\n`) + smuggled,
  'after HTTP/1.0': line('GET /case-@@@@ HTTP/1.0') + smuggled,
  'after HTTP/1.0 that is kept': line('GET /case-@@@@ HTTP/1.0', `${hostLine}Connection: keep-alive\r\n`),
  'after HTTP/1.0 without host': line('GET /case-@@@@ HTTP/1.0', 'Connection: keep-alive\r\n'),
  'blank lines between': `${get(hostLine)}\r\n\r\n${get(hostLine)}`,
  'many blank lines between': get(hostLine) + '\r\n'.repeat(200),
  'line feeds between': `${get(hostLine)}\n\n`,
  'a carriage return between': `${get(hostLine)}\r`,
  'a NUL between': `${get(hostLine)}\0`,
  'a blank between': `${get(hostLine)} `,
  'bytes nobody announced': `${get(hostLine)}abcde`,
  'a request nobody announced as a body': get(hostLine) + smuggled,
  'blank lines before': `\r\n\r\n${get(hostLine)}`,
  'many blank lines before': '\r\n'.repeat(200) + get(hostLine),
  'a line feed before': `\n${get(hostLine)}`,
  'a carriage return before': `\r${get(hostLine)}`,
  'a length of 0 and a request': post('Content-Length: 0\r\n', smuggled),
  'a request as body': post(`Content-Length: ${smuggled.length}\r\n`, smuggled),
  'a request as chunk': chunked(`${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`),
  'a request behind the chunks': chunked(chunks) + smuggled,
  'half a request behind the chunks': `${chunked(chunks)}GET /smuggled-@@@@ HTTP/1.1\r\nX: `,
  'GET with a body': `GET /case-@@@@ HTTP/1.1\r\n${hostLine}Content-Length: 5\r\n\r\nabcde`,
  'GET with chunks': `GET /case-@@@@ HTTP/1.1\r\n${hostLine}Transfer-Encoding: chunked\r\n\r\n${chunks}`,
  'GET with chunks and a length': `GET /case-@@@@ HTTP/1.1\r\n${hostLine}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`,
  'HEAD with a body': `HEAD /case-@@@@ HTTP/1.1\r\n${hostLine}Content-Length: 5\r\n\r\nabcde`,
  'DELETE with a body': `DELETE /case-@@@@ HTTP/1.1\r\n${hostLine}Content-Length: 5\r\n\r\nabcde`,
  'OPTIONS with chunks': `OPTIONS /case-@@@@ HTTP/1.1\r\n${hostLine}Transfer-Encoding: chunked\r\n\r\n${chunks}`,
  'chunks in HTTP/1.0': `POST /case-@@@@ HTTP/1.0\r\n${hostLine}Transfer-Encoding: chunked\r\n\r\n${chunks}`,
  'chunks in HTTP/1.0 that is kept': `POST /case-@@@@ HTTP/1.0\r\n${hostLine}Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`,
  'a length in HTTP/1.0': `POST /case-@@@@ HTTP/1.0\r\n${hostLine}Content-Length: 5\r\n\r\nabcde`,
  'a body without framing': post('', 'abcde'),
  'a body without framing, then a request': post('Connection: keep-alive\r\n', smuggled),
  'a body shorter than its length': post('Content-Length: 5000\r\n', 'abcde'),
  'a body longer than its length': post('Content-Length: 3\r\n', 'abcde'),
  'a body longer than its length by a line end': post('Content-Length: 5\r\n', 'abcde\r\n'),
  'chunks that stop': chunked('5\r\nabcde\r\n'),
  'a chunk that stops': chunked('5000\r\nabcde'),
  'only the size of a chunk': chunked('5'),
  'no host': get(''),
  'two hosts': get(`${hostLine}${hostLine}`),
  'two hosts that differ': get(`${hostLine}Host: other.example\r\n`),
  'two hosts that differ, other order': get(`Host: other.example\r\n${hostLine}`),
  'a host and a host in capitals': get(`${hostLine}HOST: other.example\r\n`),
  'a folded host': get(`Host:\r\n ${host}\r\n`),
  'a host behind a fold': get(`X: a\r\n ${hostLine}`),
  'a host after a blank': get(` ${hostLine}`),
  'a host before a blank': get(`Host : ${host}\r\n`),
  'a host that is no header': get(`Host\r\n`),
  'an absolute target and another host': line(`GET http://${host}/case-@@@@ HTTP/1.1`, 'Host: other.example\r\n'),
  'an absolute target and no host': line(`GET http://${host}/case-@@@@ HTTP/1.1`, ''),
  'an absolute target and a bad host': line(`GET http://${host}/case-@@@@ HTTP/1.1`, 'Host: a b\r\n'),
  'an absolute target in HTTP/1.0 and no host': line(`GET http://${host}/case-@@@@ HTTP/1.0`, ''),
  'OPTIONS *': line('OPTIONS * HTTP/1.1'),
  'OPTIONS of an absolute target': line(`OPTIONS http://${host} HTTP/1.1`),
  'HTTP/0.9': 'GET /case-@@@@\r\n',
  'HTTP/0.9 by a line feed': 'GET /case-@@@@\n',
  'line feeds only': `GET /case-@@@@ HTTP/1.1\nHost: ${host}\n\n`,
  'a line feed after the request line': `GET /case-@@@@ HTTP/1.1\n${hostLine}\r\n`,
  'a line feed after a header': `GET /case-@@@@ HTTP/1.1\r\nHost: ${host}\n\r\n`,
  'a line feed as the blank line': `GET /case-@@@@ HTTP/1.1\r\n${hostLine}\n`,
  'a carriage return after the request line': `GET /case-@@@@ HTTP/1.1\r${hostLine}\r\n`,
  'a carriage return as the blank line': `GET /case-@@@@ HTTP/1.1\r\n${hostLine}\r`,
  'two carriage returns in the blank line': `GET /case-@@@@ HTTP/1.1\r\n${hostLine}\r\r\n`,
  'carriage returns only': `GET /case-@@@@ HTTP/1.1\rHost: ${host}\r\r`,
  'a blank in the blank line': `GET /case-@@@@ HTTP/1.1\r\n${hostLine} \r\n\r\n`,
  'a length behind a line feed': `POST /case-@@@@ HTTP/1.1\r\n${hostLine}X: y\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
  'a length behind a carriage return': `POST /case-@@@@ HTTP/1.1\r\n${hostLine}X: y\rContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
  'a length behind a fold': `POST /case-@@@@ HTTP/1.1\r\n${hostLine}X: y\r\n Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
  'a length in the trailer': chunked(`5\r\nabcde\r\n0\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`),
  'nothing but line ends': '\r\n'.repeat(50),
  'nothing but NULs': '\0'.repeat(500),
  'nothing but blanks': ' '.repeat(500),
  'every byte': Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join(''),
};

const quoted = (text) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

function* all() {
  for (const value of lengths) yield [`length: ${quoted(value)}`, post(`Content-Length: ${value}\r\n`, 'abcde')];
  for (const lines of lengthLines) yield [`length line: ${quoted(lines)}`, post(`${lines}\r\n`, 'abcde')];
  for (const value of codings) yield [`coding: ${quoted(value)}`, post(`Transfer-Encoding: ${value}\r\n`, chunks)];
  for (const name of codingNames) yield [`coding line: ${quoted(name)}`, post(`${name} chunked\r\n`, chunks)];
  // The two framings against each other. Whoever goes by the length sees the chunks as a body, or a request behind `0\r\n\r\n`.
  const behind = `0\r\n\r\n${smuggled}`;
  for (const value of codings) {
    yield [`length, coding: ${quoted(value)}`, post(`Content-Length: ${behind.length}\r\nTransfer-Encoding: ${value}\r\n`, behind)];
    yield [`coding, length: ${quoted(value)}`, post(`Transfer-Encoding: ${value}\r\nContent-Length: 5\r\n`, chunks)];
  }
  for (const name of codingNames) {
    yield [`length, coding line: ${quoted(name)}`, post(`Content-Length: ${behind.length}\r\n${name} chunked\r\n`, behind)];
    yield [`coding line, length: ${quoted(name)}`, post(`${name} chunked\r\nContent-Length: 4\r\n`, chunks)];
  }
  for (const lines of lengthLines) yield [`chunks, length line: ${quoted(lines)}`, post(`Transfer-Encoding: chunked\r\n${lines}\r\n`, chunks)];
  for (const size of chunkSizes) yield [`chunk size: ${quoted(size)}`, chunked(`${size}\r\nabcde\r\n0\r\n\r\n`)];
  for (const dataEnd of dataEnds) yield [`chunk end: ${quoted(dataEnd)}`, chunked(`5\r\nabcde${dataEnd}0\r\n\r\n`)];
  for (const last of lastChunks) yield [`last chunk: ${quoted(last)}`, chunked(`5\r\nabcde\r\n${last}`)];
  for (const first of requestLines) yield [`request line: ${quoted(first)}`, line(first)];
  for (const method of methods) yield [`method: ${quoted(method)}`, line(`${method} /case-@@@@ HTTP/1.1`)];
  for (const target of targets) yield [`target: ${quoted(target)}`, line(`GET ${target} HTTP/1.1`)];
  for (const value of hosts) yield [`host: ${quoted(value)}`, get(`Host: ${value}\r\n`)];
  for (const one of headerLines) {
    yield [`header: ${quoted(one)}`, get(`${hostLine}${one}\r\n`)];
    if (/[\0-\x1f]/.test(one)) yield [`header before the host: ${quoted(one)}`, get(`${one}\r\n${hostLine}`)];
  }
  for (const value of expectations) yield [`expect: ${quoted(value)}`, post(`Expect: ${value}\r\nContent-Length: 5\r\n`, 'abcde')];
  for (const [name, text] of Object.entries(big)) yield [`big: ${name}`, text];
  for (const [name, text] of Object.entries(sequences)) yield [`sequence: ${name}`, text];
}

// [{ name, text }], numbered.
export const requests = [...all()].map(([name, text], number) => ({
  name, text: (text + end).replaceAll('@@@@', String(number).padStart(4, '0')),
}));
