import { bytes, decode, encode, equal, ok, readAll, rejects, throws } from './check.js';

const byteStream = (source) => new ReadableStream({ type: 'bytes', ...source });

export const a_read_fills_the_buffer_it_is_given = {
  async test() {
    const stream = byteStream({
      pull(controller) {
        const { view } = controller.byobRequest;
        view[0] = 7;
        view[1] = 8;
        controller.byobRequest.respond(2);
      },
    });
    const reader = stream.getReader({ mode: 'byob' });
    const mine = new Uint8Array(4);
    const { value, done } = await reader.read(mine);
    equal([value, done, value.buffer.byteLength], [bytes(7, 8), false, 4]);
    equal(mine.byteLength, 0, 'the buffer has been taken over');
  },
};

export const the_view_keeps_its_kind_and_place = {
  async test() {
    const stream = byteStream({
      pull(controller) { controller.enqueue(bytes(1, 2, 3, 4, 5, 6, 7, 8)); },
    });
    const reader = stream.getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint16Array(new ArrayBuffer(12), 4, 3));
    equal([value.constructor.name, value.length], ['Uint16Array', 3]);
    equal([value.byteOffset, value.buffer.byteLength], [4, 12]);
    const view = (await reader.read(new DataView(new ArrayBuffer(4), 2))).value;
    equal([view.constructor.name, view.byteLength], ['DataView', 2]);
    equal([view.getUint8(0), view.getUint8(1)], [7, 8]);
  },
};

export const what_does_not_fit_waits_for_the_next_read = {
  async test() {
    const stream = byteStream({
      start(controller) {
        controller.enqueue(bytes(1, 2, 3, 4, 5));
        controller.close();
      },
    });
    const reader = stream.getReader({ mode: 'byob' });
    equal((await reader.read(new Uint8Array(3))).value, bytes(1, 2, 3));
    equal((await reader.read(new Uint8Array(3))).value, bytes(4, 5));
    const end = await reader.read(new Uint8Array(3));
    equal([end.done, end.value.byteLength, end.value.buffer.byteLength], [true, 0, 3]);
  },
};

export const min_waits_for_enough = {
  async test() {
    let controller;
    const reader = byteStream({ start(c) { controller = c; } }).getReader({ mode: 'byob' });
    const read = reader.read(new Uint8Array(8), { min: 5 });
    controller.enqueue(bytes(1, 2, 3));
    controller.enqueue(bytes(4, 5, 6));
    equal((await read).value, bytes(1, 2, 3, 4, 5, 6));
    await rejects(reader.read(new Uint8Array(2), { min: 0 }), 'TypeError');
  },
};

export const read_at_least_gives_what_is_left_at_the_end = {
  async test() {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const reader = readable.getReader({ mode: 'byob' });
    const first = reader.readAtLeast(4, new Uint8Array(8));
    writer.write(bytes(1, 2, 3));
    writer.write(bytes(4, 5));
    equal(await first, { value: bytes(1, 2, 3, 4, 5), done: false });
    const second = reader.readAtLeast(4, new Uint8Array(8));
    writer.write(bytes(6));
    writer.close();
    equal(await second, { value: bytes(6), done: false });
    equal((await reader.readAtLeast(4, new Uint8Array(8))).done, true);
  },
};

export const a_source_can_respond_with_a_view_of_its_own = {
  async test() {
    const stream = byteStream({
      pull(controller) {
        const { view } = controller.byobRequest;
        const moved = new Uint8Array(view.buffer.transfer(), view.byteOffset, 2);
        moved.set([5, 6]);
        controller.byobRequest.respondWithNewView(moved);
      },
    });
    const reader = stream.getReader({ mode: 'byob' });
    equal((await reader.read(new Uint8Array(4))).value, bytes(5, 6));
  },
};

export const responses_are_checked = {
  async test() {
    let request;
    const stream = byteStream({
      pull(controller) {
        request = controller.byobRequest;
        throws(() => request.respond(0), 'TypeError');
        throws(() => request.respond(5), 'RangeError');
        throws(() => request.respondWithNewView(new Uint8Array(9)), 'RangeError');
        throws(() => request.respondWithNewView({}), 'TypeError');
        request.respond(1);
      },
    });
    await stream.getReader({ mode: 'byob' }).read(new Uint8Array(4));
    equal(request.view, null);
    throws(() => request.respond(1), 'TypeError');
  },
};

export const buffers_are_made_where_the_source_asks = {
  async test() {
    const stream = byteStream({
      autoAllocateChunkSize: 16,
      pull(controller) {
        const { view } = controller.byobRequest;
        equal(view.byteLength, 16);
        view[0] = 9;
        controller.byobRequest.respond(1);
      },
    });
    equal((await stream.getReader().read()).value, bytes(9));
    throws(() => byteStream({ autoAllocateChunkSize: 0 }), 'TypeError');
  },
};

export const enqueue_takes_the_memory_over = {
  async test() {
    const chunk = encode('abc');
    const stream = byteStream({
      start(controller) {
        controller.enqueue(chunk);
        controller.close();
      },
    });
    equal(chunk.byteLength, 0);
    equal((await readAll(stream)).map(decode), ['abc']);
  },
};

export const chunks_must_be_views_with_bytes = {
  async test() {
    byteStream({
      start(controller) {
        throws(() => controller.enqueue('text'), 'TypeError');
        throws(() => controller.enqueue(new ArrayBuffer(1)), 'TypeError');
        throws(() => controller.enqueue(new Uint8Array(0)), 'TypeError');
      },
    });
    const reader = byteStream({}).getReader({ mode: 'byob' });
    await rejects(reader.read(), 'TypeError');
    await rejects(reader.read({}), 'TypeError');
    await rejects(reader.read(new Uint8Array(0)), 'TypeError');
    const gone = new Uint8Array(1);
    gone.buffer.transfer();
    await rejects(reader.read(gone), 'TypeError');
  },
};

export const a_cancelled_read_keeps_the_buffer = {
  async test() {
    const reader = byteStream({}).getReader({ mode: 'byob' });
    const read = reader.read(new Uint8Array(4));
    await reader.cancel();
    ok((await read).done, 'the read ends');
  },
};

export const the_end_gives_the_buffer_back = {
  async test() {
    const stream = byteStream({
      pull(controller) {
        controller.close();
        controller.byobRequest.respond(0);
      },
    });
    const end = await stream.getReader({ mode: 'byob' }).read(bytes(1, 2, 3));
    equal([end.done, end.value.byteLength, end.value.buffer.byteLength], [true, 0, 3]);
  },
};

export const request_bodies_take_byob_readers = {
  async test() {
    const reader = new Response('hello').body.getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint8Array(3));
    equal(decode(value), 'hel');
    equal(decode((await reader.read(new Uint8Array(3))).value), 'lo');
    ok((await reader.read(new Uint8Array(3))).done, 'the end');
  },
};
