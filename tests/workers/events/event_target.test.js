import { equal, throws } from '../check.js';

export const listeners_run_in_the_order_they_were_added = {
  test() {
    const target = new EventTarget();
    const order = [];
    target.addEventListener('x', () => order.push(1));
    target.addEventListener('x', { handleEvent(event) { order.push(event.type, this !== target); } });
    target.addEventListener('x', function () { order.push(this === target); });
    target.addEventListener('y', () => order.push('never'));
    target.dispatchEvent(new Event('x'));
    equal(order, [1, 'x', true, true]);
  },
};

export const a_listener_added_twice_runs_once = {
  test() {
    const target = new EventTarget();
    let count = 0;
    const listener = () => { count++; };
    target.addEventListener('x', listener);
    target.addEventListener('x', listener);
    target.dispatchEvent(new Event('x'));
    target.removeEventListener('x', listener);
    target.dispatchEvent(new Event('x'));
    equal(count, 1);
  },
};

export const once_and_signal_end_a_listener = {
  test() {
    const target = new EventTarget();
    const controller = new AbortController();
    const seen = [];
    target.addEventListener('x', () => seen.push('once'), { once: true });
    target.addEventListener('x', () => seen.push('signal'), { signal: controller.signal });
    target.dispatchEvent(new Event('x'));
    target.dispatchEvent(new Event('x'));
    controller.abort();
    target.dispatchEvent(new Event('x'));
    equal(seen, ['once', 'signal', 'signal']);
  },
};

export const prevent_default_needs_a_cancelable_event = {
  test() {
    const target = new EventTarget();
    target.addEventListener('x', (event) => event.preventDefault());
    equal(target.dispatchEvent(new Event('x')), true);
    equal(target.dispatchEvent(new Event('x', { cancelable: true })), false);
  },
};

export const stop_immediate_propagation_stops = {
  test() {
    const target = new EventTarget();
    const seen = [];
    target.addEventListener('x', (event) => { seen.push(1); event.stopImmediatePropagation(); });
    target.addEventListener('x', () => seen.push(2));
    target.dispatchEvent(new Event('x'));
    equal(seen, [1]);
  },
};

export const an_event_is_dispatched_one_at_a_time = {
  test() {
    const target = new EventTarget();
    const event = new Event('x');
    let name;
    target.addEventListener('x', () => {
      try {
        target.dispatchEvent(event);
      } catch (error) {
        ({ name } = error);
      }
    });
    target.dispatchEvent(event);
    equal(name, 'InvalidStateError');
  },
};

export const classes_extend_event_target_and_event = {
  test() {
    class Door extends EventTarget {}
    class Opened extends Event {
      constructor(by) {
        super('opened');
        this.by = by;
      }
    }
    const door = new Door();
    let by;
    door.addEventListener('opened', (event) => { by = event.by; });
    door.dispatchEvent(new Opened('ann'));
    equal(by, 'ann');
  },
};

export const events_carry_data = {
  test() {
    equal(new CustomEvent('x', { detail: { a: 1 } }).detail, { a: 1 });
    equal(new MessageEvent('message', { data: 'hi' }).data, 'hi');
    const { code, reason, wasClean } = new CloseEvent('close', { code: 1000, reason: 'done', wasClean: true });
    equal([code, reason, wasClean], [1000, 'done', true]);
    equal(new ErrorEvent('error', { message: 'm', error: 5 }).error, 5);
  },
};

export const arguments_are_checked = {
  test() {
    throws(() => new Event(), 'TypeError');
    throws(() => new EventTarget().dispatchEvent({}), 'TypeError');
    throws(() => new EventTarget().addEventListener('x', 5), 'TypeError');
    throws(() => EventTarget.prototype.dispatchEvent.call({}, new Event('x')), 'TypeError', 'Illegal invocation');
  },
};

export const report_error_fires_an_error_event = {
  test() {
    let seen;
    const listener = (event) => {
      seen = event.error;
      event.preventDefault();
    };
    addEventListener('error', listener);
    const error = new Error('reported');
    reportError(error);
    removeEventListener('error', listener);
    equal(seen === error, true);
  },
};

export const the_global_scope_is_a_service_worker_scope = {
  test() {
    equal([self === globalThis, self instanceof ServiceWorkerGlobalScope], [true, true]);
    equal(Object.prototype.toString.call(new EventTarget()), '[object EventTarget]');
  },
};

export const a_reported_error_tells_where_it_was_made = {
  test() {
    const seen = [];
    const listener = (event) => {
      event.preventDefault();
      seen.push([event.message, event.filename.includes('event_target'), event.lineno > 0, event.colno]);
    };
    addEventListener('error', listener);
    try {
      reportError(new TypeError('bad'));
      reportError('text');
      reportError({});
      reportError(null);
    } finally {
      removeEventListener('error', listener);
    }
    equal(seen, [
      ['Uncaught TypeError: bad', true, true, 18], ['Uncaught text', true, true, 6], ['Uncaught #<Object>', true, true, 6],
      ['Uncaught null', true, true, 6],
    ]);
    throws(() => reportError(), 'TypeError');
  },
};
