// Streams over native sources and what other built-ins do with streams, under Node.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { streams } from './under_test.mjs';

const { createNativeByteStream, isDisturbed, isLocked, readAllBytes, ReadableStream } = streams;

const bytes = (string) => new TextEncoder().encode(string);
const string = (view) => new TextDecoder().decode(view);

// A source of these chunks; `later` makes it answer with promises.
function sourceOf(chunks, later = false) {
  const source = {
    reads: 0,
    cancelled: undefined,
    read() {
      source.reads++;
      const chunk = chunks.length === 0 ? null : chunks.shift();
      if (chunk instanceof Error) return Promise.reject(chunk);
      const result = chunk === null ? null : bytes(chunk);
      return later ? new Promise((resolve) => setImmediate(resolve, result)) : result;
    },
    cancel(reason) {
      source.cancelled = reason;
    },
  };
  return source;
}

async function textOf(stream) {
  let all = '';
  for await (const chunk of stream) all += string(chunk);
  return all;
}

for (const later of [false, true]) {
  const when = later ? 'a source that answers later' : 'a source that answers at once';

  test(`${when} is read on demand only`, async () => {
    const source = sourceOf(['a', 'b'], later);
    const reader = createNativeByteStream(source).getReader();
    await new Promise(setImmediate);
    assert.equal(source.reads, 0);
    assert.equal(string((await reader.read()).value), 'a');
    await new Promise(setImmediate);
    assert.equal(source.reads, 1);
    assert.equal(string((await reader.read()).value), 'b');
    assert.equal((await reader.read()).done, true);
    await reader.closed;
  });

  test(`${when} serves several reads in order`, async () => {
    const reader = createNativeByteStream(sourceOf(['a', 'b', 'c'], later)).getReader();
    const results = await Promise.all([reader.read(), reader.read(), reader.read(), reader.read()]);
    const seen = results.map(({ value, done }) => done || string(value));
    assert.deepEqual(seen, ['a', 'b', 'c', true]);
  });

  test(`${when} fills buffers and keeps what is left`, async () => {
    const stream = createNativeByteStream(sourceOf(['hello', '!'], later));
    const reader = stream.getReader({ mode: 'byob' });
    assert.equal(string((await reader.read(new Uint8Array(3))).value), 'hel');
    assert.equal(string((await reader.read(new Uint8Array(9), { min: 3 })).value), 'lo!');
    const end = await reader.read(new Uint8Array(4));
    assert.deepEqual([end.done, end.value.byteLength, end.value.buffer.byteLength], [true, 0, 4]);
  });

  test(`${when} is collected`, async () => {
    const stream = createNativeByteStream(sourceOf(['he', 'll', 'o'], later));
    assert.equal(string(await readAllBytes(stream)), 'hello');
    assert.deepEqual([isLocked(stream), isDisturbed(stream)], [true, true]);
  });

  test(`${when} is collected after somebody has read a part`, async () => {
    const stream = createNativeByteStream(sourceOf(['he', 'll', 'o'], later));
    const reader = stream.getReader();
    await reader.read();
    reader.releaseLock();
    assert.equal(string(await readAllBytes(stream)), 'llo');
  });

  test(`${when} is pumped`, async () => {
    const written = [];
    const sink = {
      async write(chunk) { written.push(string(chunk)); },
      close() { written.push('close'); },
      abort(reason) { written.push(reason); },
    };
    await streams.pumpToNative(createNativeByteStream(sourceOf(['a', 'b'], later)), sink);
    assert.deepEqual(written, ['a', 'b', 'close']);
  });
}

test('an error of the source is an error of the stream', async () => {
  const error = new Error('connection lost');
  const reader = createNativeByteStream(sourceOf(['a', error])).getReader();
  await reader.read();
  await assert.rejects(reader.read(), error);
  await assert.rejects(readAllBytes(createNativeByteStream(sourceOf(['a', error]))), error);
  const throwing = { read() { throw error; }, cancel() {} };
  await assert.rejects(readAllBytes(createNativeByteStream(throwing)), error);
});

test('a chunk that comes after its reader has gone is kept', async () => {
  const stream = createNativeByteStream(sourceOf(['kept', 'next'], true));
  const first = stream.getReader();
  const read = first.read();
  first.releaseLock();
  await assert.rejects(read, TypeError);
  assert.equal(await textOf(stream), 'keptnext');
});

test('an empty chunk answers nobody', async () => {
  const stream = createNativeByteStream(sourceOf(['', 'x', '']));
  assert.equal(await textOf(stream), 'x');
});

test('cancel reaches the source', async () => {
  const source = sourceOf(['a']);
  const reason = new Error('enough');
  await createNativeByteStream(source).cancel(reason);
  assert.equal(source.cancelled, reason);
});

test('the source can be taken out while nobody has touched the stream', () => {
  const source = sourceOf(['a']);
  const stream = createNativeByteStream(source);
  assert.equal(streams.untouchedSource(stream), source);
  assert.equal(streams.detachSource(stream), source);
  assert.deepEqual([isLocked(stream), isDisturbed(stream)], [true, true]);
  assert.equal(streams.untouchedSource(stream), undefined);
  assert.throws(() => stream.getReader(), TypeError);
});

test('a lock, even one given back, keeps the source in', async () => {
  const stream = createNativeByteStream(sourceOf(['a']));
  stream.getReader().releaseLock();
  assert.equal(streams.untouchedSource(stream), undefined);
  assert.throws(() => streams.detachSource(stream), TypeError);
  assert.equal(await textOf(stream), 'a');
  assert.equal(streams.untouchedSource(new ReadableStream()), undefined);
});

test('bytes become a stream', async () => {
  assert.equal(await textOf(streams.createReadableFromBytes(bytes('abc'))), 'abc');
  assert.equal(await textOf(streams.createReadableFromBytes(new Uint8Array(0))), '');
});

test('only bytes are collected, and copied where the script may still hold them', async () => {
  const chunk = bytes('ab');
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(chunk);
      controller.enqueue(chunk.buffer);
      controller.close();
    },
  });
  const all = readAllBytes(stream);
  chunk.fill(0);
  assert.equal(string(await all), 'abab');

  let reason;
  const texts = new ReadableStream({
    pull(controller) { controller.enqueue('text'); },
    cancel(why) { reason = why; },
  });
  const message = 'This ReadableStream did not return bytes.';
  await assert.rejects(readAllBytes(texts), { name: 'TypeError', message });
  assert.equal(reason?.message, message);
});

test('a pump waits for its sink and does not call pull() inside of enqueue()', async () => {
  const log = [];
  let controller;
  let inside = false;
  const stream = new ReadableStream({
    start(c) { controller = c; },
    pull() { assert.equal(inside, false); },
  }, { highWaterMark: 0 });
  let finish;
  const sink = {
    write(chunk) {
      log.push(string(chunk));
      return new Promise((resolve) => { finish = resolve; });
    },
    close() { log.push('close'); },
    abort() {},
  };
  const pumped = streams.pumpToNative(stream, sink);
  await new Promise(setImmediate);
  inside = true;
  controller.enqueue(bytes('1'));
  controller.enqueue(bytes('2'));
  inside = false;
  await new Promise(setImmediate);
  assert.deepEqual(log, ['1']);
  finish();
  await new Promise(setImmediate);
  assert.deepEqual(log, ['1', '2']);
  finish();
  controller.close();
  await pumped;
  assert.deepEqual(log, ['1', '2', 'close']);
});

test('a sink that fails cancels the stream', async () => {
  const error = new Error('client has gone');
  let cancelled, aborted;
  const stream = new ReadableStream({
    pull(controller) { controller.enqueue(bytes('x')); },
    cancel(reason) { cancelled = reason; },
  });
  const sink = { async write() { throw error; }, close() {}, abort(reason) { aborted = reason; } };
  await assert.rejects(streams.pumpToNative(stream, sink), error);
  assert.deepEqual([cancelled, aborted], [error, error]);
});

test('a stream that fails aborts the sink', async () => {
  const error = new Error('source');
  let aborted;
  const sink = { write() {}, close() {}, abort(reason) { aborted = reason; } };
  const failing = new ReadableStream({ pull() { throw error; } });
  await assert.rejects(streams.pumpToNative(failing, sink), error);
  assert.equal(aborted, error);
  await assert.rejects(streams.pumpToNative(ReadableStream.from(['text']), sink), TypeError);
});

test('a pump can be stopped while it waits', async () => {
  const reason = new Error('disconnected');
  let cancelled;
  const sink = { write() { assert.fail(); }, close() {}, abort() {} };
  const pump = streams.startPump(new ReadableStream({ cancel(why) { cancelled = why; } }), sink);
  pump.cancel(reason);
  await assert.rejects(pump.promise, reason);
  assert.equal(cancelled, reason);

  const source = sourceOf(['a'], true);
  const native = streams.startPump(createNativeByteStream(source), sink);
  native.cancel(reason);
  await assert.rejects(native.promise, reason);
  assert.equal(source.cancelled, reason);
  await new Promise(setImmediate);
});

test('a tee for a clone copies bytes', async () => {
  const [a, b] = streams.teeForClone(createNativeByteStream(sourceOf(['abc'])));
  const mine = (await a.getReader().read()).value;
  mine.fill(0);
  assert.equal(string((await b.getReader({ mode: 'byob' }).read(new Uint8Array(8))).value), 'abc');

  const [c, d] = streams.teeForClone(ReadableStream.from([bytes('abc')]));
  (await c.getReader().read()).value.fill(0);
  assert.equal(string((await d.getReader().read()).value), 'abc');
});

test('a fixed length is known, also of clones', () => {
  const { readable } = new streams.FixedLengthStream(12);
  assert.equal(streams.fixedLengthOf(readable), 12);
  assert.deepEqual(streams.teeForClone(readable).map(streams.fixedLengthOf), [12, 12]);
  assert.equal(streams.fixedLengthOf(new streams.IdentityTransformStream().readable), undefined);
});

test('a transform of ours can yield a byte stream', async () => {
  class Twice {
    transform(chunk, state) {
      state.enqueue(new Uint8Array(chunk));
      state.enqueue(new Uint8Array(chunk));
    }
    flush(state) { state.enqueue(bytes('.')); }
    cancel() {}
  }
  class TwiceStream extends streams.TransformStream {
    constructor() { super(streams.kInternal, streams.createTransform(new Twice(), true)); }
  }
  const { readable, writable } = new TwiceStream();
  const writer = writable.getWriter();
  writer.write(bytes('ab'));
  writer.close();
  const reader = readable.getReader({ mode: 'byob' });
  assert.equal(string((await reader.read(new Uint8Array(3))).value), 'ab');
  assert.equal(string((await reader.read(new Uint8Array(9), { min: 3 })).value), 'ab.');
  assert.equal((await reader.read(new Uint8Array(9))).done, true);
});

test('byte streams have a request for every read and answer it at the end', async () => {
  const source = () => ({
    type: 'bytes',
    pull(controller) {
      controller.byobRequest.view.set(bytes('hi'));
      controller.byobRequest.respond(2);
      controller.close();
    },
  });
  assert.equal(await textOf(new ReadableStream(source())), 'hi');
  const reader = new ReadableStream(source()).getReader({ mode: 'byob' });
  const reads = [reader.read(new Uint8Array(4)), reader.read(new Uint8Array(4))];
  const [first, second] = await Promise.all(reads);
  assert.deepEqual([string(first.value), second.done, second.value.byteLength], ['hi', true, 0]);
  const enqueuing = new ReadableStream({
    type: 'bytes',
    pull(controller) {
      controller.enqueue(bytes('hello'));
      controller.close();
    },
  });
  const atLeast = await enqueuing.getReader({ mode: 'byob' }).readAtLeast(9, new Uint8Array(9));
  assert.deepEqual([string(atLeast.value), atLeast.done], ['hello', false]);
});

test('without lenience default readers leave their source to enqueue', async () => {
  streams.behaviours.byobRequestForDefaultReaders = false;
  let seen;
  try {
    const stream = new ReadableStream({
      type: 'bytes',
      pull(controller) {
        seen = controller.byobRequest;
        controller.enqueue(bytes('x'));
        controller.close();
      },
    });
    assert.equal(await textOf(stream), 'x');
    assert.equal(seen, null);
  } finally {
    streams.behaviours.byobRequestForDefaultReaders = true;
  }
});
