// https://fetch.spec.whatwg.org/#fetch-method: a request goes out through a numbered channel, 0
// being the Internet, and a promise for its response comes back from C++.
import {
  ArrayPrototypePush, PromiseReject, PromiseResolve, StringPrototypeStartsWith, TypeError,
} from '../internal/primordials.js';
import {requireArguments} from '../internal/webidl.js';
import {abortReason, isAborted} from '../events/abort_signal.js';
import {
  contentTypeToWire, discardBody, fillSink, handedOver, handOverBody, headersToWire, kSinkBody,
} from './body.js';
import {copyOfList, valueInList} from './headers.js';
import {responseOfDataUrl} from './data_url.js';
import {createExchange} from './exchange.js';
import {
  isRequest, kFollow, kManual, Request, requestCf, requestMethod, requestCache, requestRedirect,
  requestSignal, requestUrl,
} from './request.js';

const kInternet = 0;
const kNoCacheHeaders = ['cache-control', 'pragma'];

// The headers of a request that no cache shall answer.
function uncached(request) {
  const wire = headersToWire(request);
  const list = typeof wire === 'number' ? natives.messageHeaders(wire) : copyOfList(wire ?? []);
  for (let i = 0; i < kNoCacheHeaders.length; i++) {
    if (valueInList(list, kNoCacheHeaders[i]) === null) {
      ArrayPrototypePush(list, kNoCacheHeaders[i], 'no-cache');
    }
  }
  return list;
}

// Sends `input`, a Request or what new Request() takes. Throws where fetch() rejects.
export function sendRequest(channel, input, init) {
  const request = init === undefined && isRequest(input) ? input : new Request(input, init);
  const url = requestUrl(request);
  const signal = requestSignal(request);
  if (signal !== undefined && isAborted(signal)) {
    discardBody(request, abortReason(signal));
    return PromiseReject(abortReason(signal));
  }
  if (channel === kInternet && !StringPrototypeStartsWith(url, 'http:') &&
      !StringPrototypeStartsWith(url, 'https:')) {
    if (StringPrototypeStartsWith(url, 'data:')) return PromiseResolve(responseOfDataUrl(url));
    throw new TypeError(`Fetch API cannot load: ${url}`);
  }
  const follow = requestRedirect(request) === kFollow;
  const headers = requestCache(request) === undefined ? headersToWire(request) : uncached(request);
  const cf = requestCf(request);  // may run the script's toJSON(): not between the next two calls
  const kind = handOverBody(request);
  if (follow || signal !== undefined) {
    const exchange = createExchange(channel, requestMethod(request), url, headers,
                                    contentTypeToWire(request), kind, handedOver, cf);
    return signal === undefined ? exchange.send(follow) : exchange.sendUntil(signal, follow);
  }
  // What a handler passes on: no more is kept of it.
  const promise = natives.subfetch(channel, requestMethod(request), url, headers,
                                   contentTypeToWire(request), kind, handedOver, kManual, cf);
  if (kind === kSinkBody) fillSink();
  return promise;
}

export function fetch(input, init = undefined) {
  try {
    requireArguments(arguments.length, 1, 'fetch');
    return sendRequest(kInternet, input, init);
  } catch (error) {
    return PromiseReject(error);
  }
}
