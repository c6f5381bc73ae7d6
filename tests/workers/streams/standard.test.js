// Points of the Streams Standard in which the reference runtime differs; they are listed as known
// differences.
import { bytes, equal, ok, rejects, throws } from './check.js';

export const null_is_no_source = {
  test() {
    throws(() => new ReadableStream(null), 'TypeError');
    throws(() => new WritableStream(null), 'TypeError');
    throws(() => new TransformStream(null), 'TypeError');
  },
};

export const a_strategy_needs_its_mark = {
  test() {
    throws(() => new CountQueuingStrategy({}), 'TypeError');
    throws(() => new ByteLengthQueuingStrategy({}), 'TypeError');
  },
};

export const a_negative_mark_is_a_range_error = {
  test() {
    for (const highWaterMark of [-1, NaN, 'x']) {
      throws(() => new ReadableStream({}, { highWaterMark }), 'RangeError');
      throws(() => new WritableStream({}, { highWaterMark }), 'RangeError');
    }
  },
};

export const a_read_makes_room_for_a_pull = {
  async test() {
    let pulls = 0;
    const stream = new ReadableStream({
      pull(controller) {
        pulls++;
        controller.enqueue('x');
      },
    }, { highWaterMark: 3 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await stream.getReader().read();
    await new Promise((resolve) => setTimeout(resolve, 5));
    equal(pulls, 4);
  },
};

export const chunks_of_byte_streams_are_not_joined = {
  async test() {
    const stream = new ReadableStream({
      type: 'bytes',
      start(controller) {
        controller.enqueue(bytes(1));
        controller.enqueue(bytes(2));
      },
    });
    const reader = stream.getReader();
    equal([(await reader.read()).value, (await reader.read()).value], [bytes(1), bytes(2)]);
  },
};

export const a_cancelled_byob_read_has_no_view = {
  async test() {
    const reader = new ReadableStream({ type: 'bytes' }).getReader({ mode: 'byob' });
    const read = reader.read(new Uint8Array(4));
    await reader.cancel();
    equal(await read, { value: undefined, done: true });
  },
};

export const an_errored_writer_cannot_be_closed = {
  async test() {
    const reason = new Error('flush');
    const writer = new WritableStream({ close() { throw reason; } }).getWriter();
    writer.closed.catch(() => {});
    await rejects(writer.close(), reason);
    await rejects(writer.close(), 'TypeError');
  },
};

export const views_of_resizable_buffers_are_refused = {
  async test() {
    const view = new Uint8Array(new ArrayBuffer(4, { maxByteLength: 8 }));
    const stream = new ReadableStream({
      type: 'bytes',
      start(controller) {
        throws(() => controller.enqueue(view), 'TypeError');
      },
    });
    await rejects(stream.getReader({ mode: 'byob' }).read(view), 'TypeError');
  },
};

export const an_idle_pipe_hears_its_signal = {
  async test() {
    const controller = new AbortController();
    const pipe = new ReadableStream().pipeTo(new WritableStream(), { signal: controller.signal });
    const reason = new Error('user');
    setTimeout(() => controller.abort(reason), 1);
    await rejects(pipe, reason);
    ok(controller.signal.aborted, 'aborted');
  },
};
