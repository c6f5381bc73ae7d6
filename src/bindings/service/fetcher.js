// The object behind a service binding, and what a dispatch namespace gives: a way to another
// Worker, named by a channel number.
import {
  Object, ObjectSetPrototypeOf, PromiseReject, Proxy, ReflectGet, TypeError,
} from '../../webapi/internal/primordials.js';
import {
  defineInterface, illegalConstructor, kInternal, requireArguments,
} from '../../webapi/internal/webidl.js';
import {sendRequest} from '../../webapi/fetch/fetch.js';

export class Fetcher {
  #channel;

  constructor(key, channel) {
    if (key !== kInternal) illegalConstructor();
    this.#channel = channel;
  }

  fetch(input, init = undefined) {
    try {
      const channel = this.#channel;
      requireArguments(arguments.length, 1, 'Fetcher.fetch');
      return sendRequest(channel, input, init);
    } catch (error) {
      return PromiseReject(error);
    }
  }
}
defineInterface(Fetcher, 'Fetcher');

// Every other name looks like a method of the Worker behind the binding. A proxy far up the
// prototype chain answers for them, so that fetch() itself costs nothing more.
ObjectSetPrototypeOf(
    Fetcher.prototype, new Proxy(Object.prototype, {
      __proto__: null,
      get(target, key, receiver) {
        // A thenable would be called by `await`.
        if (typeof key === 'symbol' || key === 'then' || key in target) {
          return ReflectGet(target, key, receiver);
        }
        return () => {
          throw new TypeError(
              `The method "${
                  key}" cannot be called on this Fetcher: remote procedure calls are not supported yet, ` +
              'only fetch() is.');
        };
      },
    }));

export function createFetcher(channel) { return new Fetcher(kInternal, channel); }
