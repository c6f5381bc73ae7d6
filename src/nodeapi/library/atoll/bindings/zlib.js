'use strict';
// Handles as Node's lib/zlib.js uses them, over codecs in C++. The work of write() is done in a microtask, so that its callback comes later.
const {
  DataViewPrototypeGetByteLength, Error, ReflectApply, TypeError, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetSymbolToStringTag,
} = primordials;
const {nativeBinding} = require('atoll/platform');
const {genericNodeError} = require('internal/errors');

const native = nativeBinding('zlib');

const kBrotliDecode = 8;  // modes below are zlib's
const kZstdCompress = 10;

// Offsets become numbers before sizes are read: making a number of an object can run a script that changes the buffer.
function checkBounds(input, inputOffset, inputLength, output, outputOffset, outputLength) {
  if (inputOffset + inputLength > sizeOf(input)) throw new Error('Input access is not within bounds');
  if (outputOffset + outputLength > sizeOf(output)) throw new Error('Output access is not within bounds');
}

function sizeOf(view) {
  if (view === undefined || view === null) return 0;
  return TypedArrayPrototypeGetSymbolToStringTag(view) !== undefined ? TypedArrayPrototypeGetByteLength(view) : DataViewPrototypeGetByteLength(view);
}

// Scripts get at handles (`stream._handle`), so what reaches the codecs is fixed here: only #codec, which native.open… made.
class Handle {
  #mode;
  #codec;
  #state;
  #processed;
  #isBusy = false;
  #closes = false;

  constructor(mode) { this.#mode = mode; }

  // Node gives each kind its own arguments.
  init(a, b, c, d, e, f, g, h) {
    let codec;
    if (this.#mode < kBrotliDecode) {
      codec = native.openZlib(this.#mode, a, b, c, d, g, h);
      this.#state = e;
      this.#processed = f;
    } else if (this.#mode < kZstdCompress) {
      codec = native.openBrotli(this.#mode, a, d);
      this.#state = b;
      this.#processed = c;
    } else {
      codec = native.openZstd(this.#mode, a, b, e);
      this.#state = c;
      this.#processed = d;
    }
    if (codec === undefined) {
      throw genericNodeError('Initialization failed', {code: 'ERR_ZLIB_INITIALIZATION_FAILED', errno: -1});
    }
    this.#codec = codec;
  }

  // The name that Workers have for it.
  initialize(...args) { ReflectApply(this.init, this, args); }

  #fail(error) {
    const {0: message, 1: number, 2: code} = error;
    const isZstd = this.#mode >= kZstdCompress;
    const attempt = this.#mode === kZstdCompress ? 'Zstd compression failed' : 'Zstd decompression failed';
    this.onerror(isZstd ? `${attempt}: ${message}` : message, number, code);
  }

  writeSync(flush, input, inputOffset, inputLength, output, outputOffset, outputLength) {
    inputOffset >>>= 0;
    inputLength >>>= 0;
    outputOffset >>>= 0;
    outputLength >>>= 0;
    checkBounds(input, inputOffset, inputLength, output, outputOffset, outputLength);
    const error = native.write(
        this.#codec, flush, input, inputOffset, inputLength, output, outputOffset, outputLength, this.#state);
    if (error !== undefined) this.#fail(error);
  }

  write(flush, input, inputOffset, inputLength, output, outputOffset, outputLength) {
    inputOffset >>>= 0;
    inputLength >>>= 0;
    outputOffset >>>= 0;
    outputLength >>>= 0;
    checkBounds(input, inputOffset, inputLength, output, outputOffset, outputLength);
    this.#isBusy = true;
    process.nextTick(() => {
      this.#isBusy = false;
      if (this.#closes) {
        native.close(this.#codec);
        return;
      }
      const error = native.write(
          this.#codec, flush, input, inputOffset, inputLength, output, outputOffset, outputLength, this.#state);
      if (error !== undefined) this.#fail(error);
      else ReflectApply(this.#processed, this, []);
    });
  }

  reset() {
    const error = native.reset(this.#codec);
    if (error !== undefined) this.#fail(error);
  }

  params(level, strategy) {
    const error = native.setParams(this.#codec, level, strategy);
    if (error !== undefined) this.#fail(error);
  }

  close() {
    if (this.#isBusy) this.#closes = true;
    else native.close(this.#codec);
  }

  getAsyncId() { return 0; }
}

exports.Zlib = class Zlib extends Handle {
  constructor(mode) {
    if (!(mode >= 1 && mode < kBrotliDecode)) throw new TypeError('Invalid zlib mode');
    super(mode);
  }
};
exports.BrotliDecoder = class BrotliDecoder extends Handle {};
exports.BrotliEncoder = class BrotliEncoder extends Handle {};
exports.ZstdCompress = class ZstdCompress extends Handle {
  constructor() { super(kZstdCompress); }
};
exports.ZstdDecompress = class ZstdDecompress extends Handle {
  constructor() { super(kZstdCompress + 1); }
};

exports.crc32 = native.crc32;
