'use strict';
const {webValue} = require('atoll/platform');
const ReadableStream = webValue('ReadableStream');
module.exports = {
  ReadableStream,
  ReadableStreamDefaultReader: webValue('ReadableStreamDefaultReader'),
  ReadableStreamBYOBReader: webValue('ReadableStreamBYOBReader'),
  ReadableByteStreamController: webValue('ReadableByteStreamController'),
  ReadableStreamDefaultController: webValue('ReadableStreamDefaultController'),
  isReadableStream: (value) => value instanceof ReadableStream,
  isReadableByteStreamController: (value) => value instanceof webValue('ReadableByteStreamController'),
};
