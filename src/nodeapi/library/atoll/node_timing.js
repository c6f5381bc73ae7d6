'use strict';
// performance.nodeTiming: no process has started, so all is 0.
const {ObjectSetPrototypeOf} = primordials;
const {webValue} = require('atoll/platform');

class PerformanceNodeTiming {
  constructor() {
    const values = {
      name: 'node', entryType: 'node', startTime: 0, duration: 0, nodeStart: 0, v8Start: 0, bootstrapComplete: 0, environment: 0,
      loopStart: 0, loopExit: 0, idleTime: 0, uvMetricsInfo: {loopCount: 0, events: 0, eventsWaiting: 0},
    };
    for (const name in values) primordials.ObjectDefineProperty(this, name, {__proto__: null, value: values[name], enumerable: true});
  }
  toJSON() { return {...this}; }
}
ObjectSetPrototypeOf(PerformanceNodeTiming.prototype, webValue('PerformanceEntry').prototype);

module.exports = new PerformanceNodeTiming();
