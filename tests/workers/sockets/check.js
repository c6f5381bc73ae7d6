// What tests of sockets say beside ../check.js.
export { equal } from '../check.js';

export function ok(value, text = 'a check failed') {
  if (!value) throw new Error(text);
}

// Whatever the error is.
export async function fails(action) {
  try {
    await action();
  } catch {
    return;
  }
  throw new Error('expected an error');
}
