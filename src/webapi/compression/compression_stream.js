// https://compression.spec.whatwg.org
import { TypeError } from '../internal/primordials.js';
import { defineInterface, requireArguments, toDOMString } from '../internal/webidl.js';
import { kInternal, TransformStream } from '../streams/internal.js';
import { Transcoding } from './transcoding.js';

function toFormat(value) {
  const format = toDOMString(value);
  if (format === 'gzip') return 0;
  if (format === 'deflate') return 1;
  if (format === 'deflate-raw') return 2;
  throw new TypeError("The compression format must be either 'deflate', 'deflate-raw' or 'gzip'.");
}

export class CompressionStream extends TransformStream {
  constructor(format) {
    requireArguments(arguments.length, 1, 'CompressionStream');
    super(kInternal, new Transcoding(toFormat(format), false));
  }
}
defineInterface(CompressionStream, 'CompressionStream');

export class DecompressionStream extends TransformStream {
  constructor(format) {
    requireArguments(arguments.length, 1, 'DecompressionStream');
    super(kInternal, new Transcoding(toFormat(format), true));
  }
}
defineInterface(DecompressionStream, 'DecompressionStream');
