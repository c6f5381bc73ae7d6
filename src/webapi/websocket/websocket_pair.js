// Two WebSockets that talk to each other.
import {
  ArrayPrototypeValues, ObjectDefineProperty, SymbolIterator,
} from '../internal/primordials.js';
import {defineInterface, illegalInvocation} from '../internal/webidl.js';
import {createWebSocket} from './websocket.js';

export class WebSocketPair {
  #sockets;

  constructor() {
    const first = natives.webSocketPair();
    this.#sockets = [createWebSocket(first), createWebSocket(first + 1)];
    for (let i = 0; i < 2; i++) {
      ObjectDefineProperty(this, i, {
        __proto__: null, value: this.#sockets[i], writable: false, enumerable: true,
        configurable: true,
      });
    }
  }

  entries() {
    if (!(#sockets in this)) illegalInvocation();
    return ArrayPrototypeValues([this.#sockets[0], this.#sockets[1]]);
  }
}
defineInterface(WebSocketPair, 'WebSocketPair');
ObjectDefineProperty(WebSocketPair.prototype, SymbolIterator, {
  __proto__: null, value: WebSocketPair.prototype.entries, writable: true, enumerable: false,
  configurable: true,
});
