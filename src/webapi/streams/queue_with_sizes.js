// https://streams.spec.whatwg.org/#queue-with-sizes
import { RangeError } from '../internal/primordials.js';
import { Fifo } from './fifo.js';
import { isolate } from './isolate.js';

export class QueueEntry {
  static {
    isolate(this);
  }

  constructor(value, size) {
    this.next = undefined;
    this.value = value;
    this.size = size;
  }
}

// Throws a RangeError for what cannot be the size of a chunk.
export function requireChunkSize(size) {
  if (!(size >= 0) || size === Infinity) {
    throw new RangeError('The size of a chunk must be a finite, non-negative number.');
  }
}

// The chunks a stream holds and what they add up to by its strategy.
export class QueueWithSizes extends Fifo {
  constructor() {
    super();
    this.totalSize = 0;
  }

  enqueue(entry) {
    this.push(entry);
    this.totalSize += entry.size;
  }

  dequeue() {
    const entry = this.shift();
    this.totalSize -= entry.size;
    if (this.totalSize < 0) this.totalSize = 0;  // rounding
    return entry;
  }

  reset() {
    this.head = undefined;
    this.tail = undefined;
    this.totalSize = 0;
  }
}
