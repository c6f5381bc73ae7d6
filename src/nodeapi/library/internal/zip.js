'use strict';
// Archives are not part of what Workers are promised.
module.exports = require('atoll/stub')('zlib', {
  ZipEntry: 'class', ZipFile: 'class', ZipBuffer: 'class', createZipArchive: 'function', createZipArchiveSync: 'function',
  zipFiles: 'function', getMaxZipContentSize: 'function', setMaxZipContentSize: 'function',
});
