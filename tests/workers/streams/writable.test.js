import { equal, isPending, ok, rejects, throws } from './check.js';

export const chunks_are_written_one_after_the_other = {
  async test() {
    const log = [];
    const stream = new WritableStream({
      start() { log.push('start'); },
      async write(chunk) {
        log.push(`write ${chunk}`);
        await Promise.resolve();
        log.push(`written ${chunk}`);
      },
      close() { log.push('close'); },
    });
    const writer = stream.getWriter();
    writer.write(1);
    writer.write(2);
    await writer.close();
    equal(log, ['start', 'write 1', 'written 1', 'write 2', 'written 2', 'close']);
    await writer.closed;
    await rejects(writer.write(3), 'TypeError');
  },
};

export const ready_tells_of_room = {
  async test() {
    let finish;
    const stream = new WritableStream(
        { write: () => new Promise((resolve) => { finish = resolve; }) }, { highWaterMark: 1 });
    const writer = stream.getWriter();
    await writer.ready;
    equal(writer.desiredSize, 1);
    const write = writer.write('x');
    equal(writer.desiredSize, 0);
    ok(await isPending(writer.ready), 'no room while the write is under way');
    finish();
    await write;
    await writer.ready;
    equal(writer.desiredSize, 1);
  },
};

export const a_failed_write_errors_the_stream = {
  async test() {
    const reason = new Error('disk full');
    const writer = new WritableStream({ write() { throw reason; } }).getWriter();
    await rejects(writer.write(1), reason);
    await rejects(writer.closed, reason);
    await rejects(writer.write(2), reason);
    equal(writer.desiredSize, null);
  },
};

export const abort_drops_what_is_queued = {
  async test() {
    const reason = new Error('stop');
    let seen;
    const written = [];
    const stream = new WritableStream({
      async write(chunk) {
        written.push(chunk);
        await new Promise((resolve) => setTimeout(resolve, 5));
      },
      abort(why) { seen = why; },
    });
    const writer = stream.getWriter();
    await writer.ready;
    await new Promise((resolve) => setTimeout(resolve, 1));
    const [first, second] = [writer.write(1), writer.write(2)];
    second.catch(() => {});
    writer.closed.catch(() => {});
    await writer.abort(reason);
    await first;
    await rejects(second, reason);
    equal(written, [1]);
    ok(seen === reason, 'the sink hears why');
  },
};

export const the_signal_interrupts_a_write = {
  async test() {
    const reason = new Error('stop');
    const stream = new WritableStream({
      write(chunk, controller) {
        return new Promise((resolve, reject) => {
          controller.signal.addEventListener('abort', () => reject(controller.signal.reason));
        });
      },
    });
    const writer = stream.getWriter();
    await new Promise((resolve) => setTimeout(resolve, 1));
    const write = writer.write('x');
    write.catch(() => {});
    writer.closed.catch(() => {});
    await writer.abort(reason).catch(() => {});
    await rejects(write, reason);
  },
};

export const the_controller_can_give_up = {
  async test() {
    const reason = new Error('gone');
    let controller;
    const writer = new WritableStream({ start(c) { controller = c; } }).getWriter();
    controller.error(reason);
    await rejects(writer.closed, reason);
    await rejects(writer.write(1), reason);
  },
};

export const the_lock_excludes_others = {
  async test() {
    const stream = new WritableStream();
    const writer = stream.getWriter();
    equal(stream.locked, true);
    throws(() => stream.getWriter(), 'TypeError');
    await rejects(stream.close(), 'TypeError');
    await rejects(stream.abort(), 'TypeError');
    writer.releaseLock();
    equal(stream.locked, false);
    await rejects(writer.write(1), 'TypeError');
    throws(() => writer.desiredSize, 'TypeError');
    await stream.close();
  },
};

export const close_fails_as_the_sink_does = {
  async test() {
    const reason = new Error('flush');
    const writer = new WritableStream({ close() { throw reason; } }).getWriter();
    writer.closed.catch(() => {});
    await rejects(writer.close(), reason);
    await rejects(writer.write(1), reason);
  },
};

export const arguments_are_checked = {
  test() {
    throws(() => new WritableStream({ write: 1 }), 'TypeError');
    throws(() => new WritableStreamDefaultWriter({}), 'TypeError');
    throws(() => new WritableStreamDefaultController(), 'TypeError');
    throws(() => WritableStream.prototype.getWriter.call({}), 'TypeError');
  },
};

export const a_start_that_throws_errors_the_stream = {
  async test() {
    const reason = new Error('start');
    const start = () => { throw reason; };
    await rejects(new WritableStream({ start }).getWriter().write('x'), reason);
  },
};

export const a_sink_without_start_is_written_to_at_once = {
  test() {
    const log = [];
    const writer = new WritableStream({ write(chunk) { log.push(chunk); } }).getWriter();
    writer.write('x');
    equal(log, ['x']);
  },
};
