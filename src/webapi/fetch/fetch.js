// https://fetch.spec.whatwg.org/#fetch-method: a request goes out through a numbered channel, 0 being the Internet, and a promise for
// its response comes back from C++.
import {
  PromisePrototypeThen, PromiseReject, PromiseWithResolvers, StringPrototypeStartsWith,
  TypeError,
} from '../internal/primordials.js';
import {requireArguments} from '../internal/webidl.js';
import {abortReason, addAbortAlgorithm, isAborted, removeAbortAlgorithm} from '../events/abort_signal.js';
import {contentTypeToWire, fillSink, handedOver, handOverBody, headersToWire, kSinkBody} from './body.js';
import {isRequest, Request, requestCf, requestMethod, requestRedirect, requestSignal, requestUrl} from './request.js';

const kInternet = 0;

// The response of `promise`, unless the signal fires before it is there.
function untilAborted(promise, signal) {
  const {promise: result, resolve, reject} = PromiseWithResolvers();
  const onAbort = (reason) => {
    reject(reason);
    natives.subfetchAbort(promise);
  };
  addAbortAlgorithm(signal, onAbort);
  PromisePrototypeThen(promise, (response) => {
    removeAbortAlgorithm(signal, onAbort);
    resolve(response);
  }, (error) => {
    removeAbortAlgorithm(signal, onAbort);
    reject(error);
  });
  return result;
}

// Sends `input`, a Request or what new Request() takes. Throws where fetch() rejects.
export function sendRequest(channel, input, init) {
  natives.requireInvocation();
  const request = init === undefined && isRequest(input) ? input : new Request(input, init);
  const url = requestUrl(request);
  if (channel === kInternet && !StringPrototypeStartsWith(url, 'http:') && !StringPrototypeStartsWith(url, 'https:')) {
    throw new TypeError(`Fetch API cannot load: ${url}`);
  }
  const signal = requestSignal(request);
  if (signal !== undefined && isAborted(signal)) return PromiseReject(abortReason(signal));
  const kind = handOverBody(request);
  const promise = natives.subfetch(channel, requestMethod(request), url, headersToWire(request), contentTypeToWire(request), kind,
                                   handedOver, requestRedirect(request), requestCf(request));
  if (kind === kSinkBody) fillSink();
  return signal === undefined ? promise : untilAborted(promise, signal);
}

export function fetch(input, init = undefined) {
  try {
    requireArguments(arguments.length, 1, 'fetch');
    return sendRequest(kInternet, input, init);
  } catch (error) {
    return PromiseReject(error);
  }
}
