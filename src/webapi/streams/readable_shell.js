// The borders between the streams tenants hold and the states they stand for. In a module of its
// own so that readers and controllers need not know the class ReadableStream.

// The ReadableState of a ReadableStream, or undefined if `value` is none.
export let readableStateOf;

// A new ReadableStream for a ReadableState.
export let wrapReadable;

export function setReadableShell(stateOf, wrap) {
  readableStateOf = stateOf;
  wrapReadable = wrap;
}
