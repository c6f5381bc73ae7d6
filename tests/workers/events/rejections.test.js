import { equal } from '../check.js';

const pause = () => scheduler.wait(5);

async function withListeners(action) {
  const seen = [];
  const unhandled = (event) => {
    seen.push(['unhandled', event.reason.message, event.promise instanceof Promise]);
    event.preventDefault();
  };
  const handled = (event) => seen.push(['handled', event.promise instanceof Promise]);
  addEventListener('unhandledrejection', unhandled);
  addEventListener('rejectionhandled', handled);
  try {
    await action();
  } finally {
    removeEventListener('unhandledrejection', unhandled);
    removeEventListener('rejectionhandled', handled);
  }
  return seen;
}

export const a_rejection_nobody_handles_is_announced = {
  async test() {
    const seen = await withListeners(async () => {
      Promise.reject(new Error('nobody cares'));
      await pause();
    });
    equal(seen, [['unhandled', 'nobody cares', true]]);
  },
};

export const a_handler_within_the_turn_is_in_time = {
  async test() {
    const seen = await withListeners(async () => {
      const promise = Promise.reject(new Error('handled'));
      await Promise.resolve();
      await promise.catch(() => {});
      await pause();
    });
    equal(seen, []);
  },
};

export const a_late_handler_is_announced_too = {
  async test() {
    const seen = await withListeners(async () => {
      const promise = Promise.reject(new Error('late'));
      await pause();
      promise.catch(() => {});
      await pause();
    });
    equal(seen, [['unhandled', 'late', true], ['handled', true]]);
  },
};
