// One call of fetch() that may take several requests:
// https://fetch.spec.whatwg.org/#http-redirect-fetch, and
// https://fetch.spec.whatwg.org/#abort-fetch as long as there is no response.
import {
  ArrayPrototypePush, PromisePrototypeThen, StringPrototypeIndexOf, StringPrototypeSlice,
  StringPrototypeStartsWith, TypeError,
} from '../internal/primordials.js';
import {behaviours} from '../internal/behaviours.js';
import {
  discardBody, fillSink, headerOf, kMessageBody, kNoBody, kSinkBody, setBodySignal,
} from './body.js';
import {kManual, resolveUrl} from './request.js';
import {markRedirected, responseStatus} from './response.js';
import {untilAborted} from './until_aborted.js';

const kMaxRedirects = 20;

function isBodyHeader(name) {
  return name === 'content-encoding' || name === 'content-language' ||
      name === 'content-location' || name === 'content-type' || name === 'content-length';
}

// Scheme, host and port of a serialised URL.
function originOf(url) {
  const start = StringPrototypeIndexOf(url, '//') + 2;
  const end = StringPrototypeIndexOf(url, '/', start);
  const authority = StringPrototypeSlice(url, start, end < 0 ? url.length : end);
  const at = StringPrototypeIndexOf(authority, '@');
  return StringPrototypeSlice(url, 0, start) + StringPrototypeSlice(authority, at + 1);
}

class Exchange {
  #channel;
  #method;
  #url;
  #headers;  // in wire form
  #contentType;
  #kind;
  #body;
  #cf;
  #hops = 0;
  #pending = undefined;  // what subfetch() promised last
  #isAborted = false;

  constructor(channel, method, url, headers, contentType, kind, body, cf) {
    this.#channel = channel;
    this.#method = method;
    this.#url = url;
    this.#headers = headers;
    this.#contentType = contentType;
    this.#kind = kind;
    this.#body = body;
    this.#cf = cf;
  }

  // A promise for the response; the last one, if redirects are to be followed.
  send(follow) {
    this.#pending = natives.subfetch(this.#channel, this.#method, this.#url, this.#headers,
                                     this.#contentType, this.#kind, this.#body, kManual, this.#cf);
    if (this.#kind === kSinkBody) fillSink();
    return follow ? PromisePrototypeThen(this.#pending, (response) => this.#proceed(response)) :
                    this.#pending;
  }

  // The same, but rejecting as soon as the signal fires. The response's body ends with it, too.
  sendUntil(signal, follow) {
    const response = PromisePrototypeThen(this.send(follow), (received) => {
      setBodySignal(received, signal);
      return received;
    });
    return untilAborted(signal, response, () => {
      this.#isAborted = true;
      natives.subfetchAbort(this.#pending);
    });
  }

  #proceed(response) {
    const status = responseStatus(response);
    const isRedirect =
        status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
    const location = isRedirect ? headerOf(response, 'location') : undefined;
    if (location === undefined || this.#isAborted) {
      if (this.#hops > 0) markRedirected(response);
      return response;
    }
    discardBody(response);
    const url = resolveUrl(location, this.#url);
    if (url === undefined ||
        !(StringPrototypeStartsWith(url, 'http:') || StringPrototypeStartsWith(url, 'https:'))) {
      throw new TypeError(`Unable to follow the redirect to ${location}`);
    }
    if (++this.#hops > kMaxRedirects) {
      throw new TypeError(`Too many redirects; the last one was to ${url}`);
    }
    this.#prepare(status, url);
    return this.send(true);
  }

  #prepare(status, url) {
    const method = this.#method;
    const becomesGet =
        status === 303 ? method !== 'GET' && method !== 'HEAD' : status <= 302 && method === 'POST';
    if (becomesGet) {
      this.#method = 'GET';
      this.#kind = kNoBody;
      this.#body = undefined;
      this.#contentType = undefined;
    } else if (this.#kind === kMessageBody || this.#kind === kSinkBody) {
      throw new TypeError(
          'A request with a one-time-use body (it was initialized from a stream, not a buffer) encountered a redirect ' +
          'requiring the body to be retransmitted. To avoid this error in the future, construct this request from a ' +
          'buffer-like body initializer.');
    }
    const leavesOrigin =
        behaviours.stripsAuthorization && originOf(url) !== originOf(this.#url);
    if (becomesGet || leavesOrigin) this.#dropHeaders(becomesGet, leavesOrigin);
    this.#url = url;
  }

  #dropHeaders(ofBody, ofOrigin) {
    const all =
        typeof this.#headers === 'number' ? natives.messageHeaders(this.#headers) : this.#headers;
    if (all === undefined) return;
    const kept = [];
    for (let i = 0; i < all.length; i += 2) {
      if ((ofBody && isBodyHeader(all[i])) || (ofOrigin && all[i] === 'authorization')) continue;
      ArrayPrototypePush(kept, all[i], all[i + 1]);
    }
    this.#headers = kept;
  }
}

// A call of fetch() that stays with its request: channel, method, URL, headers and content type in wire form, kind and value of
// the body, cf.
export function createExchange(channel, method, url, headers, contentType, kind, body, cf) {
  return new Exchange(channel, method, url, headers, contentType, kind, body, cf);
}
