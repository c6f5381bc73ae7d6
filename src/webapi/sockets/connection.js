// What a Socket and its two streams share: a connection of natives, its state, its promises.
import {
  PromisePrototypeThen, PromiseWithResolvers, TypeError,
} from '../internal/primordials.js';
import {
  cancelReadable, closeWritable, createNativeByteStream, createNativeWritable, errorReadable,
  flushWritable, isClosedOrClosing, isLocked, isWritableLocked,
} from '../streams/internal.js';

const ignore = () => {};
const markHandled = (promise) => { PromisePrototypeThen(promise, undefined, ignore); };

const kClosed = 'This socket has been closed.';

const kOpening = 0;
const kOpen = 1;
const kGone = 2;  // closed, failed, or taken over by startTls()

export class Connection {
  // `opening` is a promise of what natives.socketOpen() gives, `info` what `opened` fulfils with.
  constructor(opening, info, allowHalfOpen, highWaterMark) {
    this.status = kOpening;
    this.number = undefined;
    this.allowHalfOpen = allowHalfOpen;
    this.endSeen = false;   // the other side sends no more
    this.endSent = false;
    this.receiving = false;  // a read is under way
    this.closing = undefined;  // what close() returned
    this.upgraded = false;
    this.opened = PromiseWithResolvers();
    this.closed = PromiseWithResolvers();
    markHandled(this.opened.promise);
    markHandled(this.closed.promise);
    this.ready = PromisePrototypeThen(opening, (socket) => {
      this.number = socket[0];
      this.status = kOpen;
      this.opened.resolve(info);
    }, (error) => {
      this.status = kGone;
      this.closed.reject(error);
      this.opened.reject(error);
      markHandled(cancelReadable(this.readable, undefined));
      throw error;
    });
    markHandled(this.ready);
    this.readable = createNativeByteStream(this);
    this.writable = createNativeWritable(new SendingSide(this), this.ready, highWaterMark);
    this.onChunk = (chunk) => {
      this.receiving = false;
      if (chunk === null) this.onEnd();
      return chunk;
    };
    this.onLost = (error) => {
      this.receiving = false;
      this.finish();
      throw error;
    };
  }

  // As the source of `readable`.
  read() {
    if (this.status === kOpening) {
      return PromisePrototypeThen(this.ready, () => this.receive(), () => null);
    }
    return this.receive();
  }

  receive() {
    if (this.status === kGone) return null;
    this.receiving = true;
    return PromisePrototypeThen(natives.socketRead(this.number), this.onChunk, this.onLost);
  }

  cancel() {
    if (this.status === kOpen) natives.socketCancelRead(this.number);
  }

  onEnd() {
    if (this.status === kGone) return;
    this.endSeen = true;
    if (this.endSent) return this.finish();
    if (this.allowHalfOpen || isClosedOrClosing(this.writable)) return;
    PromisePrototypeThen(closeWritable(this.writable), undefined, (error) => {
      this.closed.reject(error);
      this.finish();
    });
  }

  // Both directions are done with.
  finish() {
    if (this.status !== kOpen) return;
    this.status = kGone;
    natives.socketClose(this.number);
    this.closed.resolve(undefined);
  }

  close() {
    if (this.closing !== undefined) return this.closed.promise;
    const end = () => {
      if (this.receiving) errorReadable(this.readable, new TypeError(kClosed));
      else markHandled(cancelReadable(this.readable, undefined));
      this.finish();
    };
    const flushed = PromisePrototypeThen(this.ready, () => closeWritable(this.writable));
    this.closing = PromisePrototypeThen(flushed, end, (error) => {
      this.closed.reject(error);
      end();
    });
    return this.closing;
  }

  // Whoever holds the socket can do nothing with it from now on.
  neuter() {
    if (this.receiving) errorReadable(this.readable, new TypeError(kClosed));
    this.finish();
  }

  get isOpening() { return this.status === kOpening; }

  // Gives the connection away: returns its number. Both streams end here.
  give() {
    if (isLocked(this.readable) || isWritableLocked(this.writable)) {
      throw new TypeError('A stream of the socket is currently locked.');
    }
    this.status = kGone;
    markHandled(cancelReadable(this.readable, undefined));
    markHandled(closeWritable(this.writable));
    this.closed.resolve(undefined);
    return this.number;
  }

  get isGone() { return this.status === kGone; }

  // Gives the connection away for a handshake: a promise of what natives.socketStartTls() gives.
  upgrade(serverName) {
    const flushed = PromisePrototypeThen(this.ready, () => {
      if (isWritableLocked(this.writable)) {
        throw new TypeError('This WritableStream is currently locked to a writer.');
      }
      return flushWritable(this.writable);
    });
    return PromisePrototypeThen(flushed, () => {
      if (isLocked(this.readable)) {
        throw new TypeError('This ReadableStream is currently locked to a reader.');
      }
      if (this.status === kGone) {
        throw new TypeError('The connection was closed before startTls completed.');
      }
      this.status = kGone;
      this.upgraded = true;
      this.closed.resolve(undefined);
      markHandled(cancelReadable(this.readable, undefined));
      markHandled(closeWritable(this.writable));
      return natives.socketStartTls(this.number, serverName);
    });
  }
}

// As the sink of `writable`.
class SendingSide {
  constructor(connection) { this.connection = connection; }

  write(bytes) {
    const {connection} = this;
    if (connection.status === kGone) throw new TypeError(kClosed);
    return PromisePrototypeThen(natives.socketWrite(connection.number, bytes), undefined,
                                connection.onLost);
  }

  close() {
    const {connection} = this;
    if (connection.status === kGone) return undefined;
    return PromisePrototypeThen(natives.socketShutdown(connection.number), () => {
      connection.endSent = true;
      if (connection.endSeen) connection.finish();
    }, () => connection.finish());
  }

  abort() { return this.close(); }
}
