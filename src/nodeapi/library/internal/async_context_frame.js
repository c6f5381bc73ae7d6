'use strict';
// The values of all AsyncLocalStorage objects: an array of storage, value, storage, value …, never changed once made. V8 carries it along.
const {natives} = require('atoll/platform');
module.exports = {
  current: () => natives.asyncContext(),
  set: (frame) => natives.setAsyncContext(frame),
  exchange(frame) {
    const before = natives.asyncContext();
    natives.setAsyncContext(frame);
    return before;
  },
  isEnabled: true,
};
