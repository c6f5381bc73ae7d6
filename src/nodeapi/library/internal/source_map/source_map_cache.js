'use strict';
module.exports = {
  findSourceMap: () => undefined, getSourceMapsSupport: () => ({__proto__: null, enabled: false, nodeModules: false, generatedCode: false}),
  setSourceMapsSupport() {}, maybeCacheSourceMap() {}, maybeCacheGeneratedSourceMap() {}, findSourceMap: () => undefined,
};
