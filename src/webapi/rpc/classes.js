// What scripts hold of objects of other Workers: https://developers.cloudflare.com/workers/runtime-apis/rpc.
// The classes are mere names with a prototype; what they do is in rpc/, loaded when first needed.
import {SymbolDispose, TypeError} from '../internal/primordials.js';
import {
  defineInterface, illegalConstructor, isObject, requireArguments,
} from '../internal/webidl.js';
import {
  catchOf, createStub, disposePromise, disposeStub, duplicateStub, finallyOf, thenOf,
} from './client.js';

export class RpcStub {
  // A stub for an object of this Worker.
  constructor(object) {
    requireArguments(arguments.length, 1, 'RpcStub');
    if (!isObject(object)) {
      throw new TypeError(
          "Failed to construct 'RpcStub': constructor parameter 1 is not of type 'Object'.");
    }
    return createStub(object);
  }

  dup() { return duplicateStub(this); }

  [SymbolDispose]() { disposeStub(this); }
}
defineInterface(RpcStub, 'RpcStub');

export class RpcPromise {
  constructor() { illegalConstructor(); }

  then(onFulfilled, onRejected) { return thenOf(this, onFulfilled, onRejected); }

  catch(onRejected) { return catchOf(this, onRejected); }

  finally(onFinally) { return finallyOf(this, onFinally); }

  [SymbolDispose]() { disposePromise(this); }
}
defineInterface(RpcPromise, 'RpcPromise');

export class RpcProperty {
  constructor() { illegalConstructor(); }

  then(onFulfilled, onRejected) { return thenOf(this, onFulfilled, onRejected); }

  catch(onRejected) { return catchOf(this, onRejected); }

  finally(onFinally) { return finallyOf(this, onFinally); }
}
defineInterface(RpcProperty, 'RpcProperty');
