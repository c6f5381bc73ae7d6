// What depends on a Worker's compatibility date and flags. prepareWorker sets it before the script runs; the values here are
// those of the newest date.
export const behaviours = {
  __proto__: null,
  byobRequestForDefaultReaders: true,
};
