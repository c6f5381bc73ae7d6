'use strict';
const {webValue} = require('atoll/platform');
module.exports = {
  DOMException: webValue('DOMException'),
  QuotaExceededError: webValue('QuotaExceededError'),
  structuredClone: webValue('structuredClone'),
  setDeserializerCreateObjectFunction() {},
  exposeLazyDOMExceptionProperty() {},
};
