'use strict';
// Streams of the operating system, of which there are none.
class WriteWrap {}
class ShutdownWrap {}
module.exports = {
  WriteWrap, ShutdownWrap, LibuvStreamWrap: class LibuvStreamWrap {}, kReadBytesOrError: 0, kArrayBufferOffset: 1, kBytesWritten: 2,
  kLastWriteWasAsync: 3, streamBaseState: new primordials.Int32Array(5),
};
