// An object of this Worker that others may call.
import {
  Object, ObjectGetPrototypeOf, ReflectApply, SymbolDispose,
} from '../internal/primordials.js';
import {RpcTarget} from './target.js';
import {PromiseState, PropertyState, stateOf} from './states.js';

// How an object may be called over RPC.
export const kNoStub = 0;
export const kOwnMembers = 1;    // plain objects and functions: what they own themselves
export const kClassMembers = 2;  // an RpcTarget: what its class defines

// A promise or property of a call is callable, but no function to give away.
export function isPlainFunction(value) {
  if (typeof value !== 'function') return false;
  const state = stateOf(value);
  return !(state instanceof PromiseState || state instanceof PropertyState);
}

// Whether RpcTarget is among the prototypes, which a Proxy may pretend.
export function looksLikeTarget(object) {
  for (let at = ObjectGetPrototypeOf(object); at !== null; at = ObjectGetPrototypeOf(at)) {
    if (at === RpcTarget.prototype) return true;
  }
  return false;
}

export function stubKindOf(object) {
  if (ObjectGetPrototypeOf(object) === Object.prototype) return kOwnMembers;
  if (looksLikeTarget(object)) return kClassMembers;
  return isPlainFunction(object) ? kOwnMembers : kNoStub;
}

export class Entry {
  stubs = undefined;  // states of stubs to dispose of with the object

  constructor(target, kind) {
    this.target = target;
    this.kind = kind;
    this.disposer = target[SymbolDispose];
  }

  // For a single call on an object that stays its owner's.
  static borrowing(target) {
    const entry = new Entry(target, kOwnMembers);
    entry.disposer = undefined;
    return entry;
  }

  wantsRelease() { return typeof this.disposer === 'function' || this.stubs !== undefined; }

  release() {
    const {disposer, stubs} = this;
    if (stubs !== undefined) {
      for (let i = 0; i < stubs.length; i++) stubs[i].dispose();
    }
    if (typeof disposer === 'function') ReflectApply(disposer, this.target, []);
  }
}
