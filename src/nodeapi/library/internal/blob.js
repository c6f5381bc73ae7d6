'use strict';
const {webValue} = require('atoll/platform');
const Blob = webValue('Blob');
module.exports = {
  Blob,
  isBlob: (value) => value instanceof Blob,
  resolveObjectURL: () => undefined,
  createBlob: (source, length, type = '') => new Blob(source, {type}),
  kHandle: primordials.Symbol('kHandle'),
};
