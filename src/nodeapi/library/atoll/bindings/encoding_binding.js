'use strict';
const {RegExpPrototypeExec, StringPrototypeToLowerCase} = primordials;
const {webValue} = require('atoll/platform');
const URL = webValue('URL');

const kBeyondAscii = /[^\x00-\x7f]/;

// Without an answer for what is no host name.
function toASCII(domain) {
  if (RegExpPrototypeExec(kBeyondAscii, domain) === null) return StringPrototypeToLowerCase(domain);
  try { return new URL(`ws://${domain}`).hostname; } catch { return ''; }
}

module.exports = {
  toASCII,
  toUnicode: (domain) => require('punycode').toUnicode(toASCII(domain)),
};
