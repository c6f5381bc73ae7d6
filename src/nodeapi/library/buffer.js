'use strict';
// With what left Node after the release line that libraries may expect.
const buffer = require('node/buffer');

function SlowBuffer(length) { return buffer.Buffer.allocUnsafeSlow(length); }
primordials.ObjectSetPrototypeOf(SlowBuffer.prototype, primordials.Uint8Array.prototype);
primordials.ObjectSetPrototypeOf(SlowBuffer, primordials.Uint8Array);
buffer.SlowBuffer = SlowBuffer;

module.exports = buffer;
