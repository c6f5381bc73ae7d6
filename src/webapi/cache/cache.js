// https://w3c.github.io/ServiceWorker/#cache-interface as Cloudflare has it: a cache is a channel that requests are sent
// through; src/bindings/cache keeps the responses.
import {Error, PromisePrototypeThen, PromiseReject, PromiseResolve, StringPrototypeIndexOf, TypeError} from '../internal/primordials.js';
import {defineInterface, illegalInvocation, kInternal, requireArguments, toUSVString} from '../internal/webidl.js';
import {contentTypeToWire, fillSink, handOverBody, headerOf, headersToWire, kNoBody, kSinkBody, takeHandedOver} from '../fetch/body.js';
import {isRequest, kManual, Request, requestMethod, requestUrl} from '../fetch/request.js';
import {isResponse, responseParts, responseStatus, responseWebSocket} from '../fetch/response.js';

const kCaches = -2147483648;
const kLongestName = 1024;

const asRequest = (input) => (isRequest(input) ? input : new Request(input));

// What rejects instead of being thrown.
function promised(run) {
  try {
    return run();
  } catch (error) {
    return PromiseReject(error);
  }
}

function checkStorable(request, response) {
  if (requestMethod(request) !== 'GET') throw new TypeError('Cannot cache response to non-GET request.');
  if (responseStatus(response) === 206) {
    throw new TypeError('Cannot cache response to a range request (206 Partial Content).');
  }
  const vary = headerOf(response, 'vary');
  if (vary !== undefined && vary !== null && StringPrototypeIndexOf(vary, '*') >= 0) {
    throw new TypeError("Cannot cache response with 'Vary: *' header.");
  }
  if (responseStatus(response) === 0) throw new TypeError('Cache is unable to store an error response');
  if (responseWebSocket(response) !== null) throw new TypeError('Cannot cache WebSocket upgrade response.');
}

export class Cache {
  #name;  // empty: the default cache

  constructor(key, name) {
    if (key !== kInternal) throw new TypeError('Illegal constructor');
    this.#name = name;
  }

  match(request, options = undefined) {
    return promised(() => {
      if (!(#name in this)) illegalInvocation();
      requireArguments(arguments.length, 1, "Cache's match");
      const asked = asRequest(request);
      const ignoreMethod = options !== undefined && options !== null && Boolean(options.ignoreMethod);
      if (!ignoreMethod && requestMethod(asked) !== 'GET') return PromiseResolve(undefined);
      const found = natives.subfetch(kCaches, `MATCH ${this.#name}`, requestUrl(asked), headersToWire(asked), undefined, kNoBody,
                                     undefined, kManual, undefined);
      return PromisePrototypeThen(
          found, (response) => (headerOf(response, 'cf-cache-status') === 'MISS' ? undefined : response));
    });
  }

  put(request, response) {
    return promised(() => {
      if (!(#name in this)) illegalInvocation();
      requireArguments(arguments.length, 2, "Cache's put");
      const asked = asRequest(request);
      if (!isResponse(response)) throw new TypeError("Failed to execute 'put' on 'Cache': parameter 2 is not of type 'Response'.");
      checkStorable(asked, response);
      const {status, statusText} = responseParts(response);
      const kind = handOverBody(response);
      const done = natives.subfetch(kCaches, `PUT ${status} ${statusText}\n${this.#name}`, requestUrl(asked),
                                    headersToWire(response), contentTypeToWire(response), kind, takeHandedOver(), kManual, undefined);
      if (kind === kSinkBody) fillSink();
      return PromisePrototypeThen(done, (answer) => {
        if (responseStatus(answer) === 413) throw new TypeError('The body of the response is too large for the cache.');
      });
    });
  }

  delete(request, options = undefined) {
    return promised(() => {
      if (!(#name in this)) illegalInvocation();
      requireArguments(arguments.length, 1, "Cache's delete");
      const asked = asRequest(request);
      const ignoreMethod = options !== undefined && options !== null && Boolean(options.ignoreMethod);
      if (!ignoreMethod && requestMethod(asked) !== 'GET') return PromiseResolve(false);
      const done = natives.subfetch(kCaches, `PURGE ${this.#name}`, requestUrl(asked), undefined, undefined, kNoBody, undefined,
                                    kManual, undefined);
      return PromisePrototypeThen(done, (answer) => responseStatus(answer) === 204);
    });
  }

  add() { throw new Error("Failed to execute 'add' on 'Cache': the method is not implemented."); }
  addAll() { throw new Error("Failed to execute 'addAll' on 'Cache': the method is not implemented."); }
}
defineInterface(Cache, 'Cache');

export class CacheStorage {
  #default;

  constructor(key) {
    if (key !== kInternal) throw new TypeError('Illegal constructor');
  }

  get default() {
    if (!(#default in this)) illegalInvocation();
    return this.#default ??= new Cache(kInternal, '');
  }

  open(name) {
    return promised(() => {
      if (!(#default in this)) illegalInvocation();
      requireArguments(arguments.length, 1, "CacheStorage's open");
      const text = toUSVString(name);
      if (text.length >= kLongestName) throw new TypeError('Cache name is too long.');
      return PromiseResolve(new Cache(kInternal, `:${text}`));
    });
  }
}
defineInterface(CacheStorage, 'CacheStorage');

export function createCacheStorage() { return new CacheStorage(kInternal); }
