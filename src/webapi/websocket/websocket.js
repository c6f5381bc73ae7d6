// https://websockets.spec.whatwg.org/#the-websocket-interface as Workers have it: besides connecting
// to a URL, a WebSocket may be one end of a WebSocketPair or come with a response, and then waits
// until the script accepts it or passes it on.
import {
  Error, PromisePrototypeThen, TypeError, TypedArrayPrototypeGetByteLength,
} from '../internal/primordials.js';
import {
  defineConstants, defineInterface, illegalInvocation, isBufferSource, kInternal, requireArguments,
  toDictionary, toDOMString, toUSVString,
} from '../internal/webidl.js';
import {bytesOf} from '../internal/bytes.js';
import {encodeUtf8} from '../internal/utf8.js';
import {createDOMException} from '../internal/dom_exception.js';
import {describeException} from '../internal/report.js';
import {blobBytes, createBlob, isBlob} from '../blob/blob.js';
import {Event} from '../events/event.js';
import {createCloseEvent, createErrorEvent, createMessageEvent} from '../events/event_classes.js';
import {defineEventHandler, dispatchTrusted, EventTarget} from '../events/event_target.js';
import {headerOf} from '../fetch/body.js';
import {responseStatus, responseWebSocket} from '../fetch/response.js';
import {deserialize, serialize} from '../structured_clone/structured_clone.js';
import {syntaxError, toHandshakeUrl, toProtocolHeader} from './websocket_url.js';

// The life of an end.
const kConnecting = 0;
const kWaiting = 1;  // to be accepted, or to be returned in a response
const kAccepted = 2;
const kReleased = 3;  // over, or passed on

// The kinds of what arrives, in the order of WebSocketMessage::Kind.
const kBinary = 1;
const kClose = 2;
const kDisconnect = 3;
const kFailure = 4;

const kNoStatus = 1005;
const kMaxReasonBytes = 123;
const kMaxAttachmentBytes = 16384;
const kNotAccepted =
    'You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.';

export let isWebSocket, createWebSocket, releaseForResponse, webSocketEvent;

function checkCode(code) {
  const isFine = natives.isEnabled('pedantic_wpt') ?
      code === 1000 || (code >= 3000 && code <= 4999) :
      code >= 1000 && code < 5000 && code !== 1004 && code !== 1005 && code !== 1006 &&
          code !== 1015;
  if (!isFine) {
    throw createDOMException(`Invalid WebSocket close code: ${code}.`, 'InvalidAccessError');
  }
}

function checkReason(reason, hasCode) {
  if (natives.isEnabled('websocket_close_reason_byte_limit') &&
      TypedArrayPrototypeGetByteLength(encodeUtf8(reason)) > kMaxReasonBytes) {
    throw syntaxError(
        'WebSocket close reason must not be longer than 123 bytes when UTF-8 encoded.');
  }
  if (!hasCode) {
    throw createDOMException('If you specify a WebSocket close reason, you must also specify a code.',
                           'InvalidAccessError');
  }
}

export class WebSocket extends EventTarget {
  #id;
  #state;
  #closedIncoming = false;  // a Close or the loss of the connection has arrived
  #closedOutgoing = false;  // close() was called, or a Close was answered
  #isAborted = false;       // the other side takes nothing any more
  #hasFailed = false;
  #error;
  #url = null;
  #protocol = '';
  #extensions = '';
  #binaryType;
  #attachment;
  #allowsHalfOpen;
  #pending;  // while connecting: what subfetch() promised

  // Built-ins pass kInternal and the number of an end.
  constructor(url, protocols = undefined) {
    super();
    this.#binaryType = natives.isEnabled('websocket_standard_binary_type') ? 'blob' : 'arraybuffer';
    this.#allowsHalfOpen = !natives.isEnabled('web_socket_auto_reply_to_close');
    if (url === kInternal) {
      this.#id = protocols;
      this.#state = kWaiting;
      return;
    }
    requireArguments(arguments.length, 1, 'WebSocket');
    natives.requireInvocation();
    this.#url = toUSVString(url);
    this.#state = kConnecting;
    this.#connect(toHandshakeUrl(this.#url), toProtocolHeader(protocols));
  }

  #connect(url, protocols) {
    const headers = ['upgrade', 'websocket'];
    if (protocols !== undefined) {
      headers[headers.length] = 'sec-websocket-protocol';
      headers[headers.length] = protocols;
    }
    if (natives.isEnabled('web_socket_compression')) {
      headers[headers.length] = 'sec-websocket-extensions';
      headers[headers.length] = 'permessage-deflate';
    }
    this.#pending =
        natives.subfetch(0, 'GET', url, headers, undefined, 0, undefined, 1, undefined);
    PromisePrototypeThen(
        this.#pending, (response) => this.#connected(response), (error) => this.#failed(error));
  }

  #connected(response) {
    if (this.#state !== kConnecting) return;
    const status = responseStatus(response);
    const socket = responseWebSocket(response);
    if (status !== 101 || socket === null) {
      this.#failed(new TypeError(
          'Failed to establish the WebSocket connection: expected server to reply with HTTP status code 101 ' +
          `(switching protocols), but received ${status} instead.`));
      return;
    }
    this.#pending = undefined;
    this.#id = socket.#id;
    socket.#state = kReleased;
    this.#protocol = headerOf(response, 'sec-websocket-protocol') ?? null;
    this.#extensions = headerOf(response, 'sec-websocket-extensions') ?? null;
    this.#accept();
    dispatchTrusted(this, new Event('open'));
  }

  #failed(error) {
    this.#pending = undefined;
    this.#closedIncoming = true;
    this.#reportError(error);
    this.#state = kReleased;
    dispatchTrusted(this, createCloseEvent('close', {
                      code: 1006, reason: 'Failed to establish websocket connection',
                    }));
  }

  #accept() {
    this.#state = kAccepted;
    natives.webSocketAccept(this.#id, this);
  }

  accept(options = undefined) {
    const state = this.#state;
    if (state === kConnecting) {
      throw new TypeError(
          "Websockets obtained from the 'new WebSocket()' constructor cannot call accept");
    }
    if (state === kReleased) {
      throw new TypeError("Can't accept() WebSocket that was already used in a response.");
    }
    const {allowHalfOpen} = toDictionary(options, 'WebSocket.accept: options');
    if (this.#state !== kWaiting) return;
    if (allowHalfOpen !== undefined) this.#allowsHalfOpen = !!allowHalfOpen;
    this.#accept();
  }

  send(message) {
    if (!(#state in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'WebSocket.send');
    let data;
    if (isBufferSource(message)) {
      data = bytesOf(message);
    } else {
      data = isBlob(message) ? blobBytes(message) : toDOMString(message);
    }
    if (this.#closedOutgoing) throw new TypeError("Can't call WebSocket send() after close().");
    if (this.#isAborted || this.#state === kReleased) return;
    if (this.#state !== kAccepted) throw new TypeError(kNotAccepted);
    natives.webSocketSend(this.#id, data);
  }

  close(code = undefined, reason = undefined) {
    if (!(#state in this)) illegalInvocation();
    if (code !== undefined) {
      code |= 0;
      checkCode(code);
    }
    if (reason !== undefined) {
      reason = toUSVString(reason);
      checkReason(reason, code !== undefined);
    }
    if (this.#state === kConnecting) {
      natives.subfetchAbort(this.#pending);
      this.#state = kReleased;
      const error = new Error('Called close before connection was established.');
      PromisePrototypeThen((async () => {})(), () => this.#failed(error));
      return;
    }
    if (this.#closedOutgoing || this.#isAborted || this.#state === kReleased) return;
    if (this.#state !== kAccepted) throw new TypeError(kNotAccepted);
    if (this.#hasFailed) throw this.#error;
    this.#sendClose(code ?? kNoStatus, reason ?? '');
    this.#releaseIfOver();
  }

  #sendClose(code, reason) {
    natives.webSocketClose(this.#id, code, reason);
    this.#closedOutgoing = true;
  }

  #releaseIfOver() {
    if (!this.#closedIncoming || !(this.#closedOutgoing || this.#isAborted)) return;
    if (this.#state !== kAccepted) return;
    this.#state = kReleased;
    natives.webSocketRelease(this.#id);
  }

  // A copy of `attachment`, kept with the WebSocket.
  serializeAttachment(attachment) {
    if (!(#state in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'WebSocket.serializeAttachment');
    const bytes = serialize(attachment);
    const size = TypedArrayPrototypeGetByteLength(bytes);
    if (size > kMaxAttachmentBytes) {
      throw new Error(`A WebSocket 'attachment' cannot be larger than ${
          kMaxAttachmentBytes} bytes.'attachment' was ${size} bytes.`);
    }
    this.#attachment = bytes;
  }

  deserializeAttachment() {
    const attachment = this.#attachment;
    return attachment === undefined ? null : deserialize(attachment);
  }

  get readyState() {
    if (this.#hasFailed || (this.#closedIncoming && (this.#closedOutgoing || this.#isAborted))) {
      return 3;
    }
    if (this.#closedIncoming || this.#closedOutgoing) return 2;
    return this.#state === kConnecting ? 0 : 1;
  }

  get url() { return this.#url; }
  get protocol() { return this.#protocol; }
  get extensions() { return this.#extensions; }

  get bufferedAmount() {
    return this.#state === kAccepted ? natives.webSocketBuffered(this.#id) : 0;
  }

  get binaryType() { return this.#binaryType; }
  set binaryType(value) {
    const type = toDOMString(value);
    if (!(#state in this)) illegalInvocation();
    if (type === 'blob' || type === 'arraybuffer') this.#binaryType = type;
  }

  #reportError(error) {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#error = error;
    this.#isAborted = true;
    const {name, message} = describeException(error);
    dispatchTrusted(this, createErrorEvent('error', {message: `Uncaught ${name}: ${message}`, error}));
  }

  #receive(kind, data, code) {
    switch (kind) {
      case kClose:
        this.#closedIncoming = true;
        if (!this.#allowsHalfOpen && !this.#closedOutgoing && !this.#isAborted) {
          this.#sendClose(code, data);
        }
        dispatchTrusted(this, createCloseEvent('close', {code, reason: data, wasClean: true}));
        break;
      case kDisconnect:
        this.#closedIncoming = true;
        this.#isAborted = true;
        dispatchTrusted(this, createCloseEvent('close', {
                          code: 1006, reason: 'WebSocket disconnected without sending Close frame.',
                        }));
        break;
      case kFailure:
        this.#closedIncoming = true;
        this.#reportError(new Error(
            `WebSocket protocol error; protocolError.statusCode = ${
                code}; protocolError.description = ${data}`));
        dispatchTrusted(this, createCloseEvent('close', {code: 1006}));
        break;
      case kBinary:
        if (this.#binaryType === 'blob') data = createBlob(bytesOf(data), '');
        dispatchTrusted(this, createMessageEvent('message', {data}));
        return;
      default:
        dispatchTrusted(this, createMessageEvent('message', {data}));
        return;
    }
    this.#releaseIfOver();
  }

  static {
    isWebSocket = (value) => typeof value === 'object' && value !== null && #state in value;
    createWebSocket = (id) => new WebSocket(kInternal, id);

    // The number of an end that goes away with a response.
    releaseForResponse = (socket) => {
      switch (socket.#state) {
        case kConnecting:
          throw new TypeError(
              "Can't return WebSocket in a Response if it was created with `new WebSocket()`");
        case kReleased:
          throw new TypeError("Can't return WebSocket that was already used in a response.");
        case kAccepted:
          throw new TypeError("Can't return WebSocket in a Response after calling accept().");
      }
      socket.#state = kReleased;
      return socket.#id;
    };

    webSocketEvent = (socket, kind, data, code) => socket.#receive(kind, data, code);
  }
}
defineConstants(
    WebSocket,
    [
      'READY_STATE_CONNECTING', 'CONNECTING', 'READY_STATE_OPEN', 'OPEN', 'READY_STATE_CLOSING',
      'CLOSING', 'READY_STATE_CLOSED', 'CLOSED'
    ],
    [0, 0, 1, 1, 2, 2, 3, 3]);
defineInterface(WebSocket, 'WebSocket');
defineEventHandler(WebSocket.prototype, 'open');
defineEventHandler(WebSocket.prototype, 'message');
defineEventHandler(WebSocket.prototype, 'close');
defineEventHandler(WebSocket.prototype, 'error');
