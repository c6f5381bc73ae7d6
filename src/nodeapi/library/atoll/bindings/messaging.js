'use strict';
const {webValue} = require('atoll/platform');
module.exports = {
  structuredClone: webValue('structuredClone'),
  setDeserializerCreateObjectFunction() {},
  exposeLazyDOMExceptionProperty() {},
};
