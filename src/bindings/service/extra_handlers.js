// `scheduled()` and `queue()` of a service binding, which run those handlers of the Worker behind it: only with the flag
// service_binding_extra_handlers. Without, these names are methods like any other.
import {
  DatePrototypeGetTime, PromisePrototypeThen, TypeError,
} from '../../webapi/internal/primordials.js';
import {
  isBufferSource, requireArguments, toDictionary, toDOMString, toSequence, toUnsignedShort,
} from '../../webapi/internal/webidl.js';
import {copyOfBytes} from '../../webapi/internal/bytes.js';
import {ask} from '../../webapi/rpc/client.js';
import {serialize} from '../../webapi/structured_clone/structured_clone.js';

function toTime(value) { return typeof value === 'number' ? value : DatePrototypeGetTime(value); }

function readMessage(value) {
  const {id, timestamp, body, serializedBody, attempts} = toDictionary(value, 'ServiceBindingQueueMessage');
  if ((body === undefined) === (serializedBody === undefined)) {
    throw new TypeError('Expected one of body or serializedBody for each message');
  }
  if (body === undefined && !isBufferSource(serializedBody)) throw new TypeError('serializedBody is not an ArrayBuffer or a view of one.');
  return {
    id: toDOMString(id),
    timestamp: toTime(timestamp),
    attempts: toUnsignedShort(attempts),
    body: body === undefined ? copyOfBytes(serializedBody) : serialize(body),
  };
}

function readMetadata(value) {
  const {metrics} = toDictionary(value, 'MessageBatchMetadata');
  const {backlogCount = 0, backlogBytes = 0, oldestMessageTimestamp} = toDictionary(metrics, 'MessageBatchMetrics');
  return {metrics: {backlogCount: +backlogCount, backlogBytes: +backlogBytes, oldestMessageTimestamp}};
}

// The answer as an object of the script's own.
function withoutDisposer(answer) { return {...answer}; }

export function sendScheduled(fetcher, options) {
  const {scheduledTime, cron = ''} = toDictionary(options, 'FetcherScheduledOptions');
  const time = scheduledTime === undefined ? natives.now() : toTime(scheduledTime);
  return PromisePrototypeThen(ask(fetcher, [['scheduled', time, toDOMString(cron)]]), withoutDisposer);
}

export function sendQueue(fetcher, args) {
  requireArguments(args.length, 2, 'Fetcher.queue');
  const batch = {
    queue: toDOMString(args[0]),
    messages: toSequence(args[1], readMessage, 'Fetcher.queue: messages'),
    metadata: readMetadata(args[2]),
  };
  return PromisePrototypeThen(ask(fetcher, [['queue', batch]]), withoutDisposer);
}
