// The object behind a dispatch namespace binding: it names the user Workers of the namespace.
import {ArrayPrototypeIncludes, ObjectKeys, TypeError} from '../../webapi/internal/primordials.js';
import {
  defineInterface, illegalConstructor, isObject, kInternal, requireArguments, toDictionary,
  toDOMString,
} from '../../webapi/internal/webidl.js';
import {propsToWire} from '../../webapi/structured_clone/props.js';
import {serialize} from '../../webapi/structured_clone/structured_clone.js';
import {createFetcher} from '../service/fetcher.js';

const kNoLimit = -1;
const kNoParts = {__proto__: null, props: undefined, bindings: undefined};

function toLimit(value, name, least) {
  if (value === undefined) return kNoLimit;
  const limit = +value;
  if (!(limit >= least && limit <= 2 ** 31 - 1)) {
    throw new TypeError(`limits.${name} must be a number of at least ${least}.`);
  }
  return limit - limit % 1;
}

function partsOf(given) {
  if (!isObject(given)) return kNoParts;
  const names = ObjectKeys(given);
  let isNewForm = names.length > 0;
  for (let i = 0; i < names.length; i++) {
    const isPart = names[i] === 'props' || names[i] === 'bindings';
    if (!isPart || !isObject(given[names[i]])) isNewForm = false;
  }
  return isNewForm ? given : {__proto__: null, props: given, bindings: undefined};
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

  // A Fetcher for the user Worker `name`. Whether there is such a Worker shows only when the Fetcher
  // is used. Of an object with nothing but `props` and `bindings` the Worker sees a copy of the
  // former as its ctx.props, and finds copies of the members of the latter in its env; any other
  // object is the props themselves.
  get(name, given = undefined, options = undefined) {
    const handle = this.#handle;
    requireArguments(arguments.length, 1, 'DispatchNamespace.get');
    const script = toDOMString(name);
    if (given !== undefined && given !== null && !isObject(given)) {
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
    const {props, bindings} = partsOf(given);
    const {bytes, externals} = propsToWire(props);
    return createFetcher(natives.dispatchGet(
        handle, script, bytes, externals, isObject(bindings) ? serialize(bindings) : undefined,
        cpuMs, subRequests, outbound, this.#outboundChannel));
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
