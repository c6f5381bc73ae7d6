// The borders between the streams tenants hold and the states they stand for; see
// readable_shell.js.

// The WritableState of a WritableStream, or undefined if `value` is none.
export let writableStateOf;

// A new WritableStream for a WritableState.
export let wrapWritable;

export function setWritableShell(stateOf, wrap) {
  writableStateOf = stateOf;
  wrapWritable = wrap;
}
