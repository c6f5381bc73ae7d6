'use strict';
// There are no files yet: what only looks at folders or writes to the log works, all else is refused.
const {MathMin, ObjectSetPrototypeOf, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeSubarray} = primordials;
const {Buffer} = require('buffer');
const {codes: {ERR_METHOD_NOT_IMPLEMENTED}} = require('internal/errors');
const {isUint8Array} = require('internal/util/types');
const {Readable} = require('stream');
const {isFolder, namesIn, openFolder} = require('atoll/tree');

const refusing = require('node/fs');
const kMostPerWrite = 16 * 1024;

function ReadStream() { throw new ERR_METHOD_NOT_IMPLEMENTED('fs.ReadStream'); }
ObjectSetPrototypeOf(ReadStream.prototype, Readable.prototype);
ObjectSetPrototypeOf(ReadStream, Readable);

module.exports = {
  ...refusing,
  ReadStream,
  existsSync(path) { return typeof path === 'string' && isFolder(require('process').cwd(), path); },
  readdirSync(path, options) {
    if (typeof path !== 'string' || options !== undefined) return refusing.readdirSync(path, options);
    return namesIn(openFolder(require('process').cwd(), path, 'scandir'));
  },
  // To the log; like a pipe, it takes only so much at once.
  writeSync(fd, buffer, ...rest) {
    const process = require('process');
    const stream = fd === 1 ? process.stdout : fd === 2 ? process.stderr : undefined;
    if (stream === undefined || rest.length > 0) return refusing.writeSync();
    const bytes = isUint8Array(buffer) ? buffer : Buffer.from(buffer);
    const size = MathMin(TypedArrayPrototypeGetByteLength(bytes), kMostPerWrite);
    stream.write(Buffer.from(TypedArrayPrototypeSubarray(bytes, 0, size)));
    return size;
  },
};
