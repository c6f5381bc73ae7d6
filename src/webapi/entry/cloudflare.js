// The global object Cloudflare, where libraries and tests look for compatibility flags.
import {ObjectDefineProperty, ObjectSeal} from '../internal/primordials.js';

function compatibilityFlags() {
  const flags = {__proto__: null};
  const pairs = natives.compatibilityFlags();
  for (let i = 0; i < pairs.length; i += 2) {
    ObjectDefineProperty(flags, pairs[i], {__proto__: null, value: pairs[i + 1], enumerable: true});
  }
  return ObjectSeal(flags);
}

export class Cloudflare {
  #flags;

  get compatibilityFlags() {
    this.#flags ??= compatibilityFlags();
    return this.#flags;
  }
}
