'use strict';
const {webValue} = require('atoll/platform');
const {domainToUnicode} = require('internal/url');
const URL = webValue('URL');

// (href, with hash?, as Unicode?, with search?, with credentials?)
exports.format = (href, hash, unicode, search, auth) => {
  const url = new URL(href);
  if (!hash) url.hash = '';
  if (!search) url.search = '';
  if (!auth) {
    url.username = '';
    url.password = '';
  }
  if (!unicode || url.hostname === '') return url.href;
  const host = url.hostname;
  const shown = domainToUnicode(host);
  const at = url.href.indexOf(host, url.protocol.length);
  return url.href.slice(0, at) + shown + url.href.slice(at + host.length);
};
