import { equal } from '../check.js';

export const shared_memory_stays_shared = {
  test() {
    const shared = new SharedArrayBuffer(8);
    const copy = structuredClone({ a: new Uint8Array(shared), b: new Uint16Array(shared, 2), c: [shared, shared] });
    copy.b[0] = 0x0101;
    equal([...new Uint8Array(shared)], [0, 0, 1, 1, 0, 0, 0, 0]);
    equal([copy.a.length, copy.b.length, copy.c[0] === copy.c[1]], [8, 3, true]);
  },
};

export const blobs_and_headers_are_copied = {
  async test() {
    const blob = structuredClone(new Blob(['abc', 'def'], { type: 'text/plain' }));
    equal([blob instanceof Blob, blob.type, await blob.text()], [true, 'text/plain', 'abcdef']);
    equal(await structuredClone([new Blob(['abcdef']).slice(2, 4)])[0].text(), 'cd');
    const headers = structuredClone(new Headers([['a', '1'], ['set-cookie', 'x'], ['set-cookie', 'y']]));
    equal([headers.get('a'), headers.getSetCookie()], ['1', ['x', 'y']]);
    const request = structuredClone(new Request('https://example.com/', { method: 'DELETE', headers: { b: '2' } }));
    equal([request.url, request.method, request.headers.get('b')], ['https://example.com/', 'DELETE', '2']);
  },
};
