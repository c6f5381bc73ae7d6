'use strict';
const {SafeMap} = primordials;
const {uv} = require('atoll/data');

const binding = {};
const map = new SafeMap();
for (let i = 0; i < uv.length; i++) {
  const {0: code, 1: name, 2: message} = uv[i];
  binding[`UV_${name}`] = code;
  map.set(code, [name, message]);
}
binding.errname = (code) => map.get(code)?.[0] ?? `Unknown system error ${code}`;
binding.getErrorMap = () => map;
binding.getErrorMessage = (code) => map.get(code)?.[1] ?? `Unknown system error ${code}`;
module.exports = binding;
