// The module cloudflare:workers. Its names are fixed in the snapshot; `env` gets its value when a
// Worker is prepared.
import {DurableObject, RpcTarget, WorkerEntrypoint, WorkflowEntrypoint} from './base_classes.js';
import {importableEnvironment} from './environment.js';
import {waitUntil} from './execution_context.js';

export function workersModule() {
  return {
    __proto__: null,
    DurableObject,
    RpcTarget,
    WorkerEntrypoint,
    WorkflowEntrypoint,
    env: importableEnvironment(),
    waitUntil,
  };
}
