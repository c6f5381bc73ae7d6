// Events other than requests that a service binding brings: the called side. An event comes as a call on nothing, with the
// list that bindings/service/extra_handlers.js makes; its handler's failure is an outcome, not an error of the caller.
import {
  ArrayPrototypePush, Date, Error, ObjectFreeze, ObjectKeys, PromisePrototypeThen, PromiseResolve, TypeError,
} from '../internal/primordials.js';
import {
  defineInterface, illegalConstructor, isObject, kInternal, toDictionary, toLong,
} from '../internal/webidl.js';
import {reportException} from '../internal/report.js';
import {deserialize} from '../structured_clone/structured_clone.js';
import {environment} from './environment.js';
import {ExecutionContext} from './execution_context.js';
import {entrypointNamed, kEntrypointClass, kObject} from './handlers.js';
import {addNextEvent} from './inbound.js';

const kWarning = 3;  // a level of natives.log

class ScheduledController {
  #scheduledTime;
  #cron;
  #result;

  constructor(key, scheduledTime, cron, result) {
    if (key !== kInternal) illegalConstructor();
    this.#scheduledTime = scheduledTime;
    this.#cron = cron;
    this.#result = result;
  }

  get scheduledTime() { return this.#scheduledTime; }
  get cron() { return this.#cron; }
  noRetry() { this.#result.noRetry = true; }
}
defineInterface(ScheduledController, 'ScheduledController');

// What a batch's handler has decided so far.
class BatchResult {
  ackAll = false;
  retryBatch = {retry: false};
  acks = {__proto__: null};
  retries = {__proto__: null};  // id → {delaySeconds}
}

// Undefined or {delaySeconds}.
function readRetryOptions(options) {
  const {delaySeconds} = toDictionary(options, 'QueueRetryOptions');
  return delaySeconds === undefined ? {} : {delaySeconds: toLong(delaySeconds)};
}

function warn(call, earlier, where) {
  natives.log(kWarning, `Received a call to ${call}${where} after ${earlier} was already called; it has no effect.`);
}

class QueueMessage {
  #message;
  #body;
  #result;

  constructor(key, message, result) {
    if (key !== kInternal) illegalConstructor();
    this.#message = message;
    this.#body = deserialize(message.body);
    this.#result = result;
  }

  get id() { return this.#message.id; }
  get timestamp() { return new Date(this.#message.timestamp); }
  get attempts() { return this.#message.attempts; }
  get body() { return this.#body; }

  ack() {
    const {id} = this.#message;
    const {ackAll, retryBatch, retries, acks} = this.#result;
    if (ackAll) return;
    const where = ` on message ${id}`;
    if (retryBatch.retry) warn('ack()', 'retryAll()', where);
    else if (id in retries) warn('ack()', 'retry()', where);
    else acks[id] = true;
  }

  retry(options = undefined) {
    const {id} = this.#message;
    const {ackAll, retries, acks} = this.#result;
    const read = readRetryOptions(options);
    const where = ` on message ${id}`;
    if (ackAll) warn('retry()', 'ackAll()', where);
    else if (id in acks) warn('retry()', 'ack()', where);
    else if (!(id in retries) || 'delaySeconds' in read) retries[id] = read;
  }
}
defineInterface(QueueMessage, 'QueueMessage');

class MessageBatch {
  #queue;
  #messages;
  #metadata;
  #result;

  constructor(key, batch, result) {
    if (key !== kInternal) illegalConstructor();
    const {messages} = batch;
    this.#queue = batch.queue;
    this.#messages = [];
    this.#metadata = batch.metadata;
    this.#result = result;
    for (let i = 0; i < messages.length; i++) {
      ArrayPrototypePush(this.#messages, new QueueMessage(kInternal, messages[i], result));
    }
    ObjectFreeze(this.#messages);
  }

  get queue() { return this.#queue; }
  get messages() { return this.#messages; }
  get metadata() { return this.#metadata; }

  ackAll() {
    if (this.#result.retryBatch.retry) warn('ackAll()', 'retryAll()', '');
    else this.#result.ackAll = true;
  }

  retryAll(options = undefined) {
    const read = readRetryOptions(options);
    if (this.#result.ackAll) {
      warn('retryAll()', 'ackAll()', '');
    } else {
      this.#result.retryBatch = {...this.#result.retryBatch, retry: true, ...read};
    }
  }
}
defineInterface(MessageBatch, 'MessageBatch');

// `next`: undefined, or the arguments that an inbound Worker may let go on.
function callHandler(name, entrypoint, props, controller, next) {
  const ctx = new ExecutionContext(kInternal, props);
  if (next !== undefined) addNextEvent(ctx, next);
  let target;
  if (entrypoint?.kind === kObject) target = entrypoint.target;
  else if (entrypoint?.kind === kEntrypointClass) target = new entrypoint.target(ctx, environment);
  if (typeof target?.[name] !== 'function') throw new Error(`Handler does not export a ${name}() function.`);
  return target[name](controller, environment, ctx);
}

// Runs `handle`, which may return a promise, and resolves to its outcome.
function outcomeOf(handle) {
  const failed = (error) => {
    reportException(error);
    return 'exception';
  };
  try {
    return PromisePrototypeThen(PromiseResolve(handle()), () => 'ok', failed);
  } catch (error) {
    return PromiseResolve(failed(error));
  }
}

function deliverScheduled(entrypoint, props, scheduledTime, cron, next) {
  const result = {noRetry: false};
  const outcome = outcomeOf(() => {
    const controller = new ScheduledController(kInternal, scheduledTime, cron, result);
    return callHandler('scheduled', entrypoint, props, controller, next);
  });
  return PromisePrototypeThen(outcome, (outcome) => ({outcome, noRetry: result.noRetry}));
}

function deliverBatch(entrypoint, props, batch, next) {
  const result = new BatchResult();
  const outcome = outcomeOf(
      () => callHandler('queue', entrypoint, props, new MessageBatch(kInternal, batch, result), next));
  return PromisePrototypeThen(outcome, (outcome) => {
    const {ackAll, retryBatch, acks, retries} = result;
    const retryMessages = [];
    const ids = ObjectKeys(retries);
    for (let i = 0; i < ids.length; i++) {
      ArrayPrototypePush(retryMessages, {msgId: ids[i], ...retries[ids[i]]});
    }
    return {outcome, ackAll, retryBatch, explicitAcks: ObjectKeys(acks), retryMessages};
  });
}

// → a promise of the event's result. Throws a TypeError when the bytes are no event.
export function deliverEvent(entrypointName, props, bytes, hasNext) {
  const args = bytes === undefined ? undefined : deserialize(bytes);
  const event = args?.[0];
  const entrypoint = entrypointNamed(entrypointName);
  const next = hasNext ? args : undefined;
  if (isObject(event) && event[0] === 'scheduled') return deliverScheduled(entrypoint, props, event[1], event[2], next);
  if (isObject(event) && event[0] === 'queue') return deliverBatch(entrypoint, props, event[1], next);
  throw new TypeError('"(this)" is not a function.');
}
