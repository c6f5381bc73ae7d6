// ctx.next() of an inbound Worker: the event goes on to the user Worker that it was for, with what the handler was given, and
// with the props that the inbound Worker gives.
import {PromiseReject, TypeError} from '../internal/primordials.js';
import {defineValue} from '../internal/lazy.js';
import {isObject, toDictionary} from '../internal/webidl.js';
import {sendRequest} from '../fetch/fetch.js';
import {makeFetcher} from '../rpc/channel.js';
import {ask, callProvider, propertyOf} from '../rpc/client.js';
import {serialize} from '../structured_clone/structured_clone.js';

function addNext(ctx, goOn) {
  const next = (options = undefined) => {
    try {
      const {props} = toDictionary(options, 'ctx.next');
      if (props !== undefined && props !== null && !isObject(props)) {
        throw new TypeError('ctx.next: props is not an object.');
      }
      return goOn(natives.nextChannel(isObject(props) ? serialize(props) : undefined));
    } catch (error) {
      return PromiseReject(error);
    }
  };
  defineValue(ctx, 'next', next, true);
}

export function addNextFetch(ctx, request) {
  addNext(ctx, (channel) => sendRequest(channel, request, undefined));
}

// `call` has `args` once they are read.
export function addNextCall(ctx, call, path, readsProperty) {
  addNext(ctx, (channel) => {
    let target = makeFetcher(channel);
    for (let i = 0; i < path.length; i++) target = propertyOf(target, path[i]);
    return readsProperty ? target : callProvider(target, call.args);
  });
}

export function addNextEvent(ctx, args) {
  addNext(ctx, (channel) => ask(makeFetcher(channel), args));
}

export function addNextConnection(ctx) {
  addNext(ctx, () => { throw new TypeError('ctx.next: connections cannot go on to a user Worker.'); });
}
