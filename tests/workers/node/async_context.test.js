// Values of AsyncLocalStorage follow the code that was started where they were set.
import { deepStrictEqual, strictEqual, throws } from 'node:assert';
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';

const storage = new AsyncLocalStorage();
const other = new AsyncLocalStorage();

export const values_follow_promises_timers_and_microtasks = {
  async test() {
    await storage.run('outer', async () => {
      await null;
      strictEqual(storage.getStore(), 'outer');
      strictEqual(await new Promise((resolve) => { setTimeout(() => resolve(storage.getStore()), 1); }), 'outer');
      strictEqual(await new Promise((resolve) => { queueMicrotask(() => resolve(storage.getStore())); }), 'outer');
      strictEqual(await new Promise((resolve) => { process.nextTick(() => resolve(storage.getStore())); }), 'outer');
      strictEqual(await new Promise((resolve) => { setImmediate(() => resolve(storage.getStore())); }), 'outer');
      await storage.run('inner', () => scheduler.wait(1).then(() => strictEqual(storage.getStore(), 'inner')));
      strictEqual(storage.getStore(), 'outer');
    });
    strictEqual(storage.getStore(), undefined);
  },
};

export const storages_are_independent = {
  test() {
    storage.run(1, () => other.run(2, () => {
      strictEqual(storage.getStore(), 1);
      strictEqual(other.getStore(), 2);
      storage.exit(() => {
        strictEqual(storage.getStore(), undefined);
        strictEqual(other.getStore(), 2);
      });
    }));
    throws(() => storage.run(3, () => { throw new TypeError('thrown inside'); }), TypeError);
    strictEqual(storage.getStore(), undefined);
  },
};

export const concurrent_requests_keep_their_own = {
  async test() {
    const seen = await Promise.all([1, 2, 3].map((n) => storage.run(n, async () => {
      await scheduler.wait(4 - n);
      return storage.getStore();
    })));
    deepStrictEqual(seen, [1, 2, 3]);
  },
};

export const bound_functions_and_resources_carry_a_context = {
  test() {
    const bound = storage.run('bound', () => AsyncLocalStorage.bind(() => storage.getStore()));
    const snapshot = storage.run('snapshot', () => AsyncLocalStorage.snapshot());
    const resource = storage.run('resource', () => new AsyncResource('test'));
    strictEqual(bound(), 'bound');
    strictEqual(snapshot(() => storage.getStore()), 'snapshot');
    strictEqual(resource.runInAsyncScope(() => storage.getStore()), 'resource');
    strictEqual(resource.bind(() => storage.getStore())(), 'resource');
  },
};

export const listeners_run_in_the_context_of_the_event = {
  test() {
    const target = new EventTarget();
    const emitter = new EventEmitter();
    const seen = [];
    storage.run('when added', () => {
      target.addEventListener('x', () => seen.push(storage.getStore()));
      emitter.on('x', () => seen.push(storage.getStore()));
    });
    storage.run('when fired', () => {
      target.dispatchEvent(new Event('x'));
      emitter.emit('x');
    });
    deepStrictEqual(seen, ['when fired', 'when fired']);
  },
};

export const stream_callbacks_see_the_reader_s_context = {
  async test() {
    await storage.run('reader', async () => {
      for await (const chunk of Readable.from(['a', 'b'])) strictEqual(storage.getStore(), 'reader', chunk);
    });
  },
};

export const io_still_knows_its_request = {
  async test(ctrl, env) {
    await storage.run('value', async () => {
      await env.KV.put('key', 'stored');
      strictEqual(await env.KV.get('key'), 'stored');
      strictEqual(storage.getStore(), 'value');
    });
  },
};
