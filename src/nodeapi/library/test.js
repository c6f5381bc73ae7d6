'use strict';
// Only the mocks: tests of a Worker run elsewhere.
const {MockTracker, MockFunctionContext} = require('internal/test_runner/mock/mock');
module.exports = {MockTracker, MockFunctionContext, mock: new MockTracker()};
