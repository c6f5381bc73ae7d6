'use strict';
// Before diagnostics_channel_has_subscribers_getter, `hasSubscribers` is a method. Node's own sources take it for a getter: they then publish
// to no one, which does nothing.
const {ObjectDefineProperty, ObjectGetPrototypeOf} = primordials;
const {settings} = require('atoll/platform');
const diagnostics = require('node/diagnostics_channel');

function setMethod(prototype, hasSubscribers) {
  ObjectDefineProperty(prototype, 'hasSubscribers', {
    __proto__: null, value: hasSubscribers, writable: true, enumerable: false, configurable: true,
  });
}

if (!settings.isEnabled('diagnostics_channel_has_subscribers_getter')) {
  const {Channel, tracingChannel} = diagnostics;
  const inactive = Channel.prototype;
  const probe = new Channel('atoll.probe');
  const subscriber = () => {};
  probe.subscribe(subscriber);
  const active = ObjectGetPrototypeOf(probe);
  probe.unsubscribe(subscriber);
  const isActive = (channel) => channel !== undefined && ObjectGetPrototypeOf(channel) === active;
  setMethod(inactive, function hasSubscribers() { return false; });
  setMethod(active, function hasSubscribers() { return true; });
  setMethod(ObjectGetPrototypeOf(tracingChannel('atoll.probe')), function hasSubscribers() {
    return isActive(this.start) || isActive(this.end) || isActive(this.asyncStart) || isActive(this.asyncEnd) || isActive(this.error);
  });
  const {hasSubscribers: ofName} = diagnostics;
  diagnostics.hasSubscribers = function hasSubscribers(name) {
    const answer = ofName(name);
    return typeof answer === 'function' ? isActive(diagnostics.channel(name)) : answer;
  };
}

module.exports = diagnostics;
