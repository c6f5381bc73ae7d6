// Shared memory within one Worker: structuredClone passes it on, wherever in the value it lies.
import { strictEqual, throws } from 'node:assert';

export const a_view_keeps_its_memory = {
  test() {
    const view = new Uint8Array(new SharedArrayBuffer(4));
    const { inside: [copy, again] } = structuredClone({ inside: [view, new Uint16Array(view.buffer)] });
    view[0] = 7;
    strictEqual(copy[0], 7);
    again[0] = 0x0101;
    strictEqual(view[1], 1);
  },
};

export const it_cannot_be_transferred = {
  test() {
    const view = new Uint8Array(new SharedArrayBuffer(4));
    throws(() => structuredClone(view, { transfer: [view.buffer] }), (error) => error instanceof Error);
  },
};
