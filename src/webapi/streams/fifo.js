// A first-in, first-out list of objects that carry their own `next` field (undefined while they are
// in no list). Plain arrays will not do here: storing `array[n]` can be caught by a setter that
// tenant code put on Array.prototype.
import { isolate } from './isolate.js';

export class Fifo {
  static {
    isolate(this);
  }

  constructor() {
    this.head = undefined;
    this.tail = undefined;
  }

  push(node) {
    if (this.tail === undefined) this.head = node;
    else this.tail.next = node;
    this.tail = node;
  }

  // The list must not be empty.
  shift() {
    const node = this.head;
    this.head = node.next;
    if (this.head === undefined) this.tail = undefined;
    node.next = undefined;
    return node;
  }

  // Moves every node to a new list, so that callbacks run over it cannot see or change this one.
  takeAll() {
    const all = new Fifo();
    all.head = this.head;
    all.tail = this.tail;
    this.head = undefined;
    this.tail = undefined;
    return all;
  }

  get isEmpty() {
    return this.head === undefined;
  }
}
