// How a request reaches a handler and its answer goes back. This is the hottest JavaScript of the
// platform: an answer that is there at once is passed on without a promise.
import {Error, PromisePrototypeThen, PromiseResolve, TypeError} from '../internal/primordials.js';
import {kInternal} from '../internal/webidl.js';
import {describeException, divertExceptions, reportException} from '../internal/report.js';
import {dispatchTrusted, globalTarget, hasListeners} from '../events/event_target.js';
import {sendRequest} from '../fetch/fetch.js';
import {createIncomingRequest} from '../fetch/request.js';
import {isResponse, sendResponse} from '../fetch/response.js';
import {environmentWith} from './environment.js';
import {ExecutionContext} from './execution_context.js';
import {answerOf, createFetchEvent} from './fetch_event.js';
import {defaultEntrypoint, findEntrypoint, kEntrypointClass, kObject} from './handlers.js';
import {addNextFetch} from './inbound.js';

function fail(error) {
  const {name, message, stack} = describeException(error);
  natives.invocationFailed(name, message, stack);
}

export function answer(value) {
  try {
    if (!isResponse(value)) {
      throw new TypeError("Incorrect type for Promise: the Promise did not resolve to 'Response'.");
    }
    sendResponse(value);
  } catch (error) {
    fail(error);
  }
}

function noFetchHandler() {
  return new Error('Handler does not export a fetch() function.');
}

function callEntrypoint(entrypoint, request, props, env, hasNext) {
  if (entrypoint === undefined) throw noFetchHandler();
  const ctx = new ExecutionContext(kInternal, props);
  if (hasNext) addNextFetch(ctx, request);
  if (entrypoint.kind === kObject) {
    if (!entrypoint.hasFetch) throw noFetchHandler();
    return entrypoint.target.fetch(request, env, ctx);
  }
  if (entrypoint.kind !== kEntrypointClass) {
    throw new TypeError('The entrypoint is a class that does not extend WorkerEntrypoint.');
  }
  const instance = new entrypoint.target(ctx, env);
  if (typeof instance.fetch !== 'function') throw noFetchHandler();
  return instance.fetch(request);
}

// Whether the Worker's script is in service-worker format.
let usesEvents = false;

export function setServiceWorkerFormat(value) { usesEvents = value; }

// Without an answer from a listener the request goes on to where it was going. An exception counts
// unless one has answered.
function fireFetchEvent(request) {
  if (!hasListeners(globalTarget, 'fetch')) throw noFetchHandler();
  const event = createFetchEvent(request);
  let hasThrown = false;
  let exception;
  divertExceptions(
      (error) => {
        if (!hasThrown) exception = error;
        hasThrown = true;
      },
      () => {
        dispatchTrusted(globalTarget, event);
      });
  const response = answerOf(event);
  if (hasThrown) {
    if (response === undefined) throw exception;
    reportException(exception);
  }
  return response ?? sendRequest(0, request, undefined);
}

// `hasNext`: this is an inbound Worker, which may let the request go on.
export function startFetch(message, method, url, hasBody, entrypointName, props, cf, envValues,
                           hasNext) {
  let result;
  try {
    const request = createIncomingRequest(message, method, url, hasBody, cf);
    result = usesEvents ?
        fireFetchEvent(request) :
        callEntrypoint(
            entrypointName === undefined ? defaultEntrypoint : findEntrypoint(entrypointName),
            request, props, environmentWith(envValues), hasNext);
    if (isResponse(result)) {
      sendResponse(result);
      return;
    }
    PromisePrototypeThen(PromiseResolve(result), answer, fail);
  } catch (error) {
    fail(error);
  }
}
