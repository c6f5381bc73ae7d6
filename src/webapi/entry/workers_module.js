// The module cloudflare:workers. Its names are fixed in the snapshot; `env` gets its value when a
// Worker is prepared.
import {DurableObject, WorkerEntrypoint, WorkflowEntrypoint} from './base_classes.js';
import {importableEnvironment} from './environment.js';
import {Fetcher} from '../../bindings/service/fetcher.js';
import {RpcPromise, RpcProperty, RpcStub} from '../rpc/classes.js';
import {RpcTarget} from '../rpc/target.js';
import {importableExports} from './exports.js';
import {withEnv, withEnvAndExports, withExports} from './overrides.js';
import {waitUntil} from './execution_context.js';


export function workersModule() {
  return {
    __proto__: null,
    DurableObject,
    RpcPromise,
    RpcProperty,
    RpcStub,
    RpcTarget,
    ServiceStub: Fetcher,
    WorkerEntrypoint,
    WorkflowEntrypoint,
    env: importableEnvironment(),
    exports: importableExports(),
    waitUntil,
    withEnv,
    withEnvAndExports,
    withExports,
  };
}
