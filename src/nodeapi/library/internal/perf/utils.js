'use strict';
const {natives} = require('atoll/platform');
module.exports = {
  now: () => natives.now(), isBootstrapComplete: () => true, refreshTimeOrigin() {}, getTimeOriginTimestamp: () => 0, getMilestoneTimestamp: () => 0,
};
