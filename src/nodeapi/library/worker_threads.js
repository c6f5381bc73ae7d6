'use strict';
// One thread: ports between two ends of the same script, and no Workers of Node's kind.
const {SafeMap, SymbolAsyncDispose, SymbolFor} = primordials;
const EventEmitter = require('events');
const {codes: {ERR_METHOD_NOT_IMPLEMENTED}} = require('internal/errors');
const {webValue} = require('atoll/platform');

const refuse = (name) => ({[name]() { throw new ERR_METHOD_NOT_IMPLEMENTED(`worker_threads.${name}`); }}[name]);

class Worker extends EventEmitter {
  constructor() {
    super();
    throw new ERR_METHOD_NOT_IMPLEMENTED('worker_threads.Worker');
  }
  postMessage() { throw new ERR_METHOD_NOT_IMPLEMENTED('Worker.postMessage'); }
  postMessageToThread() { throw new ERR_METHOD_NOT_IMPLEMENTED('Worker.postMessageToThread'); }
  ref() { throw new ERR_METHOD_NOT_IMPLEMENTED('Worker.ref'); }
  unref() { throw new ERR_METHOD_NOT_IMPLEMENTED('Worker.unref'); }
  async terminate() { throw new ERR_METHOD_NOT_IMPLEMENTED('Worker.terminate'); }
  async getHeapSnapshot() { throw new ERR_METHOD_NOT_IMPLEMENTED('Worker.getHeapSnapshot'); }
  async getHeapStatistics() { throw new ERR_METHOD_NOT_IMPLEMENTED('Worker.getHeapStatistics'); }
  async [SymbolAsyncDispose]() { throw new ERR_METHOD_NOT_IMPLEMENTED('Worker[Symbol.asyncDispose]'); }
}

class BroadcastChannel {
  constructor() { throw new ERR_METHOD_NOT_IMPLEMENTED('worker_threads.BroadcastChannel'); }
}

// Set by the script for itself, as its own module variables are.
const environment = new SafeMap();

module.exports = {
  BroadcastChannel,
  MessageChannel: webValue('MessageChannel'),
  MessagePort: webValue('MessagePort'),
  Worker,
  SHARE_ENV: SymbolFor('nodejs.worker_threads.SHARE_ENV'),
  getEnvironmentData(key) { return environment.get(key); },
  setEnvironmentData(key, value) { environment.set(key, value); },
  isMainThread: true,
  isMarkedAsUntransferable() { return false; },
  markAsUntransferable() {},
  markAsUncloneable() {},
  moveMessagePortToContext: refuse('moveMessagePortToContext'),
  parentPort: null,
  receiveMessageOnPort() { return undefined; },
  resourceLimits: {},
  postMessageToThread: refuse('postMessageToThread'),
  threadId: 0,
  workerData: null,
  isInternalThread: false,
};
