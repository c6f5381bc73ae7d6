'use strict';
// Tracings that may be switched on and record nothing.
const {ArrayPrototypeJoin, ArrayPrototypeSlice} = primordials;
const {codes: {ERR_TRACE_EVENTS_CATEGORY_REQUIRED}} = require('internal/errors');
const {customInspectSymbol} = require('internal/util');
const {format} = require('internal/util/inspect');
const {validateObject, validateStringArray} = require('internal/validators');

class Tracing {
  #categories;
  #enabled = false;
  constructor(categories) { this.#categories = ArrayPrototypeSlice(categories); }
  enable() { this.#enabled = true; }
  disable() { this.#enabled = false; }
  get enabled() { return this.#enabled; }
  get categories() { return ArrayPrototypeJoin(this.#categories, ','); }
  [customInspectSymbol](depth) {
    if (typeof depth === 'number' && depth < 0) return this;
    return `Tracing ${format({enabled: this.enabled, categories: this.categories})}`;
  }
}

module.exports = {
  createTracing(options) {
    validateObject(options, 'options');
    validateStringArray(options.categories, 'options.categories');
    if (options.categories.length === 0) throw new ERR_TRACE_EVENTS_CATEGORY_REQUIRED();
    return new Tracing(options.categories);
  },
  getEnabledCategories() { return undefined; },
};
