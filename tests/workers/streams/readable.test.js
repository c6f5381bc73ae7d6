import { equal, isPending, ok, readAll, rejects, throws } from './check.js';

const counting = (limit, strategy) => {
  let count = 0;
  return new ReadableStream({
    pull(controller) {
      if (count === limit) controller.close();
      else controller.enqueue(count++);
    },
  }, strategy);
};

export const chunks_come_in_order_and_then_the_end = {
  async test() {
    const reader = counting(3).getReader();
    for (let i = 0; i < 3; i++) equal(await reader.read(), { value: i, done: false });
    equal((await reader.read()).done, true);
    equal((await reader.read()).done, true, 'after the end');
    await reader.closed;
  },
};

export const pull_is_called_only_for_what_the_queue_takes = {
  async test() {
    let pulls = 0;
    const stream = new ReadableStream({
      pull(controller) {
        pulls++;
        controller.enqueue('x');
      },
    }, { highWaterMark: 3 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    equal(pulls, 3);
    equal((await stream.getReader().read()).value, 'x');
  },
};

export const no_pull_without_demand_at_a_mark_of_zero = {
  async test() {
    let pulls = 0;
    const stream = new ReadableStream({
      pull(controller) {
        pulls++;
        controller.enqueue(1);
      },
    }, { highWaterMark: 0 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    equal(pulls, 0);
    await stream.getReader().read();
    equal(pulls, 1);
  },
};

export const a_strategy_measures_chunks = {
  async test() {
    let controller;
    const stream = new ReadableStream({ start(c) { controller = c; } },
                                      new ByteLengthQueuingStrategy({ highWaterMark: 10 }));
    equal(controller.desiredSize, 10);
    controller.enqueue(new Uint8Array(4));
    equal(controller.desiredSize, 6);
    controller.enqueue(new ArrayBuffer(9));
    equal(controller.desiredSize, -3);
    const reader = stream.getReader();
    await reader.read();
    equal(controller.desiredSize, 1);
    controller.error(new Error('x'));
    equal(controller.desiredSize, null);
  },
};

export const strategies_show_their_parts = {
  test() {
    const count = new CountQueuingStrategy({ highWaterMark: 7 });
    const length = new ByteLengthQueuingStrategy({ highWaterMark: 8 });
    equal([count.highWaterMark, count.size({})], [7, 1]);
    equal([length.highWaterMark, length.size(new Uint8Array(3))], [8, 3]);
    equal(count.size, new CountQueuingStrategy({ highWaterMark: 1 }).size);
    throws(() => new CountQueuingStrategy(), 'TypeError');
  },
};

export const the_lock_excludes_others = {
  async test() {
    const stream = counting(2);
    const reader = stream.getReader();
    equal(stream.locked, true);
    throws(() => stream.getReader(), 'TypeError');
    throws(() => stream.tee(), 'TypeError');
    await rejects(stream.cancel(), 'TypeError');
    await rejects(stream.pipeTo(new WritableStream()), 'TypeError');
    reader.releaseLock();
    equal(stream.locked, false);
    await rejects(reader.read(), 'TypeError');
    await rejects(reader.closed, 'TypeError');
    equal(await readAll(stream), [0, 1]);
  },
};

export const a_release_rejects_the_reads_that_wait = {
  async test() {
    let controller;
    const stream = new ReadableStream({ start(c) { controller = c; } });
    const first = stream.getReader();
    const read = first.read();
    first.releaseLock();
    await rejects(read, 'TypeError');
    controller.enqueue('kept');
    equal(await stream.getReader().read(), { value: 'kept', done: false });
  },
};

export const an_error_reaches_reads_and_the_closed_promise = {
  async test() {
    const reason = new Error('broken');
    let controller;
    const stream = new ReadableStream({ start(c) { controller = c; } });
    const reader = stream.getReader();
    const read = reader.read();
    controller.error(reason);
    await rejects(read, reason);
    await rejects(reader.read(), reason);
    await rejects(reader.closed, reason);
    throws(() => controller.enqueue(1), 'TypeError');
  },
};

export const an_error_drops_what_was_queued = {
  async test() {
    const reason = new Error('broken');
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(1);
        controller.error(reason);
      },
    });
    await rejects(stream.getReader().read(), reason);
  },
};

export const pull_that_rejects_errors_the_stream = {
  async test() {
    const reason = new Error('pull');
    for (const pull of [() => { throw reason; }, () => Promise.reject(reason)]) {
      await rejects(new ReadableStream({ pull }).getReader().read(), reason);
    }
  },
};

export const close_lets_the_queue_be_read = {
  async test() {
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue('a');
        controller.enqueue('b');
        controller.close();
        throws(() => controller.enqueue('c'), 'TypeError');
        throws(() => controller.close(), 'TypeError');
      },
    });
    equal(await readAll(stream), ['a', 'b']);
  },
};

export const cancel_tells_the_source_why = {
  async test() {
    const reason = new Error('enough');
    let seen;
    const stream = new ReadableStream({ cancel(why) { seen = why; } });
    const reader = stream.getReader();
    const read = reader.read();
    equal(await reader.cancel(reason), undefined);
    ok(seen === reason, 'the reason');
    equal((await read).done, true);
    await rejects(new ReadableStream({ cancel() { throw reason; } }).cancel(), reason);
  },
};

export const iteration_ends_the_stream = {
  async test() {
    equal(await readAll(counting(4)), [0, 1, 2, 3]);
    let cancelled = false;
    const stream = new ReadableStream({
      pull(controller) { controller.enqueue(1); },
      cancel() { cancelled = true; },
    });
    for await (const chunk of stream) {
      equal(chunk, 1);
      break;
    }
    ok(cancelled, 'leaving the loop cancels');
    equal(stream.locked, false);
  },
};

export const iteration_can_leave_the_stream_alone = {
  async test() {
    const stream = counting(3);
    for await (const chunk of stream.values({ preventCancel: true })) {
      equal(chunk, 0);
      break;
    }
    equal(await readAll(stream), [1, 2]);
  },
};

export const streams_are_made_from_iterables = {
  async test() {
    equal(await readAll(ReadableStream.from(['a', 'b'])), ['a', 'b']);
    equal(await readAll(ReadableStream.from(new Set([1, 2]))), [1, 2]);
    async function* generate() {
      yield 1;
      yield 2;
    }
    equal(await readAll(ReadableStream.from(generate())), [1, 2]);
    throws(() => ReadableStream.from(5), 'TypeError');
    throws(() => ReadableStream.from(null), 'TypeError');
  },
};

export const a_generator_is_closed_by_cancel = {
  async test() {
    let finished = false;
    async function* generate() {
      try {
        for (;;) yield 1;
      } finally {
        finished = true;
      }
    }
    const reader = ReadableStream.from(generate()).getReader();
    await reader.read();
    await reader.cancel();
    ok(finished, 'finally has run');
  },
};

export const arguments_are_checked = {
  test() {
    throws(() => new ReadableStream({ pull: 1 }), 'TypeError');
    throws(() => new ReadableStream({ type: 'text' }), 'TypeError');
    throws(() => new ReadableStream().getReader({ mode: 'fast' }), 'TypeError');
    throws(() => new ReadableStream().getReader({ mode: 'byob' }), 'TypeError');
    throws(() => new ReadableStreamDefaultReader({}), 'TypeError');
    throws(() => new ReadableStreamDefaultController(), 'TypeError');
    throws(() => ReadableStream.prototype.getReader.call({}), 'TypeError');
  },
};

export const a_read_waits_for_a_chunk = {
  async test() {
    let controller;
    const reader = new ReadableStream({ start(c) { controller = c; } }).getReader();
    const [first, second] = [reader.read(), reader.read()];
    ok(await isPending(first), 'the read waits');
    controller.enqueue('one');
    controller.enqueue('two');
    equal([(await first).value, (await second).value], ['one', 'two']);
  },
};

export const cancelling_one_branch_waits_for_nothing = {
  async test() {
    let cancelled;
    const make = (type) => new ReadableStream({
      type,
      pull(controller) { controller.enqueue(new Uint8Array([1])); },
      cancel(reason) { cancelled = reason; },
    });
    for (const type of [undefined, 'bytes']) {
      cancelled = undefined;
      const [first, second] = make(type).tee();
      await first.cancel('a');
      equal(cancelled, undefined);
      const reader = second.getReader();
      equal((await reader.read()).value[0], 1);
      await reader.cancel('b');
      ok(cancelled !== undefined, 'the source is cancelled');
    }
  },
};

export const an_expected_length_goes_with_the_body = {
  async test(ctrl, env) {
    const source = () => ({
      expectedLength: 5,
      start(controller) {
        controller.enqueue(new TextEncoder().encode('hello'));
        controller.close();
      },
    });
    const request = { method: 'POST', body: new ReadableStream(source()) };
    const answer = await env.SELF.fetch('http://x/', request);
    equal(await answer.text(), '5 hello');
    const transform = new TransformStream({ expectedLength: 5 });
    new ReadableStream(source()).pipeTo(transform.writable);
    const again = await env.SELF.fetch('http://x/', { method: 'POST', body: transform.readable });
    equal(await again.text(), '5 hello');
  },
};

export default {
  async fetch(request) {
    return new Response(`${request.headers.get('content-length')} ${await request.text()}`);
  },
};

export const a_start_that_throws_errors_the_stream = {
  async test() {
    const reason = new Error('start');
    const start = () => { throw reason; };
    await rejects(new ReadableStream({ start }).getReader().read(), reason);
    await rejects(new ReadableStream({ type: 'bytes', start }).getReader().read(), reason);
  },
};

export const the_size_of_a_chunk_is_asked_for_though_a_read_waits = {
  async test() {
    const sizes = [];
    let controller;
    const stream = new ReadableStream({ start(c) { controller = c; } }, {
      highWaterMark: 1,
      size(chunk) {
        sizes.push(chunk);
        return 1;
      },
    });
    const read = stream.getReader().read();
    controller.enqueue('x');
    equal([(await read).value, sizes], ['x', ['x']]);
  },
};
