// Corners of byte streams in which the steps of the standard, taken by the letter, lose or reorder
// bytes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { streams } from './under_test.mjs';

const { ReadableStream } = streams;
const turn = () => new Promise(setImmediate);
const list = ({ value }) => [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)];

test('a response to a read whose reader has gone answers the next reader in order', async () => {
  let controller;
  const stream = new ReadableStream({ type: 'bytes', start(c) { controller = c; } });
  await turn();
  const first = stream.getReader({ mode: 'byob' });
  const gone = first.read(new Uint8Array(8));
  first.releaseLock();
  await assert.rejects(gone, TypeError);
  const reader = stream.getReader();
  const one = reader.read();
  controller.byobRequest.view.set([1, 2]);
  controller.byobRequest.respond(2);
  const two = reader.read();
  controller.enqueue(new Uint8Array([3]));
  assert.deepEqual([list(await one), list(await two)], [[1, 2], [3]]);
});

test('the buffer made for a read that the queue answers swallows nothing later', async () => {
  let controller;
  const stream = new ReadableStream({
    type: 'bytes',
    autoAllocateChunkSize: 4,
    start(c) { controller = c; },
  });
  await turn();
  const first = stream.getReader({ mode: 'byob' });
  const gone = first.read(new Uint8Array(8), { min: 4 });
  controller.byobRequest.view.set([1]);
  controller.byobRequest.respond(1);
  first.releaseLock();
  await assert.rejects(gone, TypeError);
  const reader = stream.getReader();
  const one = reader.read();
  controller.enqueue(new Uint8Array([2]));
  assert.deepEqual(list(await one), [1]);
  assert.equal(controller.byobRequest, null);
  assert.deepEqual(list(await reader.read()), [2]);
});

test('a branch that was errored after its buffer was filled stays errored', async () => {
  const error = new Error('late');
  let controller;
  let pulls = 0;
  const stream = new ReadableStream({
    type: 'bytes',
    start(c) {
      controller = c;
      c.enqueue(new Uint8Array([1, 2]));
    },
    pull() {
      if (++pulls === 1) controller.error(error);
    },
  }, { highWaterMark: 1 });
  const [a, b] = stream.tee();
  const reader = a.getReader({ mode: 'byob' });
  await assert.rejects(reader.read(new Uint8Array(4)), error);
  await assert.rejects(b.getReader().read(), error);
});
