'use strict';
const {Symbol} = primordials;
const {webValue} = require('atoll/platform');

module.exports = {
  Event: webValue('Event'),
  EventTarget: webValue('EventTarget'),
  CustomEvent: webValue('CustomEvent'),
  isEventTarget: webValue('isEventTarget'),
  kEvents: Symbol('kEvents'),
  kMaxEventTargetListeners: Symbol('events.maxEventTargetListeners'),
  kMaxEventTargetListenersWarned: Symbol('events.maxEventTargetListenersWarned'),
  kResistStopPropagation: Symbol('kResistStopPropagation'),
  kTrustEvent: Symbol('kTrustEvent'),
  kWeakHandler: Symbol('kWeakHandler'),
  defineEventHandler() {},
};
