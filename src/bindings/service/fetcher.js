// The object behind a service binding, and what a dispatch namespace gives: a way to another
// Worker, named by a channel number.
import {
  Object, ObjectSetPrototypeOf, PromiseReject, Proxy, ReflectGet, TypeError,
} from '../../webapi/internal/primordials.js';
import {defineValue} from '../../webapi/internal/lazy.js';
import {
  defineInterface, illegalConstructor, illegalInvocation, isObject, kInternal, requireArguments,
} from '../../webapi/internal/webidl.js';
import {sendQueue, sendScheduled} from './extra_handlers.js';
import {sendRequest} from '../../webapi/fetch/fetch.js';
import {connectThrough} from '../../webapi/sockets/socket.js';
import {propertyOf} from '../../webapi/rpc/client.js';
import {channelOf, markChannel, setFetcherMaker} from '../../webapi/rpc/channel.js';

export class Fetcher {
  constructor(key, channel) {
    if (key !== kInternal) illegalConstructor();
    markChannel(this, channel);
  }

  fetch(input, init = undefined) {
    try {
      const channel = channelOf(this);
      if (channel === undefined) illegalInvocation();
      requireArguments(arguments.length, 1, 'Fetcher.fetch');
      return sendRequest(channel, input, init);
    } catch (error) {
      return PromiseReject(error);
    }
  }

  // A TCP connection, which the Worker's connect() handler takes.
  connect(address, options = undefined) {
    const channel = channelOf(this);
    if (channel === undefined) illegalInvocation();
    requireArguments(arguments.length, 1, 'Fetcher.connect');
    return connectThrough(channel, address, options);
  }
}
defineInterface(Fetcher, 'Fetcher');

// For Workers that have the flag service_binding_extra_handlers.
export function addExtraHandlers() {
  const extra = {
    queue(name, messages, metadata = undefined) {
      try {
        if (channelOf(this) === undefined) illegalInvocation();
        return sendQueue(this, arguments);
      } catch (error) {
        return PromiseReject(error);
      }
    },
    scheduled(options = undefined) {
      try {
        if (channelOf(this) === undefined) illegalInvocation();
        return sendScheduled(this, options);
      } catch (error) {
        return PromiseReject(error);
      }
    },
  };
  const define = (name) => defineValue(Fetcher.prototype, name, extra[name], true);
  define('queue');
  define('scheduled');
}

// Every other name is a method or property of the Worker behind the binding. A proxy far up the
// prototype chain answers for them, so that fetch() itself costs nothing more.
ObjectSetPrototypeOf(
    Fetcher.prototype, new Proxy(Object.prototype, {
      __proto__: null,
      get(target, key, receiver) {
        // A thenable would be called by `await`.
        if (typeof key === 'symbol' || key === 'then' || key in target ||
            channelOf(receiver) === undefined) {
          return ReflectGet(target, key, receiver);
        }
        return propertyOf(receiver, key);
      },
    }));

export function createFetcher(channel) { return new Fetcher(kInternal, channel); }
setFetcherMaker(createFetcher);

// A Fetcher that can be called: one of ctx.exports. Calling it with {props} gives a Fetcher for the
// same entrypoint, which sees them.
class Specializer {
  constructor(specialize) { this.specialize = specialize; }

  apply(target, thisArgument, args) {
    const options = args[0];
    if (!isObject(options)) {
      throw new TypeError('An export of this Worker must be called with an object: {props}.');
    }
    return this.specialize(options.props);
  }
}
ObjectSetPrototypeOf(Specializer.prototype, null);

// `specialize(props)` makes the Fetcher that a call returns.
export function createCallableFetcher(channel, specialize) {
  const target = () => undefined;
  delete target.name;
  delete target.length;
  ObjectSetPrototypeOf(target, Fetcher.prototype);
  const proxy = new Proxy(target, new Specializer(specialize));
  markChannel(proxy, channel);
  return proxy;
}
