'use strict';
module.exports = {kResolvedPromise: primordials.PromiseResolve()};
