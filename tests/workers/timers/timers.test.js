import { equal, rejects, throws } from '../check.js';

const atStart = [];
for (const start of [() => setTimeout(() => {}, 1), () => setInterval(() => {}, 1)]) {
  try {
    start();
    atStart.push('started');
  } catch (error) {
    atStart.push(error.message.startsWith('Disallowed operation called within global scope'));
  }
}
const clockAtStart = [Date.now(), performance.now()];

export const timers_are_refused_in_global_scope = {
  test() {
    equal(atStart, [true, true]);
  },
};

export const the_clock_stands_still_in_global_scope = {
  test() {
    equal(clockAtStart, [0, 0]);
  },
};

export const a_timeout_passes_its_arguments = {
  async test() {
    equal(await new Promise((resolve) => setTimeout((...all) => resolve(all), 1, 'a', 2)), ['a', 2]);
  },
};

export const timeouts_run_in_order_of_their_delay = {
  async test() {
    const order = [];
    await new Promise((resolve) => {
      setTimeout(() => { order.push('late'); resolve(); }, 25);
      setTimeout(() => order.push('soon'), 8);
      setTimeout(() => order.push('now'));
      queueMicrotask(() => order.push('microtask'));
    });
    equal(order, ['microtask', 'now', 'soon', 'late']);
  },
};

export const a_cleared_timer_never_runs = {
  async test() {
    let ran = false;
    clearTimeout(setTimeout(() => { ran = true; }, 1));
    clearInterval(setInterval(() => { ran = true; }, 1));
    clearTimeout(undefined);
    clearTimeout(123456789);
    await scheduler.wait(15);
    equal(ran, false);
  },
};

export const an_interval_repeats_until_cleared = {
  async test() {
    let count = 0;
    await new Promise((resolve) => {
      const id = setInterval(() => {
        if (++count < 3) return;
        clearInterval(id);
        resolve();
      }, 1);
    });
    await scheduler.wait(10);
    equal(count, 3);
  },
};

export const callbacks_must_be_functions = {
  async test() {
    throws(() => setTimeout('code'), 'TypeError');
    throws(() => setTimeout(), 'TypeError');
    throws(() => queueMicrotask(5), 'TypeError');
    await rejects(scheduler.wait(1, { signal: 5 }), 'TypeError');
  },
};

export const a_throwing_callback_does_not_stop_the_others = {
  async test() {
    setTimeout(() => { throw new Error('thrown by a timer, on purpose'); }, 1);
    queueMicrotask(() => { throw new Error('thrown by a microtask, on purpose'); });
    await scheduler.wait(10);
  },
};

export const time_moves_with_waiting_only = {
  async test() {
    const before = Date.now();
    for (let i = 0; i < 1e6; i++) Math.sqrt(i);
    const after = performance.now();
    await scheduler.wait(20);
    equal([Date.now() - before >= 19, after > 1e12, performance.timeOrigin], [true, true, 0]);
  },
};
