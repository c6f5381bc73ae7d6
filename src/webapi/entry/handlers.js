// What a Worker's module exports, seen as handlers: the default export and the named entrypoints.
import {ArrayPrototypePush, ObjectCreate, ObjectKeys} from '../internal/primordials.js';
import {isObject} from '../internal/webidl.js';
import {extendsClass, WorkerEntrypoint} from './base_classes.js';

const kHandlerNames = [
  'fetch',
  'scheduled',
  'queue',
  'email',
  'tail',
  'trace',
  'tailStream',
  'connect',
  'alarm',
  'webSocketMessage',
  'webSocketClose',
  'webSocketError',
  'run',
  'test',
];

export const kObject = 0;  // an object with handlers as methods
export const kEntrypointClass =
    1;  // a class extending WorkerEntrypoint, constructed for each event
export const kOtherClass =
    2;  // Durable Objects, workflows, and classes this platform does not start itself

export class Entrypoint {
  kind;
  target;
  hasFetch;

  constructor(kind, target, handlers) {
    this.kind = kind;
    this.target = target;
    this.hasFetch = handlers[0] === 'fetch';
  }
}

export let defaultEntrypoint;
let namedEntrypoints;  // without prototype

export function findEntrypoint(name) { return namedEntrypoints?.[name]; }

// For parts that are loaded late and see variables as they were then. Without a name, the default
// export.
export function entrypointNamed(name) {
  return name === undefined ? defaultEntrypoint : findEntrypoint(name);
}

// False in service-worker format, and before the script has been evaluated.
export function isModuleFormat() { return namedEntrypoints !== undefined; }

export function namesOfEntrypoints() {
  const names = namedEntrypoints === undefined ? [] : ObjectKeys(namedEntrypoints);
  if (defaultEntrypoint !== undefined) ArrayPrototypePush(names, 'default');
  return names;
}

function handlersOf(object) {
  const found = [];
  for (let i = 0; i < kHandlerNames.length; i++) {
    if (typeof object[kHandlerNames[i]] === 'function') ArrayPrototypePush(found, kHandlerNames[i]);
  }
  return found;
}

function hasFunction(object) {
  const names = ObjectKeys(object);
  for (let i = 0; i < names.length; i++) {
    if (typeof object[names[i]] === 'function') return true;
  }
  return false;
}

function kindOf(value) {
  if (typeof value !== 'function') return kObject;
  return extendsClass(value, WorkerEntrypoint) ? kEntrypointClass : kOtherClass;
}

// Remembers the entrypoints among the exports of the main module; see registerExports in the
// contract for the result.
export function registerModule(exports) {
  defaultEntrypoint = undefined;
  namedEntrypoints = ObjectCreate(null);
  let handlers = [];
  const namedHandlers = [];
  const names = ObjectKeys(exports);
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const value = exports[name];
    if (!isObject(value)) {
      if (name === 'default') {
        return {
          handlers,
          namedHandlers,
          error: 'The default export of the main module is not an object or a class.'
        };
      }
      continue;
    }
    const kind = kindOf(value);
    const methods = handlersOf(kind === kObject ? value : value.prototype ?? {});
    const entrypoint = new Entrypoint(kind, value, methods);
    if (name === 'default') {
      defaultEntrypoint = entrypoint;
      handlers = methods;
      // One that can only be called over RPC is an entrypoint, too.
      if (methods.length === 0 && (kind === kEntrypointClass || hasFunction(value))) {
        ArrayPrototypePush(namedHandlers, {name, handlers: methods});
      }
    } else {
      namedEntrypoints[name] = entrypoint;
      if (methods.length !== 0 || kind !== kObject) {
        ArrayPrototypePush(namedHandlers, {name, handlers: methods});
      }
    }
  }
  return {handlers, namedHandlers};
}
