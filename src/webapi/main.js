// The whole of the built-ins, bundled into one function of `natives` that runs once, when the start-up snapshot is made. It returns what
// C++ calls; the contract is in README.md.
import {ObjectKeys} from './internal/primordials.js';
import {defineValue, LazyInterface, lazyProperties} from './internal/lazy.js';
import {DOMException, QuotaExceededError} from './internal/dom_exception.js';
import {AbortController, AbortSignal, addAbortAlgorithm, isAborted, isAbortSignal} from './events/abort_signal.js';
import {Event} from './events/event.js';
import {CloseEvent, CustomEvent, ErrorEvent, MessageEvent, PromiseRejectionEvent} from './events/event_classes.js';
import {EventTarget, isEventTarget} from './events/event_target.js';
import {
  installGlobalScope, promiseRejected, reportError, reportRejections, ServiceWorkerGlobalScope, WorkerGlobalScope,
} from './events/global_scope.js';
import * as streams from './streams/index.js';
import {URL} from './url/url.js';
import {URLPattern} from './urlpattern/url_pattern.js';
import {URLSearchParams} from './url/url_search_params.js';
import {atob, btoa} from './encoding/base64.js';
import {CompressionStream, DecompressionStream} from './compression/compression_stream.js';
import {console} from './console/console.js';
import {hiddenState} from './console/hidden_state.js';
import {isPlatformPrototype} from './internal/webidl.js';
import {TextDecoder} from './encoding/text_decoder.js';
import {TextEncoder} from './encoding/text_encoder.js';
import {TextDecoderStream, TextEncoderStream} from './encoding/text_streams.js';
import {Blob, File} from './blob/blob.js';
import {FormData} from './formdata/form_data.js';
import {Body} from './fetch/body.js';
import {fetch} from './fetch/fetch.js';
import {Headers} from './fetch/headers.js';
import {Request} from './fetch/request.js';
import {createIncomingResponse, Response} from './fetch/response.js';
import {createCrypto, Crypto, SubtleCrypto} from './crypto/crypto.js';
import {CryptoKey, CryptoKeyInnards} from './crypto/subtle/crypto_key.js';
import {structuredClone} from './structured_clone/structured_clone.js';
import {createNavigator, Navigator} from './performance/navigator.js';
import {performanceWith} from './performance/performance.js';
import {
  PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceObserver, PerformanceObserverEntryList,
  PerformanceResourceTiming,
} from './performance/timeline.js';
import {
  clearInterval, clearTimeout, fireTimer, forgetTimer, queueMicrotask, scheduler, Scheduler, setInterval, setTimeout,
  useAsyncContexts,
} from './timers/timers.js';
import {Cloudflare} from './entry/cloudflare.js';
import {EventSource} from './eventsource/event_source.js';
import {HTMLRewriter} from './htmlrewriter/html_rewriter.js';
import {MessageChannel, MessagePort} from './messaging/message_channel.js';
import {webSocketEvent, WebSocket} from './websocket/websocket.js';
import {WebSocketPair} from './websocket/websocket_pair.js';
import {Cache, CacheStorage, createCacheStorage} from './cache/cache.js';
import {ExtendableEvent, FetchEvent} from './entry/fetch_event.js';
import {prepareWorker, registerExports} from './entry/entry.js';
import {environment} from './entry/environment.js';
import {makeError} from './internal/make_error.js';
import {practise} from './entry/practice.js';
import {startFetch} from './entry/start_fetch.js';
import {provideCode} from '../bindings/loader/worker_loader.js';
import {deliverCall, releaseExport} from './entry/deliver_call.js';
import {workersModule} from './entry/workers_module.js';
import {socketsModule} from './sockets/sockets_module.js';
import {extendPerformance, loadWholeNodeLibrary, nodeModule, prepareNode, setNodeOriginals, setNodeRequire} from '../nodeapi/node.js';

// A letter of the alphabet a line.
const interfaces = {
  AbortController, AbortSignal,
  Blob, Body,
  Cache, CacheStorage, CloseEvent, CompressionStream, Crypto, CryptoKey, CustomEvent,
  DecompressionStream, DOMException,
  ErrorEvent, Event, EventSource, EventTarget, ExtendableEvent,
  FetchEvent, File, FormData,
  Headers, HTMLRewriter,
  MessageChannel, MessageEvent, MessagePort,
  Navigator,
  Performance: new LazyInterface(() => performanceWith(extendPerformance).Performance), PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceObserver,
  PerformanceObserverEntryList, PerformanceResourceTiming, PromiseRejectionEvent,
  QuotaExceededError,
  Request, Response,
  Scheduler, ServiceWorkerGlobalScope, SubtleCrypto,
  TextDecoder, TextDecoderStream, TextEncoder, TextEncoderStream,
  URL, URLPattern, URLSearchParams,
  WebSocket, WebSocketPair, WorkerGlobalScope,
  ...streams,
};

const functions = {
  atob, btoa, clearInterval, clearTimeout, fetch, queueMicrotask, reportError, setInterval, setTimeout, structuredClone,
};

// Of the web platform's insides.
const nodeNeeds = {
  CryptoKeyInnards, addAbortAlgorithm, environment, hiddenState, isAborted, isAbortSignal, isEventTarget, isPlatformPrototype,
  useAsyncContexts,
};

const objects = {
  caches: new LazyInterface(createCacheStorage),
  crypto: new LazyInterface(createCrypto),
  navigator: new LazyInterface(createNavigator),
  performance: new LazyInterface(() => performanceWith(extendPerformance).performance),
  scheduler,
};

// Names that are missing here are missing on purpose: window, document, location, Worker, XMLHttpRequest, localStorage,
// importScripts, … make libraries take a browser's path.
function installGlobals(global) {
  const define = (members, enumerable) => {
    const names = ObjectKeys(members);
    for (let i = 0; i < names.length; i++) {
      defineValue(global, names[i], members[names[i]], enumerable);
    }
  };
  define(interfaces, false);
  define(functions, true);
  define(objects, true);
  define({Cloudflare: new Cloudflare(), console}, false);
  define({self: global}, true);
  installGlobalScope(global);
  practise();
}

// What Node's library shares with the web platform.
function webPlatform() {
  return {__proto__: null, ...interfaces, ...functions, ...objects, console, ...nodeNeeds};
}

function prepare(info) {
  prepareWorker(info);
  prepareNode(info, webPlatform, globalThis);
}

// The exports of a module that the platform brings, or undefined; cloudflare:workers goes another way.
function builtinModule(specifier) {
  return specifier === 'cloudflare:sockets' ? socketsModule() : nodeModule(specifier);
}

const loadWholeLibrary = () => loadWholeNodeLibrary(webPlatform);

export {
  deliverCall, provideCode, loadWholeLibrary as loadWholeNodeLibrary, fireTimer, forgetTimer, installGlobals, lazyProperties, createIncomingResponse as makeIncomingResponse, makeError, builtinModule as nodeModule, prepare as prepareWorker, promiseRejected,
  registerExports, releaseExport, reportRejections, setNodeOriginals, setNodeRequire, startFetch, webSocketEvent, workersModule,
};
