// Array buffers and the views upon them, read without touching anything tenants can patch.
import {
  ArrayBufferIsView, ArrayBufferPrototypeGetByteLength, ArrayBufferPrototypeGetDetached,
  ArrayBufferPrototypeGetResizable, ArrayBufferPrototypeTransfer,
  ArrayBufferPrototypeTransferToFixedLength, DataView,
  DataViewPrototypeGetBuffer, DataViewPrototypeGetByteLength, DataViewPrototypeGetByteOffset,
  TypeError, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeGetSymbolToStringTag, TypedArrayPrototypeSet,
  Uint8Array,
} from '../internal/primordials.js';

const kTypedArrays = {
  __proto__: null,
  Int8Array: globalThis.Int8Array,
  Uint8Array,
  Uint8ClampedArray: globalThis.Uint8ClampedArray,
  Int16Array: globalThis.Int16Array,
  Uint16Array: globalThis.Uint16Array,
  Int32Array: globalThis.Int32Array,
  Uint32Array: globalThis.Uint32Array,
  Float16Array: globalThis.Float16Array,
  Float32Array: globalThis.Float32Array,
  Float64Array: globalThis.Float64Array,
  BigInt64Array: globalThis.BigInt64Array,
  BigUint64Array: globalThis.BigUint64Array,
};

// The constructor a view was made by: one of the typed arrays', or DataView.
export function constructorOf(view) {
  const name = TypedArrayPrototypeGetSymbolToStringTag(view);
  return name === undefined ? DataView : kTypedArrays[name];
}

export function elementSizeOf(constructor) {
  return constructor === DataView ? 1 : constructor.BYTES_PER_ELEMENT;
}

const isTypedArray = (view) => TypedArrayPrototypeGetSymbolToStringTag(view) !== undefined;

export const bufferOf = (view) =>
  isTypedArray(view) ? TypedArrayPrototypeGetBuffer(view) : DataViewPrototypeGetBuffer(view);

// DataViews throw a TypeError when their buffer is detached; typed arrays then measure zero.
export const byteLengthOf = (view) => isTypedArray(view)
  ? TypedArrayPrototypeGetByteLength(view) : DataViewPrototypeGetByteLength(view);

export const byteOffsetOf = (view) => isTypedArray(view)
  ? TypedArrayPrototypeGetByteOffset(view) : DataViewPrototypeGetByteOffset(view);

export const isDetached = (buffer) => ArrayBufferPrototypeGetDetached(buffer);

// A new buffer with the same memory; the old one is detached. Throws a TypeError where that is
// forbidden (a WebAssembly memory's buffer).
export const transferBuffer = (buffer) => ArrayBufferPrototypeTransfer(buffer);

// The same, and the new buffer cannot be resized.
export const transferToFixed = (buffer) => ArrayBufferPrototypeTransferToFixedLength(buffer);

// Web IDL's ArrayBufferView, which allows neither shared nor resizable memory. The second may
// change its size between a check and a use.
export function requireView(value) {
  requireViewOfAnySize(value);
  // Throws a TypeError of its own for a SharedArrayBuffer.
  if (ArrayBufferPrototypeGetResizable(bufferOf(value))) {
    throw new TypeError('A view of a resizable ArrayBuffer cannot be used with a stream.');
  }
}

// The same with resizable memory, for those who take it over at its size (transferToFixed()) or
// measure it anew for each use.
export function requireViewOfAnySize(value) {
  if (!ArrayBufferIsView(value)) {
    throw new TypeError('Expected an ArrayBufferView (a typed array or a DataView).');
  }
  // Throws a TypeError of its own for a SharedArrayBuffer.
  ArrayBufferPrototypeGetByteLength(bufferOf(value));
}

// The bytes of an ArrayBuffer or a view as a Uint8Array on the same memory, or undefined if
// `value` is neither.
export function asBytes(value) {
  if (ArrayBufferIsView(value)) {
    if (TypedArrayPrototypeGetSymbolToStringTag(value) === 'Uint8Array') return value;
    return new Uint8Array(bufferOf(value), byteOffsetOf(value), byteLengthOf(value));
  }
  try {
    ArrayBufferPrototypeGetByteLength(value);
  } catch {
    return undefined;
  }
  return new Uint8Array(value);
}

export function copyBytes(target, targetOffset, source, sourceOffset, count) {
  TypedArrayPrototypeSet(
      new Uint8Array(target, targetOffset, count), new Uint8Array(source, sourceOffset, count));
}

// A Uint8Array on memory of its own with the bytes of `view`.
export function cloneBytes(view) {
  const length = byteLengthOf(view);
  const clone = new Uint8Array(length);
  TypedArrayPrototypeSet(clone, new Uint8Array(bufferOf(view), byteOffsetOf(view), length));
  return clone;
}

// Cuts a Uint8Array without consulting its (patchable) species.
export const bytesBetween = (bytes, start, end) => new Uint8Array(
    TypedArrayPrototypeGetBuffer(bytes),
    TypedArrayPrototypeGetByteOffset(bytes) + start, end - start);
