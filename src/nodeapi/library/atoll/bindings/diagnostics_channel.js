'use strict';
const nothing = () => {};
module.exports = {
  subscribers: new primordials.Uint32Array(1024), getOrCreateChannelIndex: () => 0, notifyChannelActive: nothing, notifyChannelInactive: nothing,
  linkNativeChannel: nothing,
};
