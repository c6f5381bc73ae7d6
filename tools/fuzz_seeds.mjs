// Seeds that tests already have: tools/fuzz_seeds.mjs FOLDER fills FOLDER/<target>/.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requests } from '../tests/e2e/nginx/requests.mjs';
import { responses } from '../tests/e2e/nginx/responses.mjs';

const [folder] = process.argv.slice(2);
const largest = 8000;

// For HTTP the last byte of an input chooses how the rest is split; others do not mind it.
function write(target, texts) {
  mkdirSync(join(folder, target), { recursive: true });
  texts.filter((text) => text.length < largest).forEach((text, number) => {
    writeFileSync(join(folder, target, String(number)), Buffer.from(`${text}\0`, 'latin1'));
  });
}

write('http_request_fuzz', requests.map(({ text }) => text));
write('http_response_fuzz', responses.filter(({ close }) => close).map(({ text }) => text));

// What a host says, as host_session_fuzz puts it: frames of type, request id, size and body.
const text = (value) => String.fromCharCode(value.length) + value;
const frame = (type, body, id = 1) => String.fromCharCode(type, id, body.length) + body;
const kinds = { load: 0, get: 1, write: 2, list: 3, connect: 4, codeCache: 5, log: 6, stats: 7 };
const load = frame(kinds.load, `\x01${text('')}`);
const handles = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => String.fromCharCode(number));
write('host_session_fuzz', [
  load,
  ...handles.flatMap((handle) => [
    load + frame(kinds.load, handle + text('')) + frame(kinds.load, handle + text('app')),
    load + frame(kinds.get, `${handle}\x01${text('key')}`),
    load + frame(kinds.write, `${handle}${text('key')}\x01${text('value')}${text('{}')}\0`) + frame(kinds.write, `${handle}${text('key')}\0`),
    load + frame(kinds.list, `${handle}${text('')}${text('')}\x0a`),
    load + frame(kinds.connect, `${handle}\0${text('GET')}${text('example.com')}\x50`),
    load + frame(kinds.codeCache, `${handle}${text('cache')}`, 0),
  ]),
  frame(kinds.log, `${text('{}\n')}\x01`, 0) + frame(kinds.stats, '\x01\x02\x03\x04\x05', 0),
].map((said) => `\x01${said}`));

write('compatibility_fuzz', ['2026-08-22\nnodejs_compat\nno_global_navigator', '2021-11-02\nformdata_parser_supports_files\nformdata_parser_converts_files_to_strings', '\n', 'x\nx\nx']);
write('route_table_fuzz', ['a.example.com:80\n/shop/x\n*/*\n*.example.com/*\na.example.com/shop/*\na.example.com/shop/x\n*example.com/\nhttps://a.example.com', '[::1]:80\n/\n[::1]/*\n*/', 'x.\n/a\n*x/a*\nx/*\nX./a']);
write('address_fuzz', ['\x7f'.padEnd(16, '\0'), '\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\x01', '\0\x64\xff\x9b\0\0\0\0\0\0\0\0\xa9\xfe\xa9\xfe', '\x20\x02\x0a\0\0\x01'.padEnd(16, '\0'), '\xfe\x80'.padEnd(16, '\x01')]
  .flatMap((address) => ['192.0.2.0/24', '::ffff:10.0.0.0/104', '2001:db8::/32', '1.2.3.4', '0/0', '1.2.3.4/33', 'fe80::1%lo/64'].map((range) => address + range)));
write('caching_fuzz', ['Range: bytes=0-5\r\nIf-None-Match: "a", W/"b"\r\nIf-Range: "a"\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nETag: "a"\r\nCache-Control: public, max-age=60, s-maxage="7", private="set-cookie, x", no-cache="y"\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nExpires: 0\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nVary: x\r\n',
  'Range: bytes=-5\r\n\r\nContent-Range: bytes 0-1/2\r\n', 'Range: bytes=5-\r\n\r\nSet-Cookie: a\r\n'].map((headers) => `\0\x64\0${headers}`));
write('request_fuzz', ['/client/v4/accounts?tags=a:yes,b:no&page=%31+&x', 'multipart/form-data; boundary="a\\"b"; name=x', 'form-data; name="a"; filename="b;c"', 'AAEC/w==']);
