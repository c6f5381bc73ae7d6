// The few members of https://html.spec.whatwg.org/#the-navigator-object that Workers have.
// Libraries look at userAgent.
import {ObjectFreeze} from '../internal/primordials.js';
import {
  defineInterface, illegalConstructor, illegalInvocation, kInternal,
} from '../internal/webidl.js';

export class Navigator {
  #branded = true;

  constructor(key = undefined) {
    if (key !== kInternal) illegalConstructor();
  }

  get userAgent() {
    if (!(#branded in this)) illegalInvocation();
    return 'Cloudflare-Workers';
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

export const navigator = new Navigator(kInternal);
