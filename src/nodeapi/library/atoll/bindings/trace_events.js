'use strict';
const nothing = () => {};
module.exports = {
  available: false, trace: nothing, isTraceCategoryEnabled: () => false, setTraceCategoryStateUpdateHandler: nothing,
  getCategoryEnabledBuffer: () => new primordials.Uint8Array(1), setLog: nothing, getEnabledCategories: nothing,
};
