'use strict';
const {webValue} = require('atoll/platform');
const {codes: {ERR_METHOD_NOT_IMPLEMENTED}} = require('internal/errors');
const performance = webValue('performance');
const named = (name) => {
  const value = webValue(name);
  if (value !== undefined) return value;
  return {[name]: class { constructor() { throw new ERR_METHOD_NOT_IMPLEMENTED(`perf_hooks.${name}`); } }}[name];
};
module.exports = {
  performance,
  Performance: named('Performance'),
  PerformanceEntry: named('PerformanceEntry'),
  PerformanceMark: named('PerformanceMark'),
  PerformanceMeasure: named('PerformanceMeasure'),
  PerformanceNodeTiming: named('PerformanceNodeTiming'),
  PerformanceObserver: named('PerformanceObserver'),
  PerformanceObserverEntryList: named('PerformanceObserverEntryList'),
  PerformanceResourceTiming: named('PerformanceResourceTiming'),
  monitorEventLoopDelay() { throw new ERR_METHOD_NOT_IMPLEMENTED('monitorEventLoopDelay'); },
  createHistogram() { throw new ERR_METHOD_NOT_IMPLEMENTED('createHistogram'); },
  timerify(callback) { return callback; },
  eventLoopUtilization() { return {idle: 0, active: 0, utilization: 0}; },
  constants: primordials.ObjectFreeze({
    NODE_PERFORMANCE_GC_MAJOR: 4, NODE_PERFORMANCE_GC_MINOR: 1, NODE_PERFORMANCE_GC_INCREMENTAL: 8, NODE_PERFORMANCE_GC_WEAKCB: 16,
    NODE_PERFORMANCE_GC_FLAGS_NO: 0, NODE_PERFORMANCE_GC_FLAGS_CONSTRUCT_RETAINED: 2, NODE_PERFORMANCE_GC_FLAGS_FORCED: 4,
    NODE_PERFORMANCE_GC_FLAGS_SYNCHRONOUS_PHANTOM_PROCESSING: 8, NODE_PERFORMANCE_GC_FLAGS_ALL_AVAILABLE_GARBAGE: 16,
    NODE_PERFORMANCE_GC_FLAGS_ALL_EXTERNAL_MEMORY: 32, NODE_PERFORMANCE_GC_FLAGS_SCHEDULE_IDLE: 64,
    NODE_PERFORMANCE_ENTRY_TYPE_GC: 0, NODE_PERFORMANCE_ENTRY_TYPE_HTTP: 1, NODE_PERFORMANCE_ENTRY_TYPE_HTTP2: 2, NODE_PERFORMANCE_ENTRY_TYPE_NET: 3,
    NODE_PERFORMANCE_ENTRY_TYPE_DNS: 4,
    NODE_PERFORMANCE_MILESTONE_TIME_ORIGIN_TIMESTAMP: 0, NODE_PERFORMANCE_MILESTONE_TIME_ORIGIN: 1, NODE_PERFORMANCE_MILESTONE_ENVIRONMENT: 2,
    NODE_PERFORMANCE_MILESTONE_NODE_START: 3, NODE_PERFORMANCE_MILESTONE_V8_START: 4, NODE_PERFORMANCE_MILESTONE_LOOP_START: 5,
    NODE_PERFORMANCE_MILESTONE_LOOP_EXIT: 6, NODE_PERFORMANCE_MILESTONE_BOOTSTRAP_COMPLETE: 7,
  }),
};
