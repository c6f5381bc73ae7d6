// The object behind a dispatch namespace binding: it names the user Workers of the namespace.
import {ArrayPrototypeIncludes, ObjectKeys, TypeError} from '../../webapi/internal/primordials.js';
import {
  defineInterface, illegalConstructor, isObject, kInternal, requireArguments, toDictionary,
  toDOMString,
} from '../../webapi/internal/webidl.js';
import {serialize} from '../../webapi/structured_clone/structured_clone.js';
import {createFetcher} from '../service/fetcher.js';

const kNoLimit = -1;

function toLimit(value, name, least) {
  if (value === undefined) return kNoLimit;
  const limit = +value;
  if (!(limit >= least && limit <= 2 ** 31 - 1)) {
    throw new TypeError(`limits.${name} must be a number of at least ${least}.`);
  }
  return limit - limit % 1;
}

export class DispatchNamespace {
  #handle;
  #outboundParameters;  // the names that the binding declares, or undefined
  #outboundChannel;     // of the outbound Worker, or undefined

  constructor(key, handle, outboundParameters, outboundChannel) {
    if (key !== kInternal) illegalConstructor();
    this.#handle = handle;
    this.#outboundParameters = outboundParameters;
    this.#outboundChannel = outboundChannel;
  }

  // A Fetcher for the user Worker `name`, which sees a copy of `props` as its ctx.props. Whether
  // there is such a Worker shows only when the Fetcher is used.
  get(name, props = undefined, options = undefined) {
    const handle = this.#handle;
    requireArguments(arguments.length, 1, 'DispatchNamespace.get');
    const script = toDOMString(name);
    if (props !== undefined && props !== null && !isObject(props)) {
      throw new TypeError('DispatchNamespace.get: the second argument is not an object.');
    }
    let cpuMs = kNoLimit;
    let subRequests = kNoLimit;
    let outbound;
    if (options !== undefined) {
      const members = toDictionary(options, 'DispatchNamespace.get: the third argument');
      const limits = toDictionary(members.limits, 'limits');
      cpuMs = toLimit(limits.cpuMs, 'cpuMs', 1);
      subRequests = toLimit(limits.subRequests, 'subRequests', 0);
      if (members.outbound !== undefined && members.outbound !== null) {
        outbound = this.#outboundValues(members.outbound);
      }
    }
    const bytes = isObject(props) ? serialize(props) : undefined;
    return createFetcher(natives.dispatchGet(handle, script, bytes, cpuMs, subRequests, outbound,
                                             this.#outboundChannel));
  }

  // The values for the outbound Worker's `env`, in wire form.
  #outboundValues(values) {
    if (!isObject(values)) throw new TypeError('outbound is not an object.');
    const declared = this.#outboundParameters ?? [];
    const names = ObjectKeys(values);
    for (let i = 0; i < names.length; i++) {
      if (!ArrayPrototypeIncludes(declared, names[i])) {
        throw new TypeError(`The outbound parameter "${
            names[i]}" is not declared by the dispatch namespace binding.`);
      }
    }
    return names.length === 0 ? undefined : serialize(values);
  }
}
defineInterface(DispatchNamespace, 'DispatchNamespace');

export function createDispatchNamespace(handle, outboundParameters, outboundChannel) {
  return new DispatchNamespace(kInternal, handle, outboundParameters, outboundChannel);
}
