// Cloudflare's crypto.DigestStream: a WritableStream whose result is the digest of all bytes
// written.
import {
  BigInt, Error, PromisePrototypeThen, PromiseWithResolvers, SymbolDispose, TypeError,
  TypedArrayPrototypeGetByteLength,
} from '../internal/primordials.js';
import {defineInterface, isBufferSource, requireArguments} from '../internal/webidl.js';
import {bytesOf} from '../internal/bytes.js';
import {encodeUtf8} from '../internal/utf8.js';
import {WritableStream} from '../streams/index.js';
import {writableStateOf} from '../streams/writable_shell.js';
import {streamAlgorithm} from './digest_algorithms.js';

export class DigestStream extends WritableStream {
  #digest = PromiseWithResolvers();
  #written = 0;

  constructor(algorithm) {
    requireArguments(arguments.length, 1, 'DigestStream');
    const number = streamAlgorithm(algorithm);
    const state = natives.digestBegin(number);
    let self;
    super({
      __proto__: null,
      write(chunk) {
        if (typeof chunk === 'string') chunk = encodeUtf8(chunk);
        if (!isBufferSource(chunk)) {
          const error = new TypeError(
              'DigestStream is a byte stream but received an object of ' +
              'non-ArrayBuffer/ArrayBufferView/string type on its writable side.');
          self.#digest.reject(error);
          throw error;
        }
        const bytes = bytesOf(chunk);
        natives.digestUpdate(number, state, bytes);
        self.#written += TypedArrayPrototypeGetByteLength(bytes);
      },
      close() { self.#digest.resolve(natives.digestEnd(number, state)); },
      abort(reason) { self.#digest.reject(reason); },
    });
    self = this;
    PromisePrototypeThen(this.#digest.promise, undefined, () => {});  // not everybody asks
  }

  get digest() { return this.#digest.promise; }

  [SymbolDispose]() {
    const error = new Error('The DigestStream was disposed.');
    this.#digest.reject(error);
    writableStateOf(this).errorIfNeeded(error);
  }

  get bytesWritten() { return BigInt(this.#written); }
}
defineInterface(DigestStream, 'DigestStream');
