// The few members of https://html.spec.whatwg.org/#the-navigator-object that Workers have.
// Libraries look at userAgent.
import {ObjectFreeze, PromisePrototypeThen} from '../internal/primordials.js';
import {
  defineInterface, illegalConstructor, illegalInvocation, kInternal, requireArguments,
} from '../internal/webidl.js';
import {describeException} from '../internal/report.js';
import {fetch} from '../fetch/fetch.js';

function beaconSent() { natives.waitUntilEnd(); }

function beaconFailed(reason) {
  const {name, message, stack} = describeException(reason);
  natives.waitUntilEnd(name, message, stack);
}

export class Navigator {
  #branded = true;

  constructor(key = undefined) {
    if (key !== kInternal) illegalConstructor();
  }

  get userAgent() {
    if (!(#branded in this)) illegalInvocation();
    return 'Cloudflare-Workers';
  }

  // https://w3c.github.io/beacon/: a POST that nobody waits for. False where there is no request that
  // it could belong to.
  sendBeacon(url, body = undefined) {
    if (!(#branded in this)) illegalInvocation();
    requireArguments(arguments.length, 1, 'Navigator.sendBeacon');
    if (!natives.inInvocation()) return false;
    const sent = fetch(url, {__proto__: null, method: 'POST', body});
    natives.waitUntilBegin();
    PromisePrototypeThen(sent, beaconSent, beaconFailed);
    return true;
  }

  get hardwareConcurrency() {
    if (!(#branded in this)) illegalInvocation();
    return 1;
  }

  get language() {
    if (!(#branded in this)) illegalInvocation();
    return 'en';
  }

  get languages() {
    if (!(#branded in this)) illegalInvocation();
    return ObjectFreeze(['en']);
  }
}
defineInterface(Navigator, 'Navigator');

// Called once.
export function createNavigator() { return new Navigator(kInternal); }
