// `ctx.exports`, and `exports` of cloudflare:workers: a way to each entrypoint of this Worker
// itself.
import {ObjectDefineProperty, TypeError} from '../internal/primordials.js';
import {isObject} from '../internal/webidl.js';
import {createCallableFetcher, createFetcher} from '../../bindings/service/fetcher.js';
import {createOverridable, kExports} from './overrides.js';
import {propsToWire} from '../structured_clone/props.js';
import {entrypointNamed, kEntrypointClass, kObject, namesOfEntrypoints} from './handlers.js';

const loopbacks = {};
let isBuilt = false;

function specializerOf(name) {
  return (props) => {
    if (props !== undefined && !isObject(props)) throw new TypeError('props is not an object.');
    const {bytes, externals} = propsToWire(props);
    return createFetcher(natives.selfChannel(name, bytes, externals));
  };
}

// Made when first looked at: few Workers do.
export function exportsOfWorker() {
  if (isBuilt) return loopbacks;
  isBuilt = true;
  const names = namesOfEntrypoints();
  for (let i = 0; i < names.length; i++) {
    const name = names[i] === 'default' ? undefined : names[i];
    const {kind} = entrypointNamed(name);
    if (kind !== kObject && kind !== kEntrypointClass) continue;
    ObjectDefineProperty(loopbacks, names[i], {
      __proto__: null,
      value: createCallableFetcher(natives.selfChannel(name, undefined, undefined), specializerOf(name)),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return loopbacks;
}

const kNone = {__proto__: null};

export function importableExports() {
  return createOverridable(
      kExports, () => (natives.isEnabled('disallow_importable_env') ? kNone : exportsOfWorker()));
}
