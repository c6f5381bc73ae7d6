// The machine behind a readable byte stream
// (https://streams.spec.whatwg.org/#rbs-controller-abstract-ops).
import {
  ArrayBuffer, ArrayBufferPrototypeGetByteLength, MathMin, RangeError, TypeError, Uint8Array,
} from '../internal/primordials.js';
import { kInternal } from '../internal/webidl.js';
import { invalidateRequest, ReadableStreamBYOBRequest } from './byob_request.js';
import { Fifo } from './fifo.js';
import { isolate } from './isolate.js';
import { enqueueStep } from './promises.js';
import { kByobReader, kClosed, kDefaultReader, kErrored, kReadable } from './readable_state.js';
import { PullingController } from './source.js';
import {
  bufferOf, byteLengthOf, byteOffsetOf, constructorOf, copyBytes, elementSizeOf, isDetached,
  transferBuffer, transferToFixed,
} from './views.js';

// Bytes that wait in the queue.
class ByteEntry {
  static {
    isolate(this);
  }

  constructor(buffer, byteOffset, byteLength) {
    this.next = undefined;
    this.buffer = buffer;
    this.byteOffset = byteOffset;
    this.byteLength = byteLength;
  }
}

// Whose buffer a PullInto is: the reader's that asked with a view, one made for a default reader,
// or that of a reader which has gone.
const kFromByob = 0;
const kFromDefault = 1;
const kFromNobody = 2;

const kLenientChunkSize = 4096;

// A buffer to be filled. `minimumFill` is in bytes.
class PullInto {
  static {
    isolate(this);
  }

  constructor(buffer, byteOffset, byteLength, minimumFill, viewConstructor, origin) {
    this.next = undefined;
    this.buffer = buffer;
    this.bufferByteLength = ArrayBufferPrototypeGetByteLength(buffer);
    this.byteOffset = byteOffset;
    this.byteLength = byteLength;
    this.bytesFilled = 0;
    this.minimumFill = minimumFill;
    this.elementSize = elementSizeOf(viewConstructor);
    this.viewConstructor = viewConstructor;
    this.origin = origin;
  }

  // A view of what has been filled, in memory that belongs to the reader from now on.
  toView() {
    return new this.viewConstructor(
        transferBuffer(this.buffer), this.byteOffset, this.bytesFilled / this.elementSize);
  }
}

const endsInsideElement = () =>
  new TypeError('The stream ended in the middle of an element that a reader asked for.');

// `autoAllocateChunkSize` undefined leaves default readers to enqueue(). A `lenient` controller
// goes beyond the standard: there is a BYOB request for default readers too (its buffer is made
// only when somebody asks), and close() answers the reads that wait with buffers unless the source
// does.
export class ByteController extends PullingController {
  constructor(stream, source, highWaterMark, autoAllocateChunkSize) {
    super(stream, source, highWaterMark);
    this.autoAllocateChunkSize = autoAllocateChunkSize;
    this.queue = new Fifo();
    this.queueTotalSize = 0;
    this.pullIntos = new Fifo();
    this.byobRequest = null;
    this.lenient = false;
  }

  get isByteController() {
    return true;
  }

  get desiredSize() {
    if (this.stream.status === kErrored) return null;
    if (this.stream.status === kClosed) return 0;
    return this.highWaterMark - this.queueTotalSize;
  }

  // What the first waiting read still lacks to be answered, in bytes.
  get missingBytes() {
    const { head } = this.pullIntos;
    return head.minimumFill - head.bytesFilled;
  }

  // The request for the first waiting buffer, or null; made when first asked for.
  getByobRequest() {
    if (this.lenient && this.pullIntos.head === undefined && this.#hasUnbufferedRead()) {
      this.pullIntos.push(this.#allocate(kLenientChunkSize));
    }
    const { head } = this.pullIntos;
    if (this.byobRequest === null && head !== undefined) {
      const view = new Uint8Array(
          head.buffer, head.byteOffset + head.bytesFilled, head.byteLength - head.bytesFilled);
      this.byobRequest = new ReadableStreamBYOBRequest(kInternal, this, view);
    }
    return this.byobRequest;
  }

  // Throws a TypeError (and errors the stream) if a waiting read has part of an element.
  close() {
    if (this.closeRequested || this.stream.status !== kReadable) return;
    if (this.queueTotalSize > 0) {
      this.closeRequested = true;
      return;
    }
    const { head } = this.pullIntos;
    if (head !== undefined && head.bytesFilled % head.elementSize !== 0) {
      const reason = endsInsideElement();
      this.error(reason);
      throw reason;
    }
    this.clearAlgorithms();
    this.stream.close();
    if (this.lenient && this.stream.hasRequests) enqueueStep(() => this.#answerClosedReads());
  }

  // What a source of ours calls at its end: close() that also answers the reads into buffers. Never
  // throws; where close() does, the stream is errored.
  end() {
    try {
      this.close();
    } catch {
      return;
    }
    if (this.stream.status === kClosed && this.pullIntos.head !== undefined) this.respond(0);
  }

  error(reason) {
    if (this.stream.status !== kReadable) return;
    this.dropQueue();
    this.clearAlgorithms();
    this.stream.error(reason);
  }

  // Takes over the memory of `view`. Throws a TypeError if that cannot be.
  enqueue(view) {
    if (this.closeRequested || this.stream.status !== kReadable) return;
    const buffer = bufferOf(view);
    const byteOffset = byteOffsetOf(view);
    const byteLength = byteLengthOf(view);
    if (isDetached(buffer)) throw new TypeError('The buffer of the chunk has been detached.');
    this.enqueueOwned(transferBuffer(buffer), byteOffset, byteLength);
  }

  // The same for memory that nobody else holds.
  enqueueOwned(buffer, byteOffset, byteLength) {
    const { stream } = this;
    if (this.closeRequested || stream.status !== kReadable) return;
    const { head } = this.pullIntos;
    if (head !== undefined) {
      if (isDetached(head.buffer)) {
        throw new TypeError('The buffer of the BYOB request has been detached.');
      }
      this.#invalidateByobRequest();
      head.buffer = transferBuffer(head.buffer);
      if (head.origin === kFromNobody) this.#requeue(head);
    }
    if (stream.hasReader(kDefaultReader)) {
      this.#answerReadsFromQueue();
      if (!stream.hasRequests) {
        this.#append(buffer, byteOffset, byteLength);
      } else {
        if (this.pullIntos.head !== undefined) this.pullIntos.shift();
        stream.fulfillRequest(new Uint8Array(buffer, byteOffset, byteLength), false);
      }
    } else {
      this.#append(buffer, byteOffset, byteLength);
      if (stream.hasReader(kByobReader)) this.#commitAll(this.#fillFromQueue());
    }
    this.callPullIfNeeded();
  }

  // How many bytes the buffer takes with which the first reader waits; 0 if none does.
  get waitingSpace() {
    const { head } = this.pullIntos;
    if (head === undefined || head.origin !== kFromByob || !this.stream.hasRequests) return 0;
    return head.byteLength - head.bytesFilled;
  }

  // Copies into that buffer no more than it takes, and answers the read if that is enough for it.
  fillWaitingBuffer(bytes) {
    const { head } = this.pullIntos;
    const count = byteLengthOf(bytes);
    copyBytes(head.buffer, head.byteOffset + head.bytesFilled,
              bufferOf(bytes), byteOffsetOf(bytes), count);
    this.respond(count);
  }

  shouldCallPull() {
    const { stream } = this;
    if (stream.status !== kReadable || this.closeRequested || !this.started) return false;
    return stream.hasRequests || this.highWaterMark - this.queueTotalSize > 0;
  }

  pullSteps(request) {
    if (this.queueTotalSize > 0) {
      this.#answerFromQueue(request);
      return;
    }
    const size = this.autoAllocateChunkSize;
    if (size !== undefined) {
      try {
        this.pullIntos.push(this.#allocate(size));
      } catch (error) {
        request.error(error);
        return;
      }
    }
    this.stream.reader.requests.push(request);
    this.callPullIfNeeded();
  }

  // `view` is valid and not empty, `minimumElements` between one and its length.
  pullInto(view, minimumElements, request) {
    const { stream } = this;
    const viewConstructor = constructorOf(view);
    const minimumFill = minimumElements * elementSizeOf(viewConstructor);
    const byteOffset = byteOffsetOf(view);
    const byteLength = byteLengthOf(view);
    let buffer;
    try {
      buffer = transferToFixed(bufferOf(view));
    } catch (error) {
      request.error(error);
      return;
    }
    const pullInto =
        new PullInto(buffer, byteOffset, byteLength, minimumFill, viewConstructor, kFromByob);
    if (this.pullIntos.head !== undefined) {
      this.pullIntos.push(pullInto);
      stream.reader.requests.push(request);
      return;
    }
    if (stream.status === kClosed) {
      request.close(new viewConstructor(buffer, byteOffset, 0));
      return;
    }
    if (this.queueTotalSize > 0) {
      if (this.#fill(pullInto)) {
        const filled = pullInto.toView();
        this.#handleQueueDrain();
        request.chunk(filled);
        return;
      }
      if (this.closeRequested) {
        const reason = endsInsideElement();
        this.error(reason);
        request.error(reason);
        return;
      }
    }
    this.pullIntos.push(pullInto);
    stream.reader.requests.push(request);
    this.callPullIfNeeded();
  }

  respond(bytesWritten) {
    const { head } = this.pullIntos;
    if (this.stream.status === kClosed) {
      if (bytesWritten !== 0) {
        throw new TypeError('The stream is closed: only 0 bytes can be responded.');
      }
    } else {
      if (bytesWritten === 0) throw new TypeError('0 bytes can be responded only after close().');
      if (head.bytesFilled + bytesWritten > head.byteLength) {
        throw new RangeError('More bytes were responded than the view holds.');
      }
    }
    head.buffer = transferBuffer(head.buffer);
    this.#respondInternal(bytesWritten);
  }

  respondWithNewView(view) {
    const { head } = this.pullIntos;
    const byteLength = byteLengthOf(view);
    const buffer = bufferOf(view);
    if (this.stream.status === kClosed) {
      if (byteLength !== 0) {
        throw new TypeError('The stream is closed: only an empty view can be responded.');
      }
    } else if (byteLength === 0) {
      throw new TypeError('An empty view can be responded only after close().');
    }
    if (head.byteOffset + head.bytesFilled !== byteOffsetOf(view)) {
      throw new RangeError('The new view starts elsewhere than the view of the request.');
    }
    if (head.bufferByteLength !== ArrayBufferPrototypeGetByteLength(buffer)) {
      throw new RangeError('The buffer of the new view is not as long as that of the request.');
    }
    if (head.bytesFilled + byteLength > head.byteLength) {
      throw new RangeError('The new view is longer than the view of the request.');
    }
    head.buffer = transferBuffer(buffer);
    this.#respondInternal(byteLength);
  }

  releaseSteps() {
    const { head } = this.pullIntos;
    if (head === undefined) return;
    head.origin = kFromNobody;
    this.pullIntos.takeAll();
    head.next = undefined;
    this.pullIntos.push(head);
  }

  dropQueue() {
    this.#invalidateByobRequest();
    this.pullIntos.takeAll();
    this.queue.takeAll();
    this.queueTotalSize = 0;
  }

  // Throws a RangeError if there is no memory for it.
  #allocate(size) {
    return new PullInto(new ArrayBuffer(size), 0, size, 1, Uint8Array, kFromDefault);
  }

  #hasUnbufferedRead() {
    const { stream } = this;
    return stream.status === kReadable && !this.closeRequested &&
        stream.hasReader(kDefaultReader) && stream.hasRequests;
  }

  #answerClosedReads() {
    if (!this.stream.hasRequests || this.pullIntos.head === undefined) return;
    try {
      this.respond(0);
    } catch {
      // The source has taken the buffer away: there is nothing to answer with.
    }
  }

  #invalidateByobRequest() {
    if (this.byobRequest === null) return;
    invalidateRequest(this.byobRequest);
    this.byobRequest = null;
  }

  #append(buffer, byteOffset, byteLength) {
    this.queue.push(new ByteEntry(buffer, byteOffset, byteLength));
    this.queueTotalSize += byteLength;
  }

  // Puts a copy of some of a buffer into the queue. If there is no memory for it, the stream is
  // errored with what is thrown.
  #appendCopy(buffer, byteOffset, byteLength) {
    let copy;
    try {
      copy = new ArrayBuffer(byteLength);
    } catch (error) {
      this.error(error);
      throw error;
    }
    copyBytes(copy, 0, buffer, byteOffset, byteLength);
    this.#append(copy, 0, byteLength);
  }

  // Saves what was filled into the first buffer, whose reader has gone.
  #requeue(pullInto) {
    if (pullInto.bytesFilled > 0) {
      this.#appendCopy(pullInto.buffer, pullInto.byteOffset, pullInto.bytesFilled);
    }
    this.pullIntos.shift();
  }

  #handleQueueDrain() {
    if (this.queueTotalSize === 0 && this.closeRequested) {
      this.clearAlgorithms();
      this.stream.close();
    } else {
      this.callPullIfNeeded();
    }
  }

  #answerFromQueue(request) {
    const entry = this.queue.shift();
    this.queueTotalSize -= entry.byteLength;
    this.#handleQueueDrain();
    request.chunk(new Uint8Array(entry.buffer, entry.byteOffset, entry.byteLength));
  }

  #answerReadsFromQueue() {
    const { requests } = this.stream.reader;
    while (requests.head !== undefined && this.queueTotalSize > 0) {
      // The buffer that was made for this read. The standard leaves it, for bytes to get lost in.
      if (this.pullIntos.head !== undefined) this.pullIntos.shift();
      this.#answerFromQueue(requests.shift());
    }
  }

  // Copies from the queue; true once the buffer has what its reader wants at least, in whole
  // elements.
  #fill(pullInto) {
    const most = pullInto.bytesFilled +
        MathMin(this.queueTotalSize, pullInto.byteLength - pullInto.bytesFilled);
    const aligned = most - most % pullInto.elementSize;
    const ready = aligned >= pullInto.minimumFill;
    let remaining = (ready ? aligned : most) - pullInto.bytesFilled;
    while (remaining > 0) {
      const { head } = this.queue;
      const count = MathMin(remaining, head.byteLength);
      copyBytes(pullInto.buffer, pullInto.byteOffset + pullInto.bytesFilled,
                head.buffer, head.byteOffset, count);
      if (head.byteLength === count) {
        this.queue.shift();
      } else {
        head.byteOffset += count;
        head.byteLength -= count;
      }
      this.queueTotalSize -= count;
      pullInto.bytesFilled += count;
      remaining -= count;
    }
    return ready;
  }

  // Returns those that are ready to be handed over.
  #fillFromQueue() {
    const ready = new Fifo();
    while (this.pullIntos.head !== undefined && this.queueTotalSize > 0) {
      if (this.#fill(this.pullIntos.head)) ready.push(this.pullIntos.shift());
    }
    return ready;
  }

  #commit(pullInto) {
    const done = this.stream.status === kClosed;
    this.stream.fulfillRequest(pullInto.toView(), done);
  }

  #commitAll(pullIntos) {
    while (pullIntos.head !== undefined) this.#commit(pullIntos.shift());
  }

  #respondInternal(bytesWritten) {
    const { head } = this.pullIntos;
    this.#invalidateByobRequest();
    if (this.stream.status === kClosed) this.#respondClosed(head);
    else this.#respondReadable(bytesWritten, head);
    this.callPullIfNeeded();
  }

  #respondClosed(first) {
    if (first.origin === kFromNobody) this.pullIntos.shift();
    if (!this.stream.hasReader(kByobReader)) return;
    const filled = new Fifo();
    let request = this.stream.reader.requests.head;
    for (; request !== undefined; request = request.next) filled.push(this.pullIntos.shift());
    this.#commitAll(filled);
  }

  #respondReadable(bytesWritten, pullInto) {
    pullInto.bytesFilled += bytesWritten;
    if (pullInto.origin === kFromNobody) {
      this.#requeue(pullInto);
      this.#commitAll(this.#fillFromQueue());
      // The standard forgets the reads of a default reader that came meanwhile: a later one would
      // then get these bytes.
      if (this.stream.hasReader(kDefaultReader) && this.pullIntos.head === undefined) {
        this.#answerReadsFromQueue();
      }
      return;
    }
    if (pullInto.bytesFilled < pullInto.minimumFill) return;
    this.pullIntos.shift();
    const rest = pullInto.bytesFilled % pullInto.elementSize;
    if (rest > 0) {
      const end = pullInto.byteOffset + pullInto.bytesFilled;
      this.#appendCopy(pullInto.buffer, end - rest, rest);
    }
    pullInto.bytesFilled -= rest;
    const filled = this.#fillFromQueue();
    this.#commit(pullInto);
    this.#commitAll(filled);
  }
}
