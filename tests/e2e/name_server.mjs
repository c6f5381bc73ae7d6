// A name server for tests on a port of 127.0.0.1. `names` maps a name to a list of addresses, or to a function that gives one for
// every query, or to null: no answer at all. Names that it does not know do not exist.
import dgram from 'node:dgram';

const kA = 1;
const kAaaa = 28;

function bytesOf(address) {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [head, tail] = address.split('::');
  const groups = (text) => (text ? text.split(':') : []);
  const [first, last] = [groups(head), groups(tail)];
  const all = [...first, ...Array(8 - first.length - last.length).fill('0'), ...last];
  const bytes = Buffer.alloc(16);
  all.forEach((group, i) => bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * i));
  return bytes;
}

function readQuestion(query) {
  const labels = [];
  let at = 12;
  for (; query[at] !== 0; at += query[at] + 1) labels.push(query.toString('latin1', at + 1, at + 1 + query[at]));
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function record(type, data) {
  const head = Buffer.from([0xc0, 0x0c, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length]);
  return Buffer.concat([head, data]);
}

export async function startNameServer(names) {
  const socket = dgram.createSocket('udp4');
  const asked = [];
  socket.on('message', (query, client) => {
    const { name, type, end } = readQuestion(query);
    asked.push(name);
    let addresses = names[name];
    if (typeof addresses === 'function') addresses = addresses(type === kA ? 4 : 6);
    if (addresses === null) return;
    const wanted = (addresses ?? []).filter((address) => address.includes(':') === (type === kAaaa));
    const answer = Buffer.concat([query.subarray(0, end), ...wanted.map((address) => record(type, bytesOf(address)))]);
    answer.writeUInt16BE(addresses === undefined ? 0x8183 : 0x8180, 2);
    answer.writeUInt16BE(wanted.length, 6);
    socket.send(answer, client.port, client.address);
  });
  await new Promise((done) => { socket.bind(0, '127.0.0.1', done); });
  return { address: `127.0.0.1:${socket.address().port}`, asked, close: () => socket.close() };
}
