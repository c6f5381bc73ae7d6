// withEnv(), withExports(): what `env` and `exports` of cloudflare:workers show to one piece of code
// and all that follows from it. A value lies in the async context, under a key of ours.
import {
  ObjectGetOwnPropertyDescriptor, Proxy, ReflectApply, ReflectDefineProperty,
  ReflectDeleteProperty, ReflectGet, ReflectHas, ReflectOwnKeys, ReflectSet,
} from '../internal/primordials.js';
import {isObject, requireArguments, toCallback} from '../internal/webidl.js';
import {useAsyncContexts} from '../timers/timers.js';

export const kEnvironment = {__proto__: null};
export const kExports = {__proto__: null};

function overrideOf(key) {
  const context = natives.asyncContext();
  if (context === undefined) return undefined;
  for (let i = 0; i < context.length; i += 2) {
    if (context[i] === key) return context[i + 1];
  }
  return undefined;
}

function withOverride(context, key, value) {
  const made = [key, value];
  if (context === undefined) return made;
  for (let i = 0; i < context.length; i += 2) {
    if (context[i] === key) continue;
    made[made.length] = context[i];
    made[made.length] = context[i + 1];
  }
  return made;
}

// Nothing at all is an empty object; what is no object hides nothing.
function toOverride(value) {
  if (value === undefined || value === null) return {};
  return isObject(value) ? value : undefined;
}

function runWith(pairs, callback) {
  const before = natives.asyncContext();
  let context = before;
  for (let i = 0; i < pairs.length; i += 2) {
    context = withOverride(context, pairs[i], toOverride(pairs[i + 1]));
  }
  useAsyncContexts();
  natives.setAsyncContext(context);
  try {
    return ReflectApply(callback, undefined, []);
  } finally {
    natives.setAsyncContext(before);
  }
}

export function withEnv(env, callback) {
  requireArguments(arguments.length, 2, 'withEnv');
  return runWith([kEnvironment, env], toCallback(callback, 'withEnv: the second argument'));
}

export function withExports(exports, callback) {
  requireArguments(arguments.length, 2, 'withExports');
  return runWith([kExports, exports], toCallback(callback, 'withExports: the second argument'));
}

export function withEnvAndExports(env, exports, callback) {
  requireArguments(arguments.length, 3, 'withEnvAndExports');
  return runWith([kEnvironment, env, kExports, exports],
                 toCallback(callback, 'withEnvAndExports: the third argument'));
}

class Overridable {
  // `base()` gives the object to show where there is no override.
  constructor(key, base) {
    this.key = key;
    this.base = base;
  }

  object() { return overrideOf(this.key) ?? this.base(); }

  get(target, name) { return ReflectGet(this.object(), name); }
  set(target, name, value) { return ReflectSet(this.object(), name, value); }
  has(target, name) { return ReflectHas(this.object(), name); }
  deleteProperty(target, name) { return ReflectDeleteProperty(this.object(), name); }
  ownKeys() { return ReflectOwnKeys(this.object()); }

  defineProperty(target, name, descriptor) {
    return ReflectDefineProperty(this.object(), name, {...descriptor, configurable: true});
  }

  getOwnPropertyDescriptor(target, name) {
    const descriptor = ObjectGetOwnPropertyDescriptor(this.object(), name);
    // A proxy may only report what its target, which has nothing, could have.
    if (descriptor !== undefined) descriptor.configurable = true;
    return descriptor;
  }
}

export function createOverridable(key, base) { return new Proxy({}, new Overridable(key, base)); }
