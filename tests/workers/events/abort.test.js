import { equal, rejects, throws } from '../check.js';

export const abort_sets_the_reason_and_fires_once = {
  test() {
    const controller = new AbortController();
    const { signal } = controller;
    const seen = [];
    signal.onabort = (event) => seen.push(event.type);
    signal.addEventListener('abort', () => seen.push('listener'));
    controller.abort('why');
    controller.abort('again');
    equal([signal.aborted, signal.reason, seen], [true, 'why', ['abort', 'listener']]);
    try {
      signal.throwIfAborted();
      throw new Error('did not throw');
    } catch (error) {
      equal(error, 'why');
    }
  },
};

export const the_default_reason_is_an_abort_error = {
  test() {
    const { reason } = AbortSignal.abort();
    equal([reason.name, reason.code, reason instanceof DOMException], ['AbortError', 20, true]);
  },
};

export const timeout_aborts = {
  async test() {
    const signal = AbortSignal.timeout(5);
    equal(signal.aborted, false);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    equal(signal.reason.name, 'TimeoutError');
  },
};

export const any_follows_the_first = {
  test() {
    const first = new AbortController();
    const second = new AbortController();
    const any = AbortSignal.any([AbortSignal.any([first.signal]), second.signal]);
    let count = 0;
    any.addEventListener('abort', () => { count++; });
    first.abort(1);
    second.abort(2);
    equal([any.aborted, any.reason, count], [true, 1, 1]);
    equal(AbortSignal.any([second.signal]).reason, 2);
  },
};

export const scheduler_wait_obeys_a_signal = {
  async test() {
    const controller = new AbortController();
    const waiting = scheduler.wait(10000, { signal: controller.signal });
    controller.abort();
    await rejects(waiting, 'AbortError');
  },
};

export const signals_cannot_be_constructed = {
  test() {
    throws(() => new AbortSignal(), 'TypeError', 'Illegal constructor');
  },
};

let atStart = 'none';
try {
  AbortSignal.timeout(1);
} catch (error) {
  atStart = error.message;
}

export const timeout_is_refused_in_global_scope = {
  test() {
    equal(atStart.startsWith('Disallowed operation called within global scope'), true);
  },
};

export const classes_of_the_platform_bear_a_mark = {
  test() {
    const mark = Symbol.for('cloudflare:internal-class');
    if (Headers.prototype[mark] !== mark) throw new Error('no mark on Headers');
    if (new URL('https://example.com/')[mark] !== mark) throw new Error('no mark on an URL');
  },
};
