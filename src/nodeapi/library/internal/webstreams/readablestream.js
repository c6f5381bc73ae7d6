'use strict';
const {webValue} = require('atoll/platform');
const {PromisePrototypeThen, Symbol} = primordials;
const kChunk = Symbol('kChunk');
const kClose = Symbol('kClose');
const kError = Symbol('kError');

function readableStreamDefaultReaderRead(reader, request) {
  PromisePrototypeThen(
      reader.read(),
      ({done, value}) => done ? request[kClose]() : request[kChunk](value),
      (error) => request[kError](error));
}

const ReadableStream = webValue('ReadableStream');
module.exports = {
  kChunk,
  kClose,
  kError,
  readableStreamDefaultReaderRead,
  ReadableStream,
  ReadableStreamDefaultReader: webValue('ReadableStreamDefaultReader'),
  ReadableStreamBYOBReader: webValue('ReadableStreamBYOBReader'),
  ReadableByteStreamController: webValue('ReadableByteStreamController'),
  ReadableStreamDefaultController: webValue('ReadableStreamDefaultController'),
  isReadableStream: (value) => value instanceof ReadableStream,
  isReadableByteStreamController: (value) => value instanceof webValue('ReadableByteStreamController'),
};
