import { bytes, encode, equal, isPending, ok, readAll, rejects, throws } from './check.js';

const from = (chunks) => ReadableStream.from(chunks);

export const a_transform_maps_chunks = {
  async test() {
    const double = new TransformStream({
      transform(chunk, controller) {
        controller.enqueue(chunk);
        controller.enqueue(chunk * 2);
      },
      flush(controller) { controller.enqueue('end'); },
    });
    equal(await readAll(from([1, 2]).pipeThrough(double)), [1, 2, 2, 4, 'end']);
  },
};

export const without_a_transformer_chunks_pass = {
  async test() {
    equal(await readAll(from(['a', { b: 1 }]).pipeThrough(new TransformStream())), ['a', { b: 1 }]);
  },
};

export const nothing_is_transformed_until_read = {
  async test() {
    const seen = [];
    const { readable, writable } = new TransformStream({
      transform(chunk, controller) {
        seen.push(chunk);
        controller.enqueue(chunk);
      },
    });
    const writer = writable.getWriter();
    const first = writer.write(1);
    ok(await isPending(first), 'the write waits for a reader');
    equal(seen, []);
    const reader = readable.getReader();
    equal((await reader.read()).value, 1);
    await first;
    equal(seen, [1]);
  },
};

export const an_error_goes_to_both_sides = {
  async test() {
    const reason = new Error('bad chunk');
    const { readable, writable } = new TransformStream({ transform() { throw reason; } });
    const writer = writable.getWriter();
    writer.closed.catch(() => {});
    const write = writer.write(1);
    write.catch(() => {});
    await rejects(readable.getReader().read(), reason);
    await rejects(write, reason);
    await rejects(writer.write(2), reason);
  },
};

export const terminate_ends_the_readable_side = {
  async test() {
    const firstOnly = new TransformStream({
      transform(chunk, controller) {
        controller.enqueue(chunk);
        controller.terminate();
      },
    });
    const writer = firstOnly.writable.getWriter();
    writer.write('kept').catch(() => {});
    writer.closed.catch(() => {});
    equal(await readAll(firstOnly.readable), ['kept']);
    await rejects(writer.write('refused'), 'TypeError');
  },
};

export const abort_and_cancel_cross_over = {
  async test() {
    const reason = new Error('stop');
    const first = new TransformStream();
    await first.writable.abort(reason);
    await rejects(first.readable.getReader().read(), reason);

    let cancelled;
    const second = new TransformStream({ cancel(why) { cancelled = why; } });
    await second.readable.cancel(reason);
    ok(cancelled === reason, 'the transformer hears why');
    await rejects(second.writable.getWriter().write(1), reason);
  },
};

export const arguments_are_checked = {
  test() {
    throws(() => new TransformStream({ transform: 1 }), 'TypeError');
    throws(() => new TransformStreamDefaultController(), 'TypeError');
    const readable = Object.getOwnPropertyDescriptor(TransformStream.prototype, 'readable').get;
    throws(() => readable.call({}), 'TypeError');
  },
};

export const identity_hands_bytes_from_write_to_read = {
  async test() {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const write = writer.write(encode('hello'));
    ok(await isPending(write), 'the write waits to be read');
    const reader = readable.getReader();
    equal((await reader.read()).value, encode('hello'));
    await write;
    await writer.close();
    ok((await reader.read()).done, 'the end');
  },
};

export const identity_takes_bytes_of_any_kind = {
  async test() {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const reader = readable.getReader();
    for (const chunk of [bytes(1, 2), bytes(1, 2).buffer, new DataView(bytes(1, 2).buffer)]) {
      writer.write(chunk);
      equal((await reader.read()).value, bytes(1, 2));
    }
    await writer.write(new Uint8Array(0));
    await rejects(writer.write({}), 'TypeError');
  },
};

export const identity_leaves_the_writer_its_memory = {
  async test() {
    const { readable, writable } = new IdentityTransformStream();
    const chunk = bytes(1, 2, 3);
    const write = writable.getWriter().write(chunk);
    const { value } = await readable.getReader().read();
    await write;
    chunk[0] = 99;
    equal([value, chunk.byteLength], [bytes(1, 2, 3), 3]);
  },
};

export const identity_serves_byob_readers = {
  async test() {
    const { readable, writable } = new IdentityTransformStream();
    const reader = readable.getReader({ mode: 'byob' });
    const write = writable.getWriter().write(encode('0123456789'));
    equal((await reader.read(new Uint8Array(4))).value, encode('0123'));
    ok(await isPending(write), 'the write waits for its last byte');
    equal((await reader.read(new Uint8Array(8))).value, encode('456789'));
    await write;
  },
};

export const identity_counts_bytes_against_its_mark = {
  async test() {
    const { readable, writable } = new IdentityTransformStream({ highWaterMark: 10 });
    const writer = writable.getWriter();
    equal(writer.desiredSize, 10);
    writer.write(new Uint8Array(4));
    equal(writer.desiredSize, 6);
    await writer.ready;
    writer.write(new Uint8Array(8));
    equal(writer.desiredSize, -2);
    ok(await isPending(writer.ready), 'too much is queued');
    const reader = readable.getReader();
    await reader.read();
    await writer.ready;
    equal(writer.desiredSize, 2);
  },
};

export const identity_without_a_mark_is_always_ready = {
  async test() {
    const writer = new IdentityTransformStream().writable.getWriter();
    writer.write(bytes(1)).catch(() => {});
    await writer.ready;
    equal(writer.desiredSize, 1);
  },
};

export const identity_cancel_reaches_the_write = {
  async test() {
    const reason = new Error('stop');
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    writer.closed.catch(() => {});
    const write = writer.write(bytes(1));
    write.catch(() => {});
    await readable.cancel(reason);
    equal((await rejects(write, 'Error')).message, 'stop');
  },
};

export const identity_abort_ends_the_write_at_once = {
  async test() {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    writer.closed.catch(() => {});
    const write = writer.write(bytes(1));
    write.catch(() => {});
    await writer.abort(new Error('stop'));
    equal((await rejects(write, 'Error')).message, 'stop');
    await rejects(readable.getReader().read(), 'Error');
  },
};

export const a_fixed_length_lets_exactly_that_pass = {
  async test() {
    const { readable, writable } = new FixedLengthStream(5);
    const writer = writable.getWriter();
    writer.write(encode('hel'));
    writer.write(encode('lo'));
    writer.close();
    equal(await new Response(readable).text(), 'hello');
    new FixedLengthStream(5n);
    throws(() => new FixedLengthStream(-1), 'TypeError');
    throws(() => new FixedLengthStream('many'), 'TypeError');
    throws(() => new FixedLengthStream(), 'TypeError');
  },
};

export const a_fixed_length_refuses_to_end_short = {
  async test() {
    const { readable, writable } = new FixedLengthStream(5);
    const writer = writable.getWriter();
    writer.closed.catch(() => {});
    const reader = readable.getReader();
    writer.write(encode('abc'));
    await reader.read();
    const read = reader.read();
    read.catch(() => {});
    writer.close().catch(() => {});
    equal((await rejects(read, 'TypeError')).message,
          'FixedLengthStream did not see all expected bytes before close().');
  },
};

export const a_fixed_length_refuses_more = {
  async test() {
    const { readable, writable } = new FixedLengthStream(2);
    const writer = writable.getWriter();
    writer.closed.catch(() => {});
    const read = readable.getReader().read();
    read.catch(() => {});
    writer.write(encode('abc')).catch(() => {});
    equal((await rejects(read, 'TypeError')).message,
          'Attempt to write too many bytes through a FixedLengthStream.');
  },
};

export const they_are_transform_streams = {
  test() {
    ok(new IdentityTransformStream() instanceof TransformStream, 'IdentityTransformStream');
    ok(new FixedLengthStream(1) instanceof IdentityTransformStream, 'FixedLengthStream');
  },
};

export const one_read_at_a_time_waits_for_an_identity_transform = {
  async test() {
    const { readable, writable } = new IdentityTransformStream();
    const reader = readable.getReader();
    const first = reader.read();
    await rejects(reader.read(), 'TypeError');
    writable.getWriter().write(encode('x'));
    equal((await first).value, encode('x'));
  },
};

export const bytes_can_be_read_into_resizable_memory = {
  async test() {
    const { readable, writable } = new IdentityTransformStream();
    writable.getWriter().write(encode('hello'));
    const view = new Uint8Array(new ArrayBuffer(3, { maxByteLength: 8 }));
    const { value } = await readable.getReader({ mode: 'byob' }).read(view);
    equal(value, encode('hel'));
  },
};
