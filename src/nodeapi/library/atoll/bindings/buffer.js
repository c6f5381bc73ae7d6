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

// As Workers have it; a longer one would not fit into an isolate anyway.
binding.kMaxLength = 0x7fffffff;

module.exports = binding;
