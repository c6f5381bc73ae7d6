// CompressionStream and DecompressionStream.
import { equal, rejects, throws } from '../check.js';

const encode = (text) => new TextEncoder().encode(text);
const decode = (bytes) => new TextDecoder().decode(bytes);
const through = (data, transform) => new Response(new Blob([data]).stream().pipeThrough(transform));

async function writeAll(transform, ...chunks) {
  const writer = transform.writable.getWriter();
  for (const chunk of chunks) await writer.write(chunk);
  await writer.close();
}

export const each_format_comes_back = {
  async test() {
    const text = 'the quick brown fox '.repeat(500);
    for (const format of ['gzip', 'deflate', 'deflate-raw']) {
      const packed = await through(text, new CompressionStream(format)).bytes();
      equal(packed.length < text.length / 10, true);
      equal(await through(packed, new DecompressionStream(format)).text(), text);
    }
  },
};

export const other_formats_are_refused = {
  test() {
    for (const format of ['GZIP', 'zip', '']) {
      throws(() => new CompressionStream(format), 'TypeError');
      throws(() => new DecompressionStream(format), 'TypeError');
    }
    throws(() => new CompressionStream(), 'TypeError');
  },
};

export const writes_are_taken_in_before_anybody_reads = {
  async test() {
    const stream = new CompressionStream('gzip');
    await writeAll(stream, encode('hello '), encode('world'));
    const { value } = await stream.readable.getReader().read();
    equal(await through(value, new DecompressionStream('gzip')).text(), 'hello world');
  },
};

export const the_readable_side_takes_buffers = {
  async test() {
    const stream = new DecompressionStream('deflate');
    const packed = await through('0123456789', new CompressionStream('deflate')).bytes();
    writeAll(stream, packed);
    const reader = stream.readable.getReader({ mode: 'byob' });
    const first = await reader.read(new Uint8Array(4));
    equal(decode(first.value), '0123');
    const second = await reader.read(new Uint8Array(40));
    equal(decode(second.value), '456789');
    equal((await reader.read(new Uint8Array(4))).done, true);
  },
};

export const malformed_data_is_an_error = {
  async test() {
    await rejects(through('no compressed data', new DecompressionStream('gzip')).text(), 'TypeError');
  },
};

export const data_that_ends_early_is_an_error = {
  async test() {
    const packed = await through('some text', new CompressionStream('gzip')).bytes();
    for (const length of [0, 5, packed.length - 1]) {
      await rejects(through(packed.slice(0, length), new DecompressionStream('gzip')).text(), 'TypeError');
    }
  },
};

export const bytes_behind_the_end_are_an_error = {
  async test() {
    for (const format of ['gzip', 'deflate', 'deflate-raw']) {
      const packed = await through('some text', new CompressionStream(format)).bytes();
      await rejects(through(new Blob([packed, 'x']), new DecompressionStream(format)).text(), 'TypeError');
    }
  },
};

export const only_bytes_are_taken = {
  async test() {
    for (const chunk of [1, {}, [1, 2]]) {
      const stream = new CompressionStream('gzip');
      const writer = stream.writable.getWriter();
      writer.closed.catch(() => {});
      await rejects(writer.write(chunk), 'TypeError');
    }
  },
};

export const a_chunk_is_read_when_it_is_written = {
  async test() {
    const stream = new CompressionStream('gzip');
    const chunk = encode('before');
    const written = writeAll(stream, chunk);
    chunk.fill(0x21);
    await written;
    const text = await new Response(stream.readable.pipeThrough(new DecompressionStream('gzip'))).text();
    equal(text, 'before');
  },
};

export const many_megabytes_pass_in_pieces = {
  async test() {
    const piece = new Uint8Array(1 << 20);
    let left = 24;
    const source = new ReadableStream({
      pull(controller) {
        if (left-- > 0) controller.enqueue(piece.slice());
        else controller.close();
      },
    });
    let length = 0;
    for await (const chunk of source.pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip'))) {
      length += chunk.length;
    }
    equal(length, 24 << 20);
  },
};

export const abort_reaches_the_reader = {
  async test() {
    const stream = new CompressionStream('deflate');
    const read = stream.readable.getReader().read();
    stream.writable.getWriter().abort(new RangeError('enough'));
    await rejects(read, 'RangeError');
  },
};

export const the_classes_are_transform_streams = {
  test() {
    const stream = new CompressionStream('gzip');
    equal([stream.readable instanceof ReadableStream, stream.writable instanceof WritableStream], [true, true]);
    equal(stream instanceof TransformStream, true);
    equal(Object.prototype.toString.call(new DecompressionStream('gzip')), '[object DecompressionStream]');
  },
};
