// What a Worker is bound to: the `env` object, built once per isolate.
import {JSONParse, ObjectDefineProperty, ObjectKeys, TypeError} from '../internal/primordials.js';
import {deserialize} from '../structured_clone/structured_clone.js';
import {createKvNamespace} from '../../bindings/kv/kv_namespace.js';
import {createWorkerLoader} from '../../bindings/loader/worker_loader.js';
import {createFetcher} from '../../bindings/service/fetcher.js';
import {readMessage} from '../rpc/message.js';
import {createOverridable, kEnvironment} from './overrides.js';
import {createDispatchNamespace} from '../../bindings/dispatch/dispatch_namespace.js';

const kNone = {__proto__: null};

// The handlers' `env`: an ordinary object that scripts may change.
export const environment = {};

function createBinding(descriptor) {
  const type = descriptor[1];
  const payload = descriptor[2];
  switch (type) {
    case 'plain_text':
    case 'secret_text':
    case 'text_blob':
    case 'data_blob':
    case 'wasm_module': return payload;
    case 'json':
    case 'version_metadata': return JSONParse(payload);
    case 'kv_namespace': return createKvNamespace(payload);
    case 'service': return createFetcher(payload);
    case 'worker_loader': return createWorkerLoader();
    case 'dispatch_namespace': return createDispatchNamespace(payload, descriptor[3], descriptor[4]);
  }
  throw new TypeError(`The binding "${descriptor[0]}" has the unknown type "${type}".`);
}

function define(target, name, value) {
  ObjectDefineProperty(
      target, name, {__proto__: null, value, writable: true, enumerable: true, configurable: true});
}

// The env that a loaded Worker was given: [bytes, externals] of an object.
export function adoptEnvironment(message) {
  const {value} = readMessage(message[0], message[1]);
  const names = ObjectKeys(value);
  for (let i = 0; i < names.length; i++) define(environment, names[i], value[names[i]]);
}

// A script in service-worker format finds its bindings as globals.
export function buildEnvironment(bindings, asGlobals) {
  for (let i = 0; i < bindings.length; i++) {
    const name = bindings[i][0];
    const binding = createBinding(bindings[i]);
    define(environment, name, binding);
    if (asGlobals) define(globalThis, name, binding);
  }
}

function copyMembers(from, to) {
  const names = ObjectKeys(from);
  for (let i = 0; i < names.length; i++) define(to, names[i], from[names[i]]);
}

// What the handlers of one invocation find: `environment`, or a copy with the members that the
// caller adds, an object in wire form.
export function environmentWith(bytes) {
  if (bytes === undefined) return environment;
  const made = {};
  copyMembers(environment, made);
  copyMembers(deserialize(bytes), made);
  return made;
}

// The same content as another object, for `import {env} from 'cloudflare:workers'`.
export function importableEnvironment() {
  return createOverridable(
      kEnvironment, () => (natives.isEnabled('disallow_importable_env') ? kNone : environment));
}
