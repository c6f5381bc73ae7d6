// Bytes out of the ArrayBuffers and views that scripts give.
import {
  ArrayBufferIsView, DataViewPrototypeGetBuffer, DataViewPrototypeGetByteLength,
  DataViewPrototypeGetByteOffset, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeGetSymbolToStringTag, TypedArrayPrototypeSet,
  Uint8Array,
} from './primordials.js';

// A plain Uint8Array over the same memory as an ArrayBuffer or view.
export function bytesOf(source) {
  if (!ArrayBufferIsView(source)) return new Uint8Array(source);
  if (TypedArrayPrototypeGetSymbolToStringTag(source) === undefined) {
    return new Uint8Array(DataViewPrototypeGetBuffer(source),
                          DataViewPrototypeGetByteOffset(source),
                          DataViewPrototypeGetByteLength(source));
  }
  return new Uint8Array(TypedArrayPrototypeGetBuffer(source),
                        TypedArrayPrototypeGetByteOffset(source),
                        TypedArrayPrototypeGetByteLength(source));
}

// A plain Uint8Array with an ArrayBuffer of its own, exactly as long.
export function copyOfBytes(source) {
  const bytes = bytesOf(source);
  const copy = new Uint8Array(TypedArrayPrototypeGetByteLength(bytes));
  TypedArrayPrototypeSet(copy, bytes);
  return copy;
}
