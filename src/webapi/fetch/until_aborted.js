import {PromisePrototypeThen, PromiseWithResolvers} from '../internal/primordials.js';
import {addAbortAlgorithm, removeAbortAlgorithm} from '../events/abort_signal.js';

// What `promise` gives, unless the signal, which has not fired yet, does so before; then onAbort()
// is called, too.
export function untilAborted(signal, promise, onAbort) {
  const {promise: result, resolve, reject} = PromiseWithResolvers();
  const abort = (reason) => {
    reject(reason);
    onAbort();
  };
  addAbortAlgorithm(signal, abort);
  PromisePrototypeThen(promise,
                       (value) => {
                         removeAbortAlgorithm(signal, abort);
                         resolve(value);
                       },
                       (error) => {
                         removeAbortAlgorithm(signal, abort);
                         reject(error);
                       });
  return result;
}
