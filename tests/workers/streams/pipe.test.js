import { bytes, encode, equal, isPending, ok, readAll, rejects, throws } from './check.js';

const collect = (into, extra = {}) =>
  new WritableStream({ write(chunk) { into.push(chunk); }, ...extra });

export const a_pipe_moves_all_and_closes = {
  async test() {
    const seen = [];
    let closed = false;
    const source = ReadableStream.from([1, 2, 3]);
    const destination = collect(seen, { close() { closed = true; } });
    const pipe = source.pipeTo(destination);
    equal([source.locked, destination.locked], [true, true]);
    equal(await pipe, undefined);
    equal([seen, closed, source.locked, destination.locked], [[1, 2, 3], true, false, false]);
  },
};

export const prevent_close_leaves_the_destination_open = {
  async test() {
    const seen = [];
    const destination = collect(seen);
    await ReadableStream.from([1]).pipeTo(destination, { preventClose: true });
    await ReadableStream.from([2]).pipeTo(destination);
    equal(seen, [1, 2]);
  },
};

export const an_error_of_the_source_aborts = {
  async test() {
    const reason = new Error('source');
    let aborted;
    const source = new ReadableStream({ pull() { throw reason; } });
    await rejects(source.pipeTo(new WritableStream({ abort(why) { aborted = why; } })), reason);
    ok(aborted === reason, 'the destination hears why');

    const destination = new WritableStream();
    const failing = new ReadableStream({ pull() { throw reason; } });
    await rejects(failing.pipeTo(destination, { preventAbort: true }), reason);
    await destination.getWriter().write('still works');
  },
};

export const an_error_of_the_destination_cancels = {
  async test() {
    const reason = new Error('destination');
    let cancelled;
    const source = new ReadableStream({
      pull(controller) { controller.enqueue(1); },
      cancel(why) { cancelled = why; },
    });
    await rejects(source.pipeTo(new WritableStream({ write() { throw reason; } })), reason);
    ok(cancelled === reason, 'the source hears why');
  },
};

export const prevent_cancel_leaves_the_source = {
  async test() {
    const reason = new Error('destination');
    let cancelled = false;
    const source = new ReadableStream({
      pull(controller) { controller.enqueue(1); },
      cancel() { cancelled = true; },
    });
    const destination = new WritableStream({ write() { throw reason; } });
    await rejects(source.pipeTo(destination, { preventCancel: true }), reason);
    equal([cancelled, source.locked], [false, false]);
    equal((await source.getReader().read()).value, 1);
  },
};

export const a_signal_stops_a_pipe = {
  async test() {
    const controller = new AbortController();
    let cancelled;
    let aborted;
    const source = new ReadableStream({
      async pull(c) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        c.enqueue('x');
      },
      cancel(why) { cancelled = why; },
    });
    const destination = new WritableStream({ abort(why) { aborted = why; } });
    const pipe = source.pipeTo(destination, { signal: controller.signal });
    const reason = new Error('user');
    await new Promise((resolve) => setTimeout(resolve, 1));
    controller.abort(reason);
    await rejects(pipe, reason);
    equal([cancelled === reason, aborted === reason], [true, true]);
  },
};

export const an_aborted_signal_stops_before_the_first_chunk = {
  async test() {
    const seen = [];
    const signal = AbortSignal.abort();
    await rejects(ReadableStream.from([1]).pipeTo(collect(seen), { signal }), 'AbortError');
    equal(seen, []);
    await rejects(ReadableStream.from([1]).pipeTo(collect(seen), { signal: {} }), 'TypeError');
  },
};

export const a_slow_destination_holds_the_source_back = {
  async test() {
    let pulled = 0;
    const source = new ReadableStream(
        { pull(controller) { controller.enqueue(pulled++); } }, { highWaterMark: 0 });
    const destination = new WritableStream(
        { write: () => new Promise(() => {}) }, { highWaterMark: 2 });
    source.pipeTo(destination).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 5));
    ok(pulled <= 3, `pulled ${pulled}`);
    equal(source.locked, true);
  },
};

export const pipe_through_hands_the_readable_on = {
  async test() {
    const upper = new TransformStream({
      transform(chunk, controller) { controller.enqueue(chunk.toUpperCase()); },
    });
    const result = ReadableStream.from(['a', 'b']).pipeThrough(upper);
    ok(result === upper.readable, 'the same stream');
    equal(await readAll(result), ['A', 'B']);
    throws(() => new ReadableStream().pipeThrough({}), 'TypeError');
    const pair = { readable: new ReadableStream(), writable: 1 };
    throws(() => new ReadableStream().pipeThrough(pair), 'TypeError');
    await rejects(new ReadableStream().pipeTo({}), 'TypeError');
  },
};

export const bodies_are_piped = {
  async test() {
    const seen = [];
    await new Response('some bytes').body.pipeTo(collect(seen));
    equal(new TextDecoder().decode(seen[0]), 'some bytes');
    const { readable, writable } = new IdentityTransformStream();
    const pipe = new Response('through').body.pipeTo(writable);
    equal(await new Response(readable).text(), 'through');
    await pipe;
  },
};

export const tee_gives_both_everything = {
  async test() {
    const [a, b] = ReadableStream.from([1, 2, 3]).tee();
    equal(await Promise.all([readAll(a), readAll(b)]), [[1, 2, 3], [1, 2, 3]]);
  },
};

export const tee_shares_chunks_but_not_bytes = {
  async test() {
    const object = {};
    const [a, b] = ReadableStream.from([object]).tee();
    ok((await a.getReader().read()).value === object, 'the first gets the object');
    ok((await b.getReader().read()).value === object, 'the second gets the object');

    const stream = new ReadableStream({
      type: 'bytes',
      start(controller) {
        controller.enqueue(bytes(1, 2));
        controller.close();
      },
    });
    const [c, d] = stream.tee();
    const mine = (await c.getReader().read()).value;
    mine[0] = 99;
    equal((await d.getReader({ mode: 'byob' }).read(new Uint8Array(4))).value, bytes(1, 2));
  },
};

export const tee_passes_errors_on = {
  async test() {
    const reason = new Error('broken');
    let controller;
    const [a, b] = new ReadableStream({ start(c) { controller = c; } }).tee();
    const reads = [a.getReader().read(), b.getReader().read()];
    controller.error(reason);
    await rejects(reads[0], reason);
    await rejects(reads[1], reason);
  },
};

export const tee_cancels_when_both_do = {
  async test() {
    let cancelled = false;
    const [a, b] = new ReadableStream({ cancel() { cancelled = true; } }).tee();
    const first = a.cancel('one');
    await new Promise((resolve) => setTimeout(resolve, 1));
    equal(cancelled, false);
    await Promise.all([first, b.cancel('two')]);
    equal(cancelled, true);
  },
};

export const bodies_must_be_bytes = {
  async test() {
    const error = await rejects(new Response(ReadableStream.from(['text'])).text(), 'TypeError');
    equal(error.message, 'This ReadableStream did not return bytes.');
    const chunks = [encode('a'), encode('b').buffer, new DataView(encode('c').buffer)];
    equal(await new Response(ReadableStream.from(chunks)).text(), 'abc');
  },
};

export const a_body_reads_a_slow_stream = {
  async test() {
    let count = 0;
    const stream = new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (count++ < 3) controller.enqueue(encode(`${count}`));
        else controller.close();
      },
    });
    equal(await new Response(stream).text(), '123');
  },
};

export const a_reader_of_a_body_waits = {
  async test() {
    const { readable, writable } = new TransformStream();
    const text = new Response(readable).text();
    ok(await isPending(text), 'nothing has been written');
    const writer = writable.getWriter();
    await writer.write(encode('now'));
    await writer.close();
    equal(await text, 'now');
  },
};
