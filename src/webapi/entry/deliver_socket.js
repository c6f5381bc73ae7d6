// Inbound connections: a socket for the `connect` handler of an entrypoint.
import {Error, PromisePrototypeThen, PromiseResolve, TypeError} from '../internal/primordials.js';
import {kInternal} from '../internal/webidl.js';
import {describeException} from '../internal/report.js';
import {sendFailure} from '../rpc/errors.js';
import {inboundSocket} from '../sockets/socket.js';
import {environmentWith} from './environment.js';
import {ExecutionContext} from './execution_context.js';
import {entrypointNamed, isModuleFormat, kEntrypointClass, kObject} from './handlers.js';
import {addNextConnection} from './inbound.js';

// What runs the handler of that entrypoint on a socket.
function handlerOf(name, props, envValues, hasNext) {
  if (!isModuleFormat()) {
    throw new Error('Connect ingress is not currently supported with Service Workers syntax.');
  }
  const entrypoint = entrypointNamed(name);
  if (entrypoint !== undefined && entrypoint.kind === kObject) {
    const {target} = entrypoint;
    if (typeof target.connect === 'function') {
      const env = environmentWith(envValues);
      const ctx = new ExecutionContext(kInternal, props);
      if (hasNext) addNextConnection(ctx);
      return (socket) => target.connect(socket, env, ctx);
    }
  } else if (entrypoint !== undefined) {
    if (entrypoint.kind !== kEntrypointClass) {
      throw new TypeError('The entrypoint is a class that does not extend WorkerEntrypoint.');
    }
    const ctx = new ExecutionContext(kInternal, props);
    if (hasNext) addNextConnection(ctx);
    const instance = new entrypoint.target(ctx, environmentWith(envValues));
    if (typeof instance.connect === 'function') return (socket) => instance.connect(socket);
  }
  throw new Error('Handler does not export a connect() function.');
}

// Gives the socket `number` to the handler, which may use it until what it returned has settled;
// `call` fails if there is no handler.
export function deliverSocket(call, number, name, props, authority, envValues, hasNext) {
  let handler;
  try {
    handler = handlerOf(name, props, envValues, hasNext);
  } catch (error) {
    sendFailure(call, error);
    return;
  }
  natives.waitUntilBegin();
  natives.rpcReturn(call);
  const {socket, connection} = inboundSocket(number, authority);
  const done = () => {
    connection.neuter();
    natives.waitUntilEnd();
  };
  const failed = (reason) => {
    connection.neuter();
    const {name: type, message, stack} = describeException(reason);
    natives.waitUntilEnd(type, message, stack);
  };
  try {
    PromisePrototypeThen(PromiseResolve(handler(socket)), done, failed);
  } catch (error) {
    failed(error);
  }
}
