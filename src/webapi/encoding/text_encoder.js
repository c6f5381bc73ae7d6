// https://encoding.spec.whatwg.org/#interface-textencoder
import {
  TypedArrayPrototypeGetSymbolToStringTag, TypeError, Uint32Array,
} from '../internal/primordials.js';
import {
  defineInterface, illegalInvocation, requireArguments, toDOMString,
} from '../internal/webidl.js';

let counts;  // where C++ leaves what encodeInto() read and wrote

export class TextEncoder {
  #branded = true;

  get encoding() {
    if (!(#branded in this)) illegalInvocation();
    return 'utf-8';
  }

  encode(input = '') {
    if (!(#branded in this)) illegalInvocation();
    return natives.utf8Encode(typeof input === 'string' ? input : `${input}`);
  }

  encodeInto(source, destination) {
    if (!(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 2, 'TextEncoder.encodeInto');
    source = toDOMString(source);
    if (TypedArrayPrototypeGetSymbolToStringTag(destination) !== 'Uint8Array') {
      throw new TypeError('TextEncoder.encodeInto: the destination is not a Uint8Array.');
    }
    natives.utf8EncodeInto(source, destination, counts ??= new Uint32Array(2));
    return {read: counts[0], written: counts[1]};
  }
}
defineInterface(TextEncoder, 'TextEncoder');
