// Corners of transform streams for which the standard has no steps: the transformer has been
// dismissed already.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { streams } from './under_test.mjs';

const { TransformStream } = streams;
const turn = () => new Promise(setImmediate);

test('a write while the readable side is being cancelled fails when that is over', async () => {
  const reason = new Error('enough');
  let finish;
  const { readable, writable } = new TransformStream({
    cancel: () => new Promise((resolve) => { finish = resolve; }),
  });
  const writer = writable.getWriter();
  writer.closed.catch(() => {});
  await turn();
  const cancelled = readable.cancel(reason);
  const written = writer.write('late');
  written.catch(() => {});
  await turn();
  finish();
  await cancelled;
  await assert.rejects(written, reason);
});

test('an abort after the transform has errored does not call cancel()', async () => {
  const error = new Error('transform');
  let controller;
  const { writable } = new TransformStream({
    start(c) { controller = c; },
    cancel() { assert.fail('cancel() was called'); },
  });
  const aborted = writable.abort(new Error('abort'));
  controller.error(error);
  await assert.rejects(aborted, error);
});
