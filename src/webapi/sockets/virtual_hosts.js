// ctx.mapVirtualHost(): names under which connect() finds services, for libraries that take a host name only.
import {
  Map, MapPrototypeGet, MapPrototypeSet, StringPrototypeReplaceAll, TypeError, WeakMap, WeakMapPrototypeGet, WeakMapPrototypeSet,
} from '../internal/primordials.js';
import {toUnsignedShort} from '../internal/webidl.js';
import {channelOf} from '../rpc/channel.js';

const fetchers = new Map();   // host name → Fetcher
const addresses = new WeakMap();  // Fetcher → what it was given: a second call changes nothing

export function mapVirtualHost(fetcher, port) {
  if (channelOf(fetcher) === undefined) throw new TypeError('mapVirtualHost() takes a service and a port.');
  const number = toUnsignedShort(port);
  const known = WeakMapPrototypeGet(addresses, fetcher);
  if (known !== undefined) return known;
  const host = `${StringPrototypeReplaceAll(natives.randomUUID(), '-', '')}.workers.alt`;
  const address = `${host}:${number}`;
  MapPrototypeSet(fetchers, host, fetcher);
  WeakMapPrototypeSet(addresses, fetcher, address);
  return address;
}

// The channel of the service under that name, or 0.
export function channelOfHost(host) {
  const fetcher = MapPrototypeGet(fetchers, host);
  return fetcher === undefined ? 0 : channelOf(fetcher);
}
