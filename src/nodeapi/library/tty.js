'use strict';
// No descriptor is a terminal.
const {ObjectSetPrototypeOf} = primordials;
const {Duplex} = require('stream');

function isatty() { return false; }

function ReadStream(fd) {
  if (new.target === undefined) return new ReadStream(fd);
  this.fd = fd;
  this.isRaw = false;
  this.isTTY = false;
}
ObjectSetPrototypeOf(ReadStream.prototype, Duplex.prototype);
ObjectSetPrototypeOf(ReadStream, Duplex);
ReadStream.prototype.setRawMode = function setRawMode(mode) {
  this.isRaw = mode;
  return this;
};

function WriteStream(fd) {
  if (new.target === undefined) return new WriteStream(fd);
  this.fd = fd;
  this.columns = 0;
  this.rows = 0;
}
ObjectSetPrototypeOf(WriteStream.prototype, Duplex.prototype);
ObjectSetPrototypeOf(WriteStream, Duplex);

function done(callback) {
  if (typeof callback === 'function') callback();
  return false;
}
WriteStream.prototype.isTTY = true;
WriteStream.prototype.getColorDepth = function getColorDepth() { return 8; };
WriteStream.prototype.hasColors = function hasColors() { return false; };
WriteStream.prototype._refreshSize = function _refreshSize() {};
WriteStream.prototype.cursorTo = function cursorTo(x, y, callback) { return done(typeof y === 'function' ? y : callback); };
WriteStream.prototype.moveCursor = function moveCursor(dx, dy, callback) { return done(callback); };
WriteStream.prototype.clearLine = function clearLine(direction, callback) { return done(callback); };
WriteStream.prototype.clearScreenDown = function clearScreenDown(callback) { return done(callback); };
WriteStream.prototype.getWindowSize = function getWindowSize() { return [this.columns ?? 0, this.rows ?? 0]; };

module.exports = {isatty, ReadStream, WriteStream};
