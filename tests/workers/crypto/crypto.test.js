import { equal, rejects, throws } from '../check.js';

let atStart = [];
for (const use of [() => crypto.randomUUID(), () => crypto.getRandomValues(new Uint8Array(1))]) {
  try {
    use();
    atStart.push('allowed');
  } catch (error) {
    atStart.push(error.message.startsWith('Disallowed operation called within global scope'));
  }
}

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const abc = new TextEncoder().encode('abc');

export const randomness_is_refused_in_global_scope = {
  test() {
    equal(atStart, [true, true]);
  },
};

export const random_values_fill_integer_views = {
  test() {
    const array = new Uint32Array(16);
    equal(crypto.getRandomValues(array) === array, true);
    equal(new Set(array).size > 8, true);
    const part = new Uint8Array(8).subarray(2, 4);
    crypto.getRandomValues(part);
    equal([...new Uint8Array(part.buffer, 4)], [0, 0, 0, 0]);
    throws(() => crypto.getRandomValues(new Float32Array(1)), 'TypeMismatchError');
    throws(() => crypto.getRandomValues(new DataView(new ArrayBuffer(1))), 'TypeMismatchError');
    throws(() => crypto.getRandomValues(new Uint8Array(65537)), 'QuotaExceededError');
    throws(() => crypto.getRandomValues({}), 'TypeError');
  },
};

export const uuids_are_version_4 = {
  test() {
    const uuid = crypto.randomUUID();
    equal([/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid), uuid === crypto.randomUUID()], [true, false]);
  },
};

export const digests_match_the_published_ones = {
  async test() {
    equal(hex(await crypto.subtle.digest('SHA-1', abc)), 'a9993e364706816aba3e25717850c26c9cd0d89d');
    equal(hex(await crypto.subtle.digest({ name: 'sha-256' }, abc.buffer)), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    equal(hex(await crypto.subtle.digest('SHA-384', abc)).slice(0, 32), 'cb00753f45a35e8bb5a03d699ac65007');
    equal(hex(await crypto.subtle.digest('SHA-512', new Uint8Array(0))).slice(0, 32), 'cf83e1357eefb8bdf1542850d66d8007');
    equal(hex(await crypto.subtle.digest('MD5', abc)), '900150983cd24fb0d6963f7d28e17f72');
    await rejects(crypto.subtle.digest('SHA-3', abc), 'NotSupportedError');
    await rejects(crypto.subtle.digest('SHA-1', 'text'), 'TypeError');
  },
};

export const timing_safe_equal_compares_bytes = {
  test() {
    equal([crypto.subtle.timingSafeEqual(abc, abc.slice()), crypto.subtle.timingSafeEqual(abc, new Uint8Array(3)),
           crypto.subtle.timingSafeEqual(new ArrayBuffer(0), new Uint8Array(0))], [true, false, true]);
    throws(() => crypto.subtle.timingSafeEqual(abc, new Uint8Array(2)), 'TypeError', 'same byte length');
    throws(() => crypto.subtle.timingSafeEqual('a', 'a'), 'TypeError');
  },
};

export const a_digest_stream_digests_what_is_written = {
  async test() {
    const stream = new crypto.DigestStream('SHA-256');
    equal(stream instanceof WritableStream, true);
    const writer = stream.getWriter();
    await writer.write(abc.subarray(0, 1));
    await writer.write(abc.buffer.slice(1));
    await writer.close();
    equal(hex(await stream.digest), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    equal(`${stream.bytesWritten}`, '3');
  },
};

export const a_body_can_be_digested = {
  async test() {
    const stream = new crypto.DigestStream('MD5');
    await new Response('abc').body.pipeTo(stream);
    equal(hex(await stream.digest), '900150983cd24fb0d6963f7d28e17f72');
  },
};

export const an_aborted_digest_rejects = {
  async test() {
    const stream = new crypto.DigestStream('SHA-1');
    await stream.abort(new RangeError('given up'));
    await rejects(stream.digest, 'RangeError', 'given up');
    throws(() => new crypto.DigestStream('nonsense'), 'NotSupportedError');
  },
};

export const the_navigator_names_the_platform = {
  test() {
    equal([navigator.userAgent, navigator.hardwareConcurrency, navigator.language], ['Cloudflare-Workers', 1, 'en']);
  },
};

// Long enough, and enough at once, that an implementation may compute them together.
export const digestsOfManyLongTextsAtOnce = {
  async test() {
    const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const texts = Array.from({ length: 5 }, (_, i) => new Uint8Array(200_000 + i * 77).fill(i + 1));
    const expected = [];
    for (const text of texts) {
      const stream = new crypto.DigestStream('SHA-256');
      const writer = stream.getWriter();
      await writer.write(text);
      await writer.close();
      expected.push(hex(await stream.digest));
    }
    const digests = texts.map((text) => crypto.subtle.digest('SHA-256', text));
    for (const text of texts) text.fill(0);  // what was asked for is a digest of what they were
    equal((await Promise.all(digests)).map(hex), expected);
    equal(hex(await crypto.subtle.digest('SHA-256', new Uint8Array(200_000).fill(1))), expected[0]);
  },
};
