// scheduled() and queue() of service bindings.
import { WorkerEntrypoint } from 'cloudflare:workers';
import { equal, rejects } from '../check.js';

let seen;

export class Handlers extends WorkerEntrypoint {
  scheduled(controller) {
    seen = { name: controller.constructor.name, time: controller.scheduledTime, cron: controller.cron };
    if (controller.cron === 'never again') controller.noRetry();
    if (controller.cron === 'fails') throw new Error('this fails');
  }
  queue(batch) {
    seen = {
      queue: batch.queue,
      frozen: Array.isArray(batch.messages),
      messages: batch.messages.map(({ id, timestamp, attempts, body }) => [id, timestamp instanceof Date, attempts, body]),
    };
    for (const message of batch.messages) {
      if (message.body === 'ack') message.ack();
      if (message.body === 'retry') message.retry();
      if (message.body?.later) message.retry({ delaySeconds: message.body.later });
      if (message.body === 'both') {
        message.ack();
        message.retry();
      }
    }
    if (batch.queue === 'all') batch.ackAll();
    if (batch.queue === 'again') batch.retryAll({ delaySeconds: 7 });
    if (batch.queue === 'fails') throw new Error('this fails');
  }
}

export default {
  async scheduled(controller, env, ctx) {
    await scheduler.wait(1);
    seen = [controller.cron, env.TEXT, typeof ctx.waitUntil];
  },
};

const message = (id, body, attempts = 1) => ({ id, timestamp: new Date(1000), attempts, body });

export const a_binding_runs_the_scheduled_handler = {
  async test(ctrl, { HANDLERS }) {
    const before = Date.now();
    equal(await HANDLERS.scheduled(), { outcome: 'ok', noRetry: false });
    equal([seen.name, seen.cron, seen.time >= before], ['ScheduledController', '', true]);
    equal(await HANDLERS.scheduled({ scheduledTime: new Date(5000), cron: 'never again' }), { outcome: 'ok', noRetry: true });
    equal([seen.cron, seen.time], ['never again', 5000]);
  },
};

export const what_a_handler_throws_is_an_outcome = {
  async test(ctrl, { HANDLERS }) {
    equal((await HANDLERS.scheduled({ cron: 'fails' })).outcome, 'exception');
    equal((await HANDLERS.queue('fails', [])).outcome, 'exception');
  },
};

export const a_default_export_that_is_an_object_gets_env_and_ctx = {
  async test(ctrl, { SELF }) {
    equal((await SELF.scheduled({ cron: 'x' })).outcome, 'ok');
    equal(seen, ['x', 'a text', 'function']);
  },
};

export const a_handler_that_is_missing_is_an_exception_of_the_called = {
  async test(ctrl, { SELF }) {
    equal((await SELF.queue('q', [message('1', 'text')])).outcome, 'exception');
  },
};

export const messages_arrive_with_their_bodies = {
  async test(ctrl, { HANDLERS }) {
    const result = await HANDLERS.queue('plain', [
      message('1', 'text'), message('2', { deep: [1, 2] }, 3),
      { id: '3', timestamp: new Date(1000), attempts: 1, serializedBody: new Uint8Array([255, 15, 34, 4, 102, 111, 117, 114]) },
    ]);
    equal(result, { outcome: 'ok', ackAll: false, retryBatch: { retry: false }, explicitAcks: [], retryMessages: [] });
    equal(seen.messages, [['1', true, 1, 'text'], ['2', true, 3, { deep: [1, 2] }], ['3', true, 1, 'four']]);
  },
};

export const the_result_says_what_was_decided = {
  async test(ctrl, { HANDLERS }) {
    const batch = [message('1', 'ack'), message('2', 'retry'), message('3', { later: 9 }), message('4', 'both')];
    const result = await HANDLERS.queue('q', batch);
    equal([result.explicitAcks.sort(), result.retryMessages.length], [['1', '4'], 2]);
    equal(result.retryMessages.find(({ msgId }) => msgId === '3'), { msgId: '3', delaySeconds: 9 });
    equal((await HANDLERS.queue('all', batch)).ackAll, true);
    equal((await HANDLERS.queue('again', batch)).retryBatch, { retry: true, delaySeconds: 7 });
  },
};

export const a_message_has_one_body = {
  async test(ctrl, { HANDLERS }) {
    const part = 'Expected one of body or serializedBody for each message';
    await rejects(HANDLERS.queue('q', [{ id: '1', timestamp: new Date(), attempts: 1 }]), 'TypeError', part);
    await rejects(HANDLERS.queue('q', [{ ...message('1', 'x'), serializedBody: new Uint8Array(1) }]), 'TypeError', part);
  },
};

export const bytes_that_are_no_value_fail_in_the_called = {
  async test(ctrl, { HANDLERS }) {
    for (const bytes of [[], [1], [255, 15], [255, 15, 92], [255, 15, 92, 7, 255, 255, 255], [255, 15, 34, 200, 1]]) {
      const damaged = { id: '1', timestamp: new Date(), attempts: 1, serializedBody: new Uint8Array(bytes) };
      equal((await HANDLERS.queue('q', [damaged])).outcome, 'exception');
    }
  },
};
