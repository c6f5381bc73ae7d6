// https://fetch.spec.whatwg.org/#request-class with Cloudflare's deviations: URLs are absolute,
// requests have no mode or credentials, and everything a browser would refuse for its user's sake
// is allowed.
import {
  Error, Int32Array, JSONParse, JSONStringify, PromisePrototypeThen, StringPrototypeIncludes,
  StringPrototypeToUpperCase, TypeError,
} from '../internal/primordials.js';
import {
  defineInterface, illegalInvocation, isObject, kInternal, requireArguments, toDOMString,
} from '../internal/webidl.js';
import {behaviours} from '../internal/behaviours.js';
import {createDOMException} from '../internal/dom_exception.js';
import {createAbortSignal, isAbortSignal, signalAbort} from '../events/abort_signal.js';
import {
  areHeadersImmutable, Body, bodyStreamOf, cloneBody, contentTypeToWire, copyHeaderSeed, handedOver,
  hasBody, headersOf, isBodyUsed, kMessageBody, kNoBody, moveBody,
} from './body.js';
import {extractBody, extracted, extractedType} from './body_init.js';
import {seedFromInit} from './headers.js';

export const kFollow = 0;
export const kManual = 1;

// One text instead of an object: every isolate would hold each of the names.
const kMethods = ' GET HEAD POST PUT DELETE PATCH OPTIONS TRACE PURGE QUERY COPY LOCK MKCOL MOVE PROPFIND PROPPATCH SEARCH UNLOCK ACL ' +
    'REPORT MKACTIVITY CHECKOUT MERGE MSEARCH NOTIFY SUBSCRIBE UNSUBSCRIBE BAN ';

function toMethod(value) {
  const given = toDOMString(value);
  if (given === 'GET' || given === 'POST') return given;
  const method = StringPrototypeToUpperCase(given);
  if (StringPrototypeIncludes(method, ' ') || !StringPrototypeIncludes(kMethods, ` ${method} `)) {
    throw new TypeError(`Invalid HTTP method string: ${given}`);
  }
  return method;
}

let urlParts;  // urlParse() wants a place for offsets which are of no use here

// The serialised URL, or undefined if `text` is not an absolute one.
export function parseAbsoluteUrl(text) {
  return natives.urlParse(text, undefined, urlParts ??= new Int32Array(8));
}

// The same for `text` relative to `base`, a serialised URL.
export function resolveUrl(text, base) {
  return natives.urlParse(text, base, urlParts ??= new Int32Array(8));
}

function toUrl(value) {
  const text = toDOMString(value);
  const href = parseAbsoluteUrl(text);
  if (href === undefined) throw new TypeError(`Invalid URL: ${text}`);
  return href;
}

function toRedirect(value) {
  const mode = toDOMString(value);
  if (mode === 'follow') return kFollow;
  if (mode === 'manual') return kManual;
  throw new TypeError(
      'Invalid redirect value, must be one of "follow" or "manual" ("error" won\'t be implemented since it does ' +
      'not make sense at the edge; use "manual" and check the response status code).');
}

function toCacheMode(value) {
  if (!behaviours.cacheOption) {
    throw new Error("The 'cache' field on 'RequestInitializerDict' is not implemented.");
  }
  const mode = toDOMString(value);
  if (mode === 'no-store' || (mode === 'no-cache' && behaviours.cacheNoCache) ||
      (mode === 'reload' && behaviours.cacheReload)) {
    return mode;
  }
  throw new TypeError(`Unsupported cache mode: ${mode}`);
}

function toSignal(value) {
  if (value === null) return undefined;
  if (isAbortSignal(value)) return value;
  throw new TypeError(
      "Incorrect type for the 'signal' field on 'RequestInitializerDict': the provided value is not of type 'AbortSignal'.");
}

// The members few requests have.
class Extras {
  cf = undefined;  // an object, or JSON text until a script looks at it
  cache = undefined;
  hasClientSignal = false;  // its signal is the one of the client that sent the request
}

// What a cache mode says in the words of `cf`, as JSON text.
function cfWithCacheMode(cf, mode) {
  const object = cf === undefined ? {} : JSONParse(cfText(cf));
  if (mode === 'no-store') {
    if (object.cacheTtl !== undefined && object.cacheTtl !== -1) {
      throw new TypeError(
          `CacheTtl: ${object.cacheTtl}, is not compatible with cache: ${mode} header.`);
    }
    object.cacheTtl = -1;
  }
  if (mode === 'no-cache') object.cacheForceRevalidate = true;
  else object.cacheLevel = 'bypass';
  if (mode !== 'reload') object.cacheControl ??= mode;
  return JSONStringify(object);
}

function checkCacheControl(cf, cache) {
  if (cf === null || cf.cacheControl === undefined) return;
  if (cf.cacheTtl !== undefined) {
    throw new TypeError(
        "The 'cacheControl' and 'cacheTtl' options on cf are mutually exclusive. Use 'cacheControl' for explicit " +
        "Cache-Control header directives, or 'cacheTtl' for a simplified TTL, but not both.");
  }
  if (cache !== undefined) {
    throw new TypeError(
        "The 'cacheControl' option on cf cannot be used together with the 'cache' request option. The 'cache' option " +
        "('no-store'/'no-cache') maps to cache TTL behavior internally, which conflicts with explicit Cache-Control " +
        'directives.');
  }
}

function cfText(cf) { return typeof cf === 'object' ? JSONStringify(cf) : cf; }

// Fires the signal when whoever sent the request that is being handled goes away.
function watchClient(signal) {
  PromisePrototypeThen(natives.clientGone(), () => {
    signalAbort(signal, createDOMException('The client has disconnected', 'AbortError'));
  });
}

export let isRequest, createIncomingRequest, requestMethod, requestUrl, requestRedirect,
    requestSignal, requestCache, requestCf;

export class Request extends Body {
  #method;
  #url;
  #redirect;
  #signal;  // undefined until a script asks for one: a request nobody can abort needs none
  #extras;

  // Built-ins pass kInternal and every part.
  constructor(input, init = undefined, method, url, redirect, kind, source, seed, contentType,
              immutable) {
    if (input === kInternal) {
      super(kInternal, kind, source, seed, contentType, immutable);
      this.#method = method;
      this.#url = url;
      this.#redirect = redirect;
      this.#extras = init;
      return;
    }
    if (input === undefined) requireArguments(arguments.length, 1, 'Request');
    if (init !== undefined && init !== null && !isObject(init)) {
      throw new TypeError(
          "Failed to construct 'Request': constructor parameter 2 is not of type 'RequestInitializerDict or Request'.");
    }

    method = 'GET';
    redirect = kFollow;
    let signal, cf, cache, body;
    let hasClientSignal = false;
    contentType = undefined;
    const base = isRequest(input) ? input : undefined;
    if (base !== undefined) {
      method = base.#method;
      url = base.#url;
      redirect = base.#redirect;
      signal = base.#signal;
      hasClientSignal = base.#extras?.hasClientSignal ?? false;
      cf = cfText(base.#extras?.cf);
      cache = base.#extras?.cache;
    } else {
      url = toUrl(input);
    }

    let headers;
    if (isRequest(init)) {
      // The same as reading each member from it, without running scripts' getters.
      method = init.#method;
      redirect = init.#redirect;
      if (init.#signal !== undefined) {
        signal = init.#signal;
        hasClientSignal = init.#extras?.hasClientSignal ?? false;
      }
      cf = cfText(init.#extras?.cf) ?? cf;
      cache = init.#extras?.cache ?? cache;
      headers = headersOf(init);
      body = bodyStreamOf(init);
    } else if (isObject(init)) {
      body = init.body;
      if (init.cache !== undefined) cache = toCacheMode(init.cache);
      if (init.cf !== undefined) {
        if (init.cf !== null && !isObject(init.cf)) {
          throw new TypeError(
              "Incorrect type for the 'cf' field on 'RequestInitializerDict': the provided value is not of type 'Object'.");
        }
        checkCacheControl(init.cf, cache);
        cf = JSONStringify(init.cf);
      }
      headers = init.headers;
      if (init.integrity !== undefined && toDOMString(init.integrity) !== '') {
        throw new TypeError(
            'Subrequest integrity checking is not implemented. The integrity option must be either undefined or an ' +
            'empty string.');
      }
      if (init.method !== undefined) method = toMethod(init.method);
      if (init.redirect !== undefined) redirect = toRedirect(init.redirect);
      if (init.signal !== undefined) {
        signal = toSignal(init.signal);
        hasClientSignal = false;
      }
    }

    if (headers !== undefined) {
      seed = seedFromInit(headers);
    }
    else if (base !== undefined)
      seed = copyHeaderSeed(base);
    else
      seed = undefined;

    const hasInitBody = body !== undefined && body !== null;
    if ((hasInitBody || (body === undefined && base !== undefined && hasBody(base))) &&
        (method === 'GET' || method === 'HEAD')) {
      throw new TypeError('Request with a GET or HEAD method cannot have a body.');
    }
    kind = kNoBody;
    source = undefined;
    if (hasInitBody) {
      kind = extractBody(body);
      source = extracted;
      contentType = extractedType;
    } else if (body === undefined && base !== undefined && hasBody(base)) {
      if (isBodyUsed(base)) throw new TypeError('Cannot reconstruct a Request with a used body.');
      kind = moveBody(base);
      source = handedOver;
      if (headers === undefined) contentType = contentTypeToWire(base);
    }

    super(kInternal, kind, source, seed, contentType, false);
    this.#method = method;
    this.#url = url;
    this.#redirect = redirect;
    this.#signal = signal;
    if (cf !== undefined || cache !== undefined || hasClientSignal) {
      this.#extras = new Extras();
      this.#extras.cf = cf;
      this.#extras.cache = cache;
      this.#extras.hasClientSignal = hasClientSignal;
    }
  }

  clone() {
    if (!(#method in this)) illegalInvocation();
    const kind = cloneBody(this);
    const copy =
        new Request(kInternal, undefined, this.#method, this.#url, this.#redirect, kind, handedOver,
                    copyHeaderSeed(this), contentTypeToWire(this), areHeadersImmutable(this));
    copy.#signal = this.#signal;
    if (this.#extras !== undefined) {
      copy.#extras = new Extras();
      copy.#extras.cf = cfText(this.#extras.cf);
      copy.#extras.cache = this.#extras.cache;
      copy.#extras.hasClientSignal = this.#extras.hasClientSignal;
    }
    return copy;
  }

  get method() { return this.#method; }
  get url() { return this.#url; }

  get headers() {
    if (!(#method in this)) illegalInvocation();
    return headersOf(this);
  }

  get redirect() { return this.#redirect === kFollow ? 'follow' : 'manual'; }

  get fetcher() {
    if (!(#method in this)) illegalInvocation();
    return null;
  }

  get signal() {
    if (this.#signal === undefined) {
      this.#signal = createAbortSignal();
      // Only received requests have immutable headers, and copies of them that clone() made.
      if (behaviours.signalsClient && areHeadersImmutable(this)) {
        this.#extras ??= new Extras();
        this.#extras.hasClientSignal = true;
        watchClient(this.#signal);
      }
    }
    return this.#signal;
  }

  get cf() {
    const extras = this.#extras;
    if (extras === undefined) return undefined;
    if (typeof extras.cf === 'string') extras.cf = JSONParse(extras.cf);
    return extras.cf;
  }

  get integrity() {
    if (!(#method in this)) illegalInvocation();
    return '';
  }

  get keepalive() {
    if (!(#method in this)) illegalInvocation();
    return false;
  }

  get cache() { return this.#extras?.cache; }

  static {
    isRequest = (value) => typeof value === 'object' && value !== null && #method in value;
    requestMethod = (request) => request.#method;
    requestUrl = (request) => request.#url;
    requestRedirect = (request) => request.#redirect;
    // undefined if what the request is sent for cannot be aborted
    requestSignal = (request) =>
        (request.#extras?.hasClientSignal === true && !behaviours.passesClientSignal ? undefined :
                                                                                     request.#signal);
    requestCache = (request) => request.#extras?.cache;
    // JSON text or undefined
    requestCf = (request) => {
      const extras = request.#extras;
      if (extras === undefined) return undefined;
      return extras.cache === undefined ? cfText(extras.cf) :
                                          cfWithCacheMode(extras.cf, extras.cache);
    };

    // `cf` is JSON text or undefined.
    createIncomingRequest = (message, method, url, withBody, cf) => {
      let extras;
      if (cf !== undefined) {
        extras = new Extras();
        extras.cf = cf;
      }
      return withBody ? new Request(kInternal, extras, method, url, kManual, kMessageBody, message,
                                    message, undefined, true) :
                        new Request(kInternal, extras, method, url, kManual, kNoBody, undefined,
                                    message, undefined, true);
    };
  }
}
defineInterface(Request, 'Request');
