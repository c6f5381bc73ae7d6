import { equal, throws } from '../check.js';

function make() {
  return new DOMException('boom', 'AbortError');
}

export const it_is_an_error_with_a_stack = {
  test() {
    const error = make();
    equal([error.name, error.message, error.code, `${error}`], ['AbortError', 'boom', 20, 'AbortError: boom']);
    equal([error instanceof Error, Object.prototype.toString.call(error)], [true, '[object DOMException]']);
    equal([error.stack.startsWith('AbortError: boom\n'), error.stack.includes('make')], [true, true]);
  },
};

export const codes_are_the_legacy_ones = {
  test() {
    equal([DOMException.DATA_CLONE_ERR, new DOMException('', 'DataCloneError').code, new DOMException('', 'Other').code], [25, 25, 0]);
    equal([new DOMException().name, new DOMException().message], ['Error', '']);
  },
};

export const it_survives_structured_clone = {
  test() {
    const copy = structuredClone({ error: make() }).error;
    equal([copy instanceof DOMException, copy.name, copy.message], [true, 'AbortError', 'boom']);
  },
};

export const what_has_no_copy_is_refused = {
  test() {
    throws(() => structuredClone(() => {}), 'DataCloneError');
    throws(() => structuredClone(new URL('http://a/')), 'DataCloneError');
    throws(() => structuredClone({ symbol: Symbol('x') }), 'DataCloneError');
  },
};

export const values_are_copied_deeply = {
  test() {
    const value = { date: new Date(5), map: new Map([[1, { a: [1, , 3] }]]), set: new Set(['x']), bytes: new Uint8Array([1, 2]), big: 10n };
    value.self = value;
    const copy = structuredClone(value);
    equal([copy.self === copy, copy.date.getTime(), copy.map.get(1).a.length, copy.set.has('x'), [...copy.bytes], copy.big === 10n],
          [true, 5, 3, true, [1, 2], true]);
  },
};

export const array_buffers_can_be_transferred = {
  test() {
    const buffer = new Uint8Array([7]).buffer;
    const copy = structuredClone({ buffer }, { transfer: [buffer] });
    equal([buffer.byteLength, buffer.detached, new Uint8Array(copy.buffer)[0]], [0, true, 7]);
    throws(() => structuredClone(0, { transfer: [buffer] }), 'DataCloneError');
    const twice = new ArrayBuffer(1);
    throws(() => structuredClone(0, { transfer: [twice, twice] }), 'DataCloneError');
  },
};
