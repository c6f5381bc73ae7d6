// The classes that scripts extend, exported by cloudflare:workers.
import {ObjectGetPrototypeOf, TypeError} from '../internal/primordials.js';
import {defineInterface, isObject} from '../internal/webidl.js';

export class WorkerEntrypoint {
  constructor(ctx, env) {
    if (!isObject(ctx)) {
      throw new TypeError(
          "Failed to construct 'WorkerEntrypoint': constructor parameter 1 is not of type 'Object'.");
    }
    this.ctx = ctx;
    this.env = env;
  }
}
defineInterface(WorkerEntrypoint, 'WorkerEntrypoint');

export class DurableObject {
  constructor(ctx, env) {
    this.ctx = ctx;
    this.env = env;
  }
}
defineInterface(DurableObject, 'DurableObject');

export class WorkflowEntrypoint {
  constructor(ctx, env) {
    this.ctx = ctx;
    this.env = env;
  }
}
defineInterface(WorkflowEntrypoint, 'WorkflowEntrypoint');

// Whether the class `value` extends `base`, at any distance.
export function extendsClass(value, base) {
  for (let at = value; at !== null && at !== undefined; at = ObjectGetPrototypeOf(at)) {
    if (at === base) return true;
  }
  return false;
}
