// Idle WebSockets are cheap: ten thousand of one Worker within 200 MB of its host, all still usable.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { residentBytes, startPlatform } from './platform.mjs';
import { connect, opcodes } from './websocket_client.mjs';

const kSockets = 10_000;
const kMaxBytes = 200e6;
let platform;

before(async () => {
  platform = await startPlatform();
  await platform.uploadWorker('idle', `export default {
    fetch() {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      server.addEventListener('message', ({ data }) => server.send('echo ' + data));
      return new Response(null, { status: 101, webSocket: client });
    },
  };`);
});
after(() => platform?.stop());

test(`${kSockets} idle WebSockets stay within ${kMaxBytes / 1e6} MB, with compression agreed and used`, async () => {
  const [host] = platform.hosts();
  const open = () => connect(platform.http, { host: `idle.${platform.domain}`, extensions: 'permessage-deflate', timeoutMs: 60_000 });
  const clients = [await open()];
  const before = residentBytes(host);
  while (clients.length < kSockets) {
    clients.push(...await Promise.all(Array.from({ length: Math.min(100, kSockets - clients.length) }, open)));
  }
  for (const client of clients) client.text('x'.repeat(100));
  for (const client of clients) assert.ok((await client.next(60_000)).payload.length > 5);
  const bytes = residentBytes(host);
  console.log(`host: ${(before / 1e6).toFixed(1)} MB with one, ${(bytes / 1e6).toFixed(1)} MB with ${clients.length}, `
    + `${((bytes - before) / clients.length / 1e3).toFixed(1)} kB each`);
  assert.ok(bytes < kMaxBytes, `${bytes} bytes`);
  assert.deepEqual(platform.hosts(), [host]);
  clients[7].text('still there');
  assert.deepEqual(await clients[7].next().then((got) => [got.opcode, got.text]), [opcodes.text, 'echo still there']);
  for (const client of clients) client.destroy();
});
