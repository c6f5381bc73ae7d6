'use strict';
const {webValue} = require('atoll/platform');
const {PromisePrototypeThen} = primordials;

function writableStreamDefaultWriterWriteWithRequest(writer, chunk, request) {
  request.pending++;
  PromisePrototypeThen(writer.write(chunk), () => request.resolve(), (error) => request.reject(error));
}

const WritableStream = webValue('WritableStream');
module.exports = {
  writableStreamDefaultWriterWriteWithRequest,
  WritableStream,
  WritableStreamDefaultWriter: webValue('WritableStreamDefaultWriter'),
  WritableStreamDefaultController: webValue('WritableStreamDefaultController'),
  isWritableStream: (value) => value instanceof WritableStream,
};
