// What the tests of this folder say of values and errors.
export function equal(actual, expected, what = 'value') {
  const [a, b] = [show(actual), show(expected)];
  if (a !== b) throw new Error(`${what}: expected ${b}, got ${a}`);
}

function show(value) {
  return JSON.stringify(value, (key, item) => {
    if (item === undefined) return '[undefined]';
    if (ArrayBuffer.isView(item)) {
      const bytes = new Uint8Array(item.buffer, item.byteOffset, item.byteLength);
      return `${item.constructor.name}(${Array.from(bytes)})`;
    }
    return item;
  });
}

export function ok(value, what) {
  if (!value) throw new Error(what);
}

// `expected` is the name of an error's class, or the very value that must be thrown.
function isExpected(error, expected, what) {
  if (typeof expected === 'string' ? error?.name === expected : error === expected) return error;
  throw new Error(`${what}: failed with ${error?.name ?? error}: ${error?.message}`);
}

export function throws(action, expected, what = 'the call') {
  try {
    action();
  } catch (error) {
    return isExpected(error, expected, what);
  }
  throw new Error(`${what} did not throw`);
}

export async function rejects(promise, expected, what = 'the promise') {
  try {
    await promise;
  } catch (error) {
    return isExpected(error, expected, what);
  }
  throw new Error(`${what} did not reject`);
}

// Whether a promise is still pending after everything that is due has run.
export async function isPending(promise) {
  const mark = {};
  const later = new Promise((resolve) => setTimeout(() => resolve(mark), 5));
  return (await Promise.race([promise.catch(() => {}), later])) === mark;
}

export const bytes = (...values) => new Uint8Array(values);
export const encode = (text) => new TextEncoder().encode(text);
export const decode = (view) => new TextDecoder().decode(view);

export async function readAll(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}
