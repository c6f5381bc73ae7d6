'use strict';
// Node's hooks into asynchronous resources do not exist here; ids are numbers without meaning.
const {ReflectApply, Symbol} = primordials;

let lastId = 1;
const nothing = () => {};

module.exports = {
  symbols: {
    async_id_symbol: Symbol('asyncId'), trigger_async_id_symbol: Symbol('triggerAsyncId'), owner_symbol: Symbol('owner_symbol'),
    init_symbol: Symbol('init'), before_symbol: Symbol('before'), after_symbol: Symbol('after'), destroy_symbol: Symbol('destroy'),
    promise_resolve_symbol: Symbol('promiseResolve'),
  },
  constants: {kInit: 0, kBefore: 1, kAfter: 2, kDestroy: 3, kPromiseResolve: 4, kTotals: 5, kStackLength: 6},
  enabledHooksExist: () => false,
  initHooksExist: () => false,
  destroyHooksExist: () => false,
  newAsyncId: () => ++lastId,
  getOrSetAsyncId: () => 0,
  getDefaultTriggerAsyncId: () => 0,
  defaultTriggerAsyncIdScope: (id, block, ...args) => ReflectApply(block, null, args),
  executionAsyncId: () => 0,
  triggerAsyncId: () => 0,
  executionAsyncResource: () => ({}),
  clearAsyncIdStack: nothing,
  emitInitScript: nothing, emitBeforeScript: nothing, emitAfterScript: nothing, emitDestroyScript: nothing,
  registerDestroyHook: nothing, useDomainTrampoline: nothing,
};
