import { RpcStub, RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';
import { equal, rejects, throws } from '../check.js';

let kept;

class Target extends RpcTarget {
  ping() { return 'pong'; }
}

export class Remote extends WorkerEntrypoint {
  echo(value) { return value; }
  target() { return new Target(); }
  names(value) { return [Object.keys(value), value.polluted, Object.getPrototypeOf(value) === Object.prototype]; }
  async twice(callback) { return (await callback('first')) + (await callback('second')); }
  async bounce(callback, depth) { return depth === 0 ? 'bottom' : callback(depth - 1); }
  keep(stub) { kept = stub.dup(); }
  async useKept() { return kept.ping(); }
  thenable() { return { then: 5, value: 'v' }; }
  async throwing(callback) {
    try {
      await callback();
    } catch (error) {
      return `${error.name}: ${error.message}`;
    }
    return 'nothing was thrown';
  }
}

const soonest = (promise) => Promise.race([promise, scheduler.wait(5000).then(() => { throw new Error('no answer'); })]);

export const a_forged_stub_is_none = {
  async test(ctrl, { REMOTE }) {
    using stub = await REMOTE.target();
    const { dup } = RpcStub.prototype;
    for (const forged of [{}, () => {}, Object.create(RpcStub.prototype), Object.create(stub), new Proxy(stub, {}), null]) {
      throws(() => dup.call(forged), 'TypeError');
      throws(() => RpcStub.prototype[Symbol.dispose].call(forged), 'TypeError');
    }
    await rejects((async () => REMOTE.echo(Object.create(RpcStub.prototype)))(), 'DataCloneError');
    equal(await stub.ping(), 'pong');
  },
};

export const a_thenable_that_is_no_promise_of_a_call = {
  async test(ctrl, { REMOTE }) {
    const promise = REMOTE.target();
    const { then } = Object.getPrototypeOf(promise);
    for (const forged of [{}, () => {}, Promise.resolve(1)]) throws(() => then.call(forged, () => {}), 'TypeError');
    using stub = await promise;
    equal(await stub.ping(), 'pong');
  },
};

export const a_stub_cannot_be_rewired = {
  async test(ctrl, { REMOTE }) {
    using stub = await REMOTE.target();
    try { Object.setPrototypeOf(stub, { ping: () => 'forged' }); } catch { /* may be refused */ }
    try { Object.defineProperty(stub, 'other', { value: 1 }); } catch { /* may be refused */ }
    using twin = RpcStub.prototype.dup.call(stub);
    equal(await twin.ping(), 'pong');
  },
};

export const dangerous_members_are_mere_members = {
  async test(ctrl, { REMOTE }) {
    const value = JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}, "a": 1}');
    const [names, polluted, plain] = await REMOTE.names(value);
    equal([names, plain], [['__proto__', 'constructor', 'a'], true]);
    equal(polluted, undefined);
    equal({}.polluted, undefined);
    const back = await REMOTE.echo(value);
    equal(Object.hasOwn(back, '__proto__'), true);
    equal(Object.getPrototypeOf(back) === Object.prototype, true);
    equal(await REMOTE.thenable(), { then: 5, value: 'v' });
  },
};

export const a_patched_object_prototype_changes_nothing = {
  async test(ctrl, { REMOTE }) {
    const names = ['externals', 'stubs', 'isError', 'thrown', 'properties', 'details', 'cpuMs'];
    let touched = 0;
    for (const name of names) {
      Object.defineProperty(Object.prototype, name, {
        configurable: true,
        get() { touched += 1; return { evil: true }; },
        set(value) { Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true }); },
      });
    }
    let results;
    try {
      results = [await REMOTE.echo({ a: [1, { b: 2 }] }), await (await REMOTE.target()).ping(), await REMOTE.twice((x) => x)];
    } finally {
      for (const name of names) delete Object.prototype[name];
    }
    equal(results, [{ a: [1, { b: 2 }] }, 'pong', 'firstsecond']);
    equal(touched, 0);
  },
};

export const a_patched_array_prototype_changes_nothing = {
  async test(ctrl, { REMOTE }) {
    const { push } = Array.prototype;
    const iterator = Array.prototype[Symbol.iterator];
    const seen = [];
    let result;
    Array.prototype.push = function patched(...values) { seen[seen.length] = values; return push.apply(this, values); };
    Array.prototype[Symbol.iterator] = function patched() { seen[seen.length] = 'iterator'; return iterator.call(this); };
    try {
      const stub = REMOTE.echo({ f: () => 1 });
      result = stub;
    } finally {
      Array.prototype.push = push;
      Array.prototype[Symbol.iterator] = iterator;
    }
    const value = await result;
    equal([await value.f(), seen], [1, []]);
  },
};

export const a_callback_may_call_back_in = {
  async test(ctrl, { REMOTE }) {
    equal(await soonest(REMOTE.twice(async (text) => REMOTE.echo(`${text};`))), 'first;second;');
    const bounce = (depth) => REMOTE.bounce(bounce, depth);
    equal(await soonest(bounce(4)), 'bottom');
  },
};

export const a_callback_may_dispose_what_is_in_use = {
  async test(ctrl, { REMOTE }) {
    const stub = await REMOTE.target();
    const results = await soonest(REMOTE.twice(async () => {
      stub[Symbol.dispose]();
      return 'x';
    }));
    equal(results, 'xx');
    await rejects((async () => stub.ping())(), 'Error', 'disposed');
  },
};

export const a_getter_may_dispose_during_a_call = {
  async test(ctrl, { REMOTE }) {
    using stub = await REMOTE.target();
    const twin = stub.dup();
    const value = {
      get a() {
        twin[Symbol.dispose]();
        return 1;
      },
      twin,
    };
    await (async () => REMOTE.echo(value))().catch(() => {});
    await rejects((async () => twin.ping())(), 'Error', 'disposed');
    equal(await stub.ping(), 'pong');
  },
};

export const an_error_of_a_callback_reaches_the_callee = {
  async test(ctrl, { REMOTE }) {
    equal(await REMOTE.throwing(() => { throw new RangeError('from the callback'); }), 'RangeError: from the callback');
  },
};

export const a_stub_of_another_request_is_refused = {
  async test(ctrl, { REMOTE }) {
    await REMOTE.keep(new Target());
    const error = await soonest(REMOTE.useKept().then(() => undefined, (reason) => reason));
    equal(error instanceof Error, true);
    kept = undefined;
  },
};

export const deep_values_end_in_an_error = {
  async test(ctrl, { REMOTE }) {
    let property = REMOTE;
    await rejects((async () => {
      for (let i = 0; i < 100; i += 1) property = property.next;
      return property;
    })(), 'TypeError', 'too deep');
    let deep = {};
    for (let i = 0; i < 100_000; i += 1) deep = { deep };
    await rejects((async () => REMOTE.echo(deep))(), 'RangeError');
  },
};
