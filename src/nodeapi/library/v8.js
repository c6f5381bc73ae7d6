'use strict';
// The heap is not the script's business: counts are 0, and what would look into it is refused once its arguments are right.
const {ObjectFreeze} = primordials;
const {codes: {ERR_METHOD_NOT_IMPLEMENTED}} = require('internal/errors');
const {
  validateBoolean, validateFunction, validateObject, validateOneOf, validateString, validateUint32,
} = require('internal/validators');

const refuse = (name) => ({[name]() { throw new ERR_METHOD_NOT_IMPLEMENTED(`v8.${name}`); }}[name]);
const refusingClass = (name) => ({[name]: class { constructor() { throw new ERR_METHOD_NOT_IMPLEMENTED(`v8.${name}`); } }}[name]);

function validateSnapshotOptions(options) {
  if (options === undefined) return;
  validateObject(options, 'options');
  const {exposeInternals = false, exposeNumericValues = false} = options;
  validateBoolean(exposeInternals, 'options.exposeInternals');
  validateBoolean(exposeNumericValues, 'options.exposeNumericValues');
}

class GCProfiler {
  start() { throw new ERR_METHOD_NOT_IMPLEMENTED('GCProfiler.start'); }
  stop() { throw new ERR_METHOD_NOT_IMPLEMENTED('GCProfiler.stop'); }
}

module.exports = {
  ...require('node/v8'),
  cachedDataVersionTag() { return 0; },
  getHeapStatistics() {
    return {
      total_heap_size: 0, total_heap_size_executable: 0, total_physical_size: 0, total_available_size: 0, used_heap_size: 0, heap_size_limit: 0,
      malloced_memory: 0, peak_malloced_memory: 0, does_zap_garbage: 0, number_of_native_contexts: 0, number_of_detached_contexts: 0,
      total_global_handles_size: 0, used_global_handles_size: 0, external_memory: 0,
    };
  },
  getHeapSpaceStatistics() { return []; },
  getHeapCodeStatistics() {
    return {code_and_metadata_size: 0, bytecode_and_metadata_size: 0, external_script_source_size: 0, cpu_profiler_metadata_size: 0};
  },
  getCppHeapStatistics(type = 'detailed') {
    validateOneOf(type, 'type', ['brief', 'detailed']);
    return {
      committed_size_bytes: 0, resident_size_bytes: 0, used_size_bytes: 0, space_statistics: [], type_names: [], detail_level: type,
    };
  },
  writeHeapSnapshot(filename, options) {
    if (filename !== undefined) validateString(filename, 'filename');
    validateSnapshotOptions(options);
    throw new ERR_METHOD_NOT_IMPLEMENTED('v8.writeHeapSnapshot');
  },
  getHeapSnapshot(options) {
    validateSnapshotOptions(options);
    throw new ERR_METHOD_NOT_IMPLEMENTED('v8.getHeapSnapshot');
  },
  setFlagsFromString(flags) {
    validateString(flags, 'flags');
    throw new ERR_METHOD_NOT_IMPLEMENTED('v8.setFlagsFromString');
  },
  isStringOneByteRepresentation(content) {
    validateString(content, 'content');
    throw new ERR_METHOD_NOT_IMPLEMENTED('v8.isStringOneByteRepresentation');
  },
  setHeapSnapshotNearHeapLimit(limit) {
    validateUint32(limit, 'limit', true);
    throw new ERR_METHOD_NOT_IMPLEMENTED('v8.setHeapSnapshotNearHeapLimit');
  },
  queryObjects(constructor, options = {}) {
    validateFunction(constructor, 'constructor');
    validateObject(options, 'options');
    validateOneOf(options.format, 'options.format', ['count', 'summary', undefined]);
    throw new ERR_METHOD_NOT_IMPLEMENTED('v8.queryObjects');
  },
  GCProfiler,
  Serializer: refusingClass('Serializer'),
  Deserializer: refusingClass('Deserializer'),
  DefaultSerializer: refusingClass('DefaultSerializer'),
  DefaultDeserializer: refusingClass('DefaultDeserializer'),
  promiseHooks: ObjectFreeze({
    createHook: refuse('promiseHooks.createHook'),
    onInit: refuse('promiseHooks.onInit'),
    onBefore: refuse('promiseHooks.onBefore'),
    onAfter: refuse('promiseHooks.onAfter'),
    onSettled: refuse('promiseHooks.onSettled'),
  }),
  startupSnapshot: ObjectFreeze({
    addSerializeCallback: refuse('startupSnapshot.addSerializeCallback'),
    addDeserializeCallback: refuse('startupSnapshot.addDeserializeCallback'),
    setDeserializeMainFunction: refuse('startupSnapshot.setDeserializeMainFunction'),
    isBuildingSnapshot() { return false; },
  }),
};
