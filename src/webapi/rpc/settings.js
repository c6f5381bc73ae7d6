// What compatibility flags say about calls and entrypoints.
export const settings = {
  __proto__: null,
  duplicatesParams: true,  // stubs among the arguments are duplicated, not handed over
  hasExports: true,        // ctx.exports
  enhancedErrors: true,    // errors keep their own properties
};
