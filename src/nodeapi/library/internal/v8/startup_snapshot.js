'use strict';
const nothing = () => {};
module.exports = {
  namespace: {
    isBuildingSnapshot: () => false, addSerializeCallback: nothing, addDeserializeCallback: nothing, setDeserializeMainFunction: nothing,
    addAfterUserSerializeDeserializeSnapshot: nothing,
  },
  addAfterUserSerializeDeserializeSnapshot: nothing,
  isBuildingSnapshot: () => false,
};
