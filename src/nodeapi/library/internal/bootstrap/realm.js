'use strict';
const {hasModule, publicNames} = require('atoll/platform');
module.exports = {
  BuiltinModule: {
    exists: (name) => hasModule(`node:${name}`),
    canBeRequiredByUsers: (name) => hasModule(`node:${name}`),
    canBeRequiredWithoutScheme: (name) => hasModule(name),
    isBuiltin: hasModule,
    normalizeRequirableId: (name) => hasModule(name) ? name : undefined,
    getAllBuiltinModuleIds: publicNames,
    getSchemeOnlyModuleNames: () => [],
  },
};
