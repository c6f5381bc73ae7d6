import { equal } from '../check.js';

export const errors_keep_what_they_have = {
  test() {
    const error = Object.assign(new RangeError('with more', { cause: 'a cause' }), { code: 'E1', list: [1, new Date(5)] });
    const copy = structuredClone(error);
    equal([copy instanceof RangeError, copy.message, copy.cause, copy.code, copy.list[0], copy.list[1].getTime()],
          [true, 'with more', 'a cause', 'E1', 1, 5]);
    Object.defineProperty(Error.prototype, 'trap', { configurable: true, get: () => 1, set() { throw new Error('set'); } });
    try {
      const own = Object.defineProperty(new Error('own'), 'trap', { value: 42, enumerable: true });
      equal(Object.getOwnPropertyDescriptor(structuredClone(own), 'trap').value, 42);
    } finally {
      delete Error.prototype.trap;
    }
  },
};
