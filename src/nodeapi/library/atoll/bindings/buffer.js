'use strict';
const {nativeBinding, webValue} = require('atoll/platform');

const binding = nativeBinding('buffer');
const atob = webValue('atob');
const btoa = webValue('btoa');

binding.btoa = (text) => {
  try { return btoa(text); } catch { return -1; }
};
binding.atob = (text) => {
  try { return atob(text); } catch { return -2; }
};

module.exports = binding;
