'use strict';
const {Symbol} = primordials;
const {webValue} = require('atoll/platform');
const nothing = () => {};
module.exports = {
  markTransferMode: nothing, setup: nothing, structuredClone: webValue('structuredClone'),
  kClone: Symbol('kClone'), kDeserialize: Symbol('kDeserialize'), kTransfer: Symbol('kTransfer'), kTransferList: Symbol('kTransferList'),
};
