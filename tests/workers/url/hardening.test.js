// Tenants may patch the language; the platform must not notice. Everything here is undone before the next test.
import { equal } from '../check.js';

function withPatches(action) {
  const patches = [
    [Array.prototype, 'push'], [Array.prototype, 'splice'], [Array.prototype, 'slice'], [Array.prototype, 'indexOf'], [Array.prototype, Symbol.iterator],
    [String.prototype, 'slice'], [String.prototype, 'indexOf'], [String.prototype, 'split'], [String.prototype, 'replaceAll'],
    [String.prototype, 'charCodeAt'], [RegExp.prototype, 'exec'], [RegExp.prototype, 'test'], [Map.prototype, 'get'], [Map.prototype, 'set'],
    [Object.prototype, 'hasOwnProperty'], [Function.prototype, 'call'], [Function.prototype, 'apply'], [Function.prototype, 'bind'],
    [Object, 'defineProperty'], [Reflect, 'apply'], [globalThis, 'decodeURIComponent'], [globalThis, 'encodeURIComponent'],
  ];
  const define = Object.defineProperty;
  const originals = patches.map(([object, key]) => Object.getOwnPropertyDescriptor(object, key));
  let calls = 0;
  const { length } = patches;
  for (let i = 0; i < length; i++) {
    define(patches[i][0], patches[i][1], { value: () => { calls++; }, configurable: true, writable: true });
  }
  try {
    action();
  } finally {
    for (let i = 0; i < length; i++) define(patches[i][0], patches[i][1], originals[i]);
  }
  equal(calls, 0);
}

export const urls_do_not_use_patched_functions = {
  test() {
    let url, got, text;
    withPatches(() => {
      url = new URL('https://a.example/b?c=%20d&e=f');
      got = url.searchParams.get('c');
      url.searchParams.append('g', 'h!');
      url.searchParams.set('e', 'é');
      url.searchParams.delete('c');
      text = url.href;
    });
    equal([got, text], [' d', 'https://a.example/b?e=%C3%A9&g=h%21']);
  },
};

export const text_and_base64_do_not_use_patched_functions = {
  test() {
    let results;
    const bytes = new Uint8Array([0xe2, 0x82, 0xac]);
    withPatches(() => {
      const decoder = new TextDecoder();
      results = { text: decoder.decode(bytes.subarray(0, 2), { stream: true }) + decoder.decode(bytes.subarray(2)), size: new TextEncoder().encode('€').length, base64: btoa(atob('YQ==')) };
    });
    equal(results, { text: '€', size: 3, base64: 'YQ==' });
  },
};

export const events_do_not_use_patched_functions = {
  test() {
    let count = 0;
    withPatches(() => {
      const target = new EventTarget();
      const controller = new AbortController();
      const listener = () => { count++; };
      target.addEventListener('x', listener, { signal: controller.signal });
      target.addEventListener('x', { handleEvent: listener }, { once: true });
      target.dispatchEvent(new Event('x'));
      controller.abort();
      target.dispatchEvent(new Event('x'));
      controller.signal.addEventListener('abort', listener);
      structuredClone({ a: [1] });
    });
    equal(count, 2);
  },
};

export const the_console_does_not_use_patched_functions = {
  test() {
    withPatches(() => {
      console.log('%s', { a: [1, new Map(), 'x'] }, new Error('logged on purpose'));
    });
  },
};
