// https://fetch.spec.whatwg.org/#response-class with Cloudflare's additions: `cf`, `webSocket` and
// `encodeBody`.
import {
  JSONParse, JSONStringify, MathTrunc, RangeError, StringPrototypeIndexOf, Symbol, TypeError,
  TypedArrayPrototypeGetByteLength,
} from '../internal/primordials.js';
import {
  defineInterface, illegalInvocation, isObject, kInternal, requireArguments, toDOMString,
  toUnsignedShort,
} from '../internal/webidl.js';
import {
  areHeadersImmutable, Body, cloneBody, contentTypeToWire, copyHeaderSeed, fillSink, handedOver,
  handOverBody, headersOf, headersToWire, kBytesBody, kMessageBody, kNoBody, kSinkBody, kStringBody,
} from './body.js';
import {extractBody, extracted, extractedType} from './body_init.js';
import {seedFromInit} from './headers.js';
import {createWebSocket, isWebSocket, releaseForResponse} from '../websocket/websocket.js';
import {parseAbsoluteUrl} from './request.js';

// First constructor argument of a response whose body is JSON text made by Response.json().
const kJsonText = Symbol('JSON text');

function toStatus(value, webSocket) {
  const status = MathTrunc(value);
  if (webSocket !== undefined) {
    if (status === 101) return status;
    throw new RangeError('Responses with a WebSocket must have status code 101.');
  }
  if (status >= 200 && status <= 599) return status;
  throw new RangeError(
      'Responses may only be constructed with status codes in the range 200 to 599, inclusive.');
}

function toStatusText(value) {
  const text = toDOMString(value);
  if (StringPrototypeIndexOf(text, '\n') >= 0 || StringPrototypeIndexOf(text, '\r') >= 0 ||
      StringPrototypeIndexOf(text, '\0') >= 0) {
    throw new TypeError('Invalid statusText');
  }
  return text;
}

// The members few responses have.
class Extras {
  cf = undefined;
  isError = false;
  isRedirected = false;
  webSocket = undefined;
  isEncoded = false;  // the script has compressed the body itself
}

function toEncodeBody(value) {
  const mode = toDOMString(value);
  if (mode === 'manual') return true;
  if (mode === 'automatic') return false;
  throw new TypeError(`encodeBody: unexpected value: ${mode}`);
}

function toWebSocket(value) {
  if (value === undefined || value === null) return undefined;
  if (isWebSocket(value)) return value;
  throw new TypeError(
      "Incorrect type for the 'webSocket' field on 'InitializerDict': the provided value is not of type 'WebSocket'.");
}

export let createErrorResponse, isResponse, responseParts, responseStatus, responseUrl, responseWebSocket, markRedirected, sendResponse, createIncomingResponse;

export class Response extends Body {
  #status;
  #statusText;
  #url;
  #extras;

  // Built-ins pass kInternal and every part.
  constructor(body = null, init = undefined, kind, source, seed, contentType, immutable, status,
              statusText, url) {
    if (body === kInternal) {
      super(kInternal, kind, source, seed, contentType, immutable);
      this.#status = status;
      this.#statusText = statusText;
      this.#url = url;
      this.#extras = init;
      return;
    }
    status = 200;
    statusText = '';
    let extras;
    seed = undefined;
    if (init !== undefined && init !== null) {
      if (!isObject(init)) {
        throw new TypeError(
            "Failed to construct 'Response': constructor parameter 2 is not of type 'InitializerDict or Response'.");
      }
      if (isResponse(init)) {
        status = init.#status;
        statusText = init.#statusText;
        seed = copyHeaderSeed(init);
        contentType = contentTypeToWire(init);
        const theirs = init.#extras;
        if (theirs !== undefined) {
          extras = new Extras();
          extras.cf = cloneCf(theirs.cf);
          extras.isEncoded = theirs.isEncoded;
          extras.webSocket = theirs.webSocket;
        }
        if (status < 200 || status > 599) toStatus(status, extras?.webSocket);
      } else {
        const {cf, encodeBody, headers} = init;
        if (cf !== undefined || encodeBody !== undefined) {
          extras = new Extras();
          if (cf !== undefined) extras.cf = toCf(cf);
          if (encodeBody !== undefined) extras.isEncoded = toEncodeBody(encodeBody);
        }
        if (headers !== undefined) seed = seedFromInit(headers);
        const {status: givenStatus, statusText: givenText, webSocket} = init;
        const socket = toWebSocket(webSocket);
        if (givenStatus !== undefined) status = givenStatus;
        if (givenStatus !== undefined || socket !== undefined) status = toStatus(status, socket);
        if (socket !== undefined) (extras ??= new Extras()).webSocket = socket;
        if (givenText !== undefined) statusText = toStatusText(givenText);
      }
    }

    if (body === kJsonText) {
      contentType ??= 'application/json';
    } else {
      kind = extractBody(body);
      source = extracted;
      contentType = extractedType ?? contentType;
    }
    if (kind !== kNoBody && (status === 101 || status === 204 || status === 205 || status === 304)) {
      if (!isEmpty(kind, source)) {
        throw new TypeError(
            'Response with null body status (101, 204, 205, or 304) cannot have a body.');
      }
      kind = kNoBody;  // '' used to be the only way to say "no body", and programs still say it
      source = undefined;
      contentType = undefined;
    }

    super(kInternal, kind, source, seed, contentType, false);
    this.#status = status;
    this.#statusText = statusText;
    this.#url = '';
    this.#extras = extras;
  }

  static error() { return createErrorResponse(); }

  static redirect(url, status = 302) {
    requireArguments(arguments.length, 1, 'Response.redirect');
    const href = parseAbsoluteUrl(toDOMString(url));
    if (href === undefined) throw new TypeError(`Unable to parse URL: ${url}`);
    const code = toUnsignedShort(status);
    if (code !== 301 && code !== 302 && code !== 303 && code !== 307 && code !== 308) {
      throw new RangeError(
          `${code} is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308.`);
    }
    return new Response(kInternal, undefined, kNoBody, undefined, ['location', href], undefined,
                        true, code, '', '');
  }

  static json(data, init = undefined) {
    requireArguments(arguments.length, 1, 'Response.json');
    const text = JSONStringify(data);
    if (text === undefined) {
      throw new TypeError('Response.json: the value cannot be serialized as JSON.');
    }
    return new Response(kJsonText, init, kStringBody, text);
  }

  clone() {
    if (!(#status in this)) illegalInvocation();
    if (this.#extras?.webSocket !== undefined) {
      throw new TypeError('Cannot clone a response to a WebSocket handshake.');
    }
    let extras;
    if (this.#extras !== undefined) {
      extras = new Extras();
      extras.cf = cloneCf(this.#extras.cf);
      extras.isError = this.#extras.isError;
      extras.isRedirected = this.#extras.isRedirected;
      extras.isEncoded = this.#extras.isEncoded;
    }
    const kind = cloneBody(this);
    return new Response(kInternal, extras, kind, handedOver, copyHeaderSeed(this),
                        contentTypeToWire(this), areHeadersImmutable(this), this.#status,
                        this.#statusText, this.#url);
  }

  get status() { return this.#status; }
  get statusText() { return this.#statusText; }

  get headers() {
    if (!(#status in this)) illegalInvocation();
    return headersOf(this);
  }

  get ok() { return this.#status >= 200 && this.#status <= 299; }
  get redirected() { return this.#extras?.isRedirected ?? false; }
  get url() { return this.#url; }

  get webSocket() {
    if (!(#status in this)) illegalInvocation();
    return this.#extras?.webSocket ?? null;
  }

  get cf() { return this.#extras?.cf; }
  get type() { return this.#extras?.isError ? 'error' : 'default'; }

  static {
    isResponse = (value) => typeof value === 'object' && value !== null && #status in value;

    responseParts = (response) => ({
      __proto__: null,
      status: response.#status,
      statusText: response.#statusText,
      cf: response.#extras?.cf,
      isEncoded: response.#extras?.isEncoded === true,
    });

    createErrorResponse = () => {
      const extras = new Extras();
      extras.isError = true;
      return new Response(kInternal, extras, kNoBody, undefined, undefined, undefined, true, 0, '',
                          '');
    };

    responseStatus = (response) => response.#status;
    responseUrl = (response) => response.#url;
    responseWebSocket = (response) => response.#extras?.webSocket ?? null;

    markRedirected = (response) => {
      response.#extras ??= new Extras();
      response.#extras.isRedirected = true;
    };

    createIncomingResponse = (message, status, statusText, withBody, url, isRedirected,
                              webSocket) => {
      let extras;
      if (isRedirected || webSocket !== undefined) {
        extras = new Extras();
        extras.isRedirected = isRedirected;
        if (webSocket !== undefined) extras.webSocket = createWebSocket(webSocket);
      }
      return withBody ? new Response(kInternal, extras, kMessageBody, message, message, undefined,
                                     true, status, statusText, url) :
                        new Response(kInternal, extras, kNoBody, undefined, message, undefined,
                                     true, status, statusText, url);
    };

    // The answer to the current invocation.
    sendResponse = (response) => {
      const extras = response.#extras;
      if (extras !== undefined && extras.isError) {
        throw new TypeError(
            'Return value from serve handler must not be an error response (like Response.error())');
      }
      if (extras !== undefined && extras.webSocket !== undefined) {
        natives.respond(response.#status, response.#statusText, headersToWire(response), undefined,
                        kNoBody, undefined, false, releaseForResponse(extras.webSocket),
                        natives.isEnabled('web_socket_compression'));
        return;
      }
      const kind = handOverBody(response);
      natives.respond(response.#status, response.#statusText, headersToWire(response),
                      contentTypeToWire(response), kind, handedOver,
                      extras !== undefined && extras.isEncoded);
      if (kind === kSinkBody) fillSink();
    };
  }
}
defineInterface(Response, 'Response');

function isEmpty(kind, source) {
  return kind === kStringBody ?
      source.length === 0 :
      kind === kBytesBody && TypedArrayPrototypeGetByteLength(source) === 0;
}

function toCf(value) {
  if (value !== null && !isObject(value)) {
    throw new TypeError(
        "Incorrect type for the 'cf' field on 'InitializerDict': the provided value is not of type 'Object'.");
  }
  return cloneCf(value);
}

function cloneCf(cf) { return cf === undefined ? undefined : JSONParse(JSONStringify(cf)); }
