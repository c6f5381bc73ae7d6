'use strict';
const {webValue} = require('atoll/platform');
const URL = webValue('URL');

// Without an answer for what is no host name.
function toASCII(domain) {
  if (domain === '') return '';
  try { return new URL(`ws://${domain}`).hostname; } catch { return ''; }
}

module.exports = {
  toASCII,
  toUnicode: (domain) => require('punycode').toUnicode(toASCII(domain)),
};
