import { RpcStub, RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';
import { equal, rejects, throws } from '../check.js';

class Counter extends RpcTarget {
  #value;
  #hidden = 'hidden';
  own = 'an instance member';
  constructor(value) {
    super();
    this.#value = value;
  }
  get value() { return this.#value; }
  get self() { return this; }
  add(amount = 1) { return (this.#value += amount); }
  fork() { return new Counter(this.#value); }
  #secret() { return this.#hidden; }
  open() { return this.#secret().length; }
}

class Disposable extends RpcTarget {
  disposals = 0;
  ping() { return 'pong'; }
  [Symbol.dispose]() { this.disposals += 1; }
}

export class Remote extends WorkerEntrypoint {
  own = 'an instance member';
  get text() { return this.env.TEXT; }
  get nested() { return { deep: { add: (a, b) => a + b, list: [1, 2] } }; }
  add(a, b) { return a + b; }
  countArguments(...all) { return all.length; }
  counter(start) { return new Counter(start); }
  async call(callback, ...values) { return [await callback(...values), typeof callback]; }
  adder(a) { return (b) => a + b; }
  object() { return { counter: new Counter(10), twice: (x) => x * 2, plain: { a: 1 } }; }
  echo(value) { return value; }
  ignore(value) {}
  props() { return this.ctx.props; }
  nothing() {}
}

const soon = async (probe) => {
  for (let i = 0; i < 100; i += 1) {
    if (await probe()) return true;
    await scheduler.wait(5);
  }
  return false;
};

export const methods_take_and_return_values = {
  async test(ctrl, { REMOTE }) {
    equal(await REMOTE.add(1, 2), 3);
    equal(await REMOTE.countArguments(), 0);
    equal(await REMOTE.countArguments(undefined, null), 2);
    equal(await REMOTE.nothing(), undefined);
    const value = await REMOTE.echo({ date: new Date(5), map: new Map([[1, new Set(['x'])]]), big: 5n, bytes: new Uint8Array([1, 2]) });
    equal([value.date.getTime(), [...value.map.get(1)], String(value.big), [...value.bytes]], [5, ['x'], '5', [1, 2]]);
    const cycle = [];
    cycle.push(cycle);
    const back = await REMOTE.echo(cycle);
    equal(back[0] === back, true);
  },
};

export const properties_and_getters_are_awaited = {
  async test(ctrl, { REMOTE }) {
    equal(await REMOTE.text, 'a text');
    equal(await REMOTE.nested.deep.list, [1, 2]);
    equal(await REMOTE.nested.deep.add(2, 3), 5);
    const counter = await REMOTE.counter(4);
    equal(await counter.value, 4);
    equal(await counter.self.self.value, 4);
  },
};

export const what_is_private_stays_out_of_reach = {
  async test(ctrl, { REMOTE }) {
    const counter = await REMOTE.counter(4);
    equal(await counter.open(), 6);
    for (const name of ['#secret', '#value', 'own', 'missing']) {
      await rejects(counter[name](), 'TypeError', 'does not implement');
    }
    await rejects(REMOTE.own(), 'TypeError', 'does not implement');
    await rejects(REMOTE.missing(), 'TypeError', 'The RPC receiver does not implement the method "missing".');
    await rejects((async () => counter.own)(), 'TypeError', 'does not implement the method "own"');
    await rejects((async () => counter.missing)(), 'TypeError', 'does not implement the method "missing"');
  },
};

export const names_of_every_object_are_not_asked_of_the_other_side = {
  async test(ctrl, { REMOTE }) {
    using counter = await REMOTE.counter(1);
    for (const name of ['hasOwnProperty', 'toLocaleString', 'valueOf', '__lookupGetter__', 'isPrototypeOf']) {
      equal(counter[name] === Object.prototype[name], true);
      equal(REMOTE.nested[name] === Object.prototype[name], true);
    }
  },
};

export const reserved_names_are_refused = {
  async test(ctrl, { REMOTE }) {
    for (const name of ['env', 'ctx']) await rejects((async () => REMOTE[name].TEXT)(), 'TypeError', 'does not implement');
    for (const name of ['alarm', 'webSocketMessage', 'webSocketClose', 'webSocketError']) {
      await rejects((async () => REMOTE[name]())(), 'TypeError', `'${name}' is a reserved method and cannot be called over RPC.`);
    }
  },
};

export const targets_keep_their_state = {
  async test(ctrl, { REMOTE }) {
    const counter = await REMOTE.counter(1);
    equal([await counter.add(), await counter.add(5), await counter.value], [2, 7, 7]);
    const fork = await counter.fork();
    await fork.add();
    equal([await counter.value, await fork.value], [7, 8]);
    equal(counter instanceof RpcStub, true);
  },
};

export const calls_arrive_in_order = {
  async test(ctrl, { REMOTE }) {
    using counter = await REMOTE.counter(0);
    equal(await Promise.all([1, 2, 3, 4].map((n) => counter.add(n))), [1, 3, 6, 10]);
  },
};

export const functions_travel_both_ways = {
  async test(ctrl, { REMOTE }) {
    equal(await REMOTE.call((a, b) => a * b, 6, 7), [42, 'function']);
    using adder = await REMOTE.adder(5);
    equal([typeof adder, await adder(6)], ['function', 11]);
    const object = await REMOTE.object();
    equal([await object.counter.add(), await object.twice(4), object.plain], [11, 8, { a: 1 }]);
    object[Symbol.dispose]();
    await rejects((async () => object.twice(1))(), 'Error', 'disposed');
  },
};

export const an_own_object_comes_back_as_a_stub = {
  async test(ctrl, { REMOTE }) {
    const mine = new Counter(1);
    using back = await REMOTE.echo(mine);
    equal(back === mine, false);
    equal(await back.add(), 2);
    equal(mine.value, 2);
  },
};

export const calls_are_pipelined = {
  async test(ctrl, { REMOTE }) {
    equal(await REMOTE.counter(5).add(2), 7);
    equal(await REMOTE.counter(5).fork().fork().value, 5);
    equal(await REMOTE.adder(1)(2), 3);
    equal(await REMOTE.object().counter.add(), 11);
    equal(await REMOTE.object().plain.a, 1);
    await rejects(REMOTE.missing().further().still, 'TypeError', 'does not implement');
    await rejects(REMOTE.nothing().further(), 'TypeError', '');
  },
};

export const a_disposed_stub_is_of_no_use_but_its_duplicate_is = {
  async test(ctrl, { REMOTE }) {
    const stub = await REMOTE.counter(1);
    const twin = stub.dup();
    stub[Symbol.dispose]();
    await rejects((async () => stub.add())(), 'Error', 'RPC stub used after being disposed.');
    stub[Symbol.dispose]();
    equal(await twin.add(), 2);
    twin[Symbol.dispose]();
    await rejects((async () => twin.add())(), 'Error', 'RPC stub used after being disposed.');
  },
};

export const the_last_stub_disposes_the_target = {
  async test(ctrl, { REMOTE }) {
    const target = new Disposable();
    const stub = new RpcStub(target);
    const twin = stub.dup();
    stub[Symbol.dispose]();
    equal(await twin.ping(), 'pong');
    equal(target.disposals, 0);
    twin[Symbol.dispose]();
    equal(await soon(() => target.disposals === 1), true);
    const argument = new Disposable();
    await REMOTE.ignore(argument);
    equal(await soon(() => argument.disposals === 1), true);
  },
};

export const a_stub_of_an_own_object = {
  async test() {
    const target = new Counter(1);
    using stub = new RpcStub(target);
    equal([await stub.add(), target.value], [2, 2]);
    await rejects((async () => new RpcStub(Object.assign(new Counter(1), { own: 2 })).own)(), 'TypeError', 'does not implement');
    throws(() => new RpcStub(5), 'TypeError');
    throws(() => new RpcStub(new Date()), 'TypeError');
  },
};

export const entrypoints_get_props = {
  async test(ctrl, { REMOTE }, ctx) {
    equal(await REMOTE.props(), {});
    equal(await ctx.exports.Remote.props(), {});
    const given = ctx.exports.Remote({ props: { user: 'u1', list: [1] } });
    equal(await given.props(), { user: 'u1', list: [1] });
    equal(await given.add(2, 2), 4);
    throws(() => ctx.exports.Remote({ props: 5 }), 'TypeError');
    equal(ctx.exports.Counter, undefined);
    equal(typeof ctx.exports.missing, 'undefined');
  },
};

export const a_binding_travels_as_a_value = {
  async test(ctrl, { REMOTE }, ctx) {
    const back = await REMOTE.echo({ service: ctx.exports.Remote({ props: { a: 1 } }) });
    equal(await back.service.props(), { a: 1 });
  },
};
