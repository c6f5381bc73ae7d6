import { equal } from '../check.js';

export const every_method_exists_and_works_detached = {
  test() {
    for (const name of ['debug', 'info', 'log', 'warn', 'error', 'trace', 'dir', 'table', 'count', 'countReset', 'group', 'groupCollapsed', 'groupEnd', 'time',
                        'timeLog', 'timeEnd', 'assert', 'clear']) {
      const method = console[name];
      equal([name, typeof method], [name, 'function']);
      if (name !== 'assert') method('label');
    }
    console.groupEnd();
    console.assert(true, 'not shown');
  },
};

export const logging_a_value_runs_none_of_its_code = {
  test() {
    let touched = 0;
    const touch = () => { touched++; throw new Error('touched'); };
    const proxy = new Proxy({}, new Proxy({}, { get: touch }));
    class Hostile {
      get getter() { return touch(); }
      get [Symbol.toStringTag]() { return touch(); }
      toString() { return touch(); }
      toJSON() { return touch(); }
    }
    console.log({ get x() { return touch(); } }, new Hostile(), proxy, [new Hostile()], new Map([[proxy, proxy]]));
    console.log('%o %O', new Hostile(), proxy);
    equal(touched, 0);
  },
};

export const odd_values_do_no_harm = {
  test() {
    const circular = {};
    circular.self = circular;
    let deep = {};
    for (let i = 0; i < 20000; i++) deep = { deep };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    console.log(circular, deep, proxy, Object.create(null), Object.create(proxy), new Array(1e6), [, 1, , ,], 'x'.repeat(1e5), Symbol('s'), 10n, -0);
    console.log(Object.assign(new Error('e'), { stack: 5 }), new AggregateError([new Error('a')], 'm'), new Error('e', { cause: circular }));
    console.log(Promise.resolve(1), new WeakMap(), new Date(NaN), /x/g, function* () {}, class A extends Map {}, new Uint8Array(1000));
    console.log('%s %d %i %f %j %c %% %x', 'a', '5', 5.5, '1.5', circular, 'color: red');
    console.table([{ a: 1 }, { b: 2 }]);
    console.table(5);
  },
};
