'use strict';
const {webValue} = require('atoll/platform');
const WritableStream = webValue('WritableStream');
module.exports = {
  WritableStream,
  WritableStreamDefaultWriter: webValue('WritableStreamDefaultWriter'),
  WritableStreamDefaultController: webValue('WritableStreamDefaultController'),
  isWritableStream: (value) => value instanceof WritableStream,
};
