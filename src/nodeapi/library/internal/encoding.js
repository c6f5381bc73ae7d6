'use strict';
const {webValue} = require('atoll/platform');
const TextDecoder = webValue('TextDecoder');
const TextEncoder = webValue('TextEncoder');
let decoder;
module.exports = {
  TextDecoder,
  TextEncoder,
  encodeInto: (text, target) => new TextEncoder().encodeInto(text, target),
  encodeUtf8String: (text) => new TextEncoder().encode(text),
  getUtf8Decoder: () => decoder ??= new TextDecoder(),
};
