// Imports while a request runs, their phases and attributes.
import { ok, rejects, strictEqual } from 'node:assert';
import source empty from './parts/empty.wasm';

export const a_module_that_awaits_microtasks_is_imported = {
  async test() {
    const { value } = await import('./parts/awaits.js');
    strictEqual(value, 42);
  },
};

export const a_module_that_waits_for_ever_is_refused = {
  async test() {
    await rejects(import('./parts/never.js'), { message: 'Top-level await in module is unsettled.' });
  },
};

export const a_module_that_throws_rejects_its_import_each_time = {
  async test() {
    await rejects(import('./parts/throws.js'), { message: 'thrown at the top' });
    await rejects(import('./parts/throws.js'), { message: 'thrown at the top' });
  },
};

export const a_specifier_that_leaves_the_bundle_is_invalid = {
  async test() {
    await rejects(import('./parts/climbs.js'), { name: 'TypeError', message: /^Invalid module specifier "\.\.\/\.\.\/\.\.\/\.\.\/outside\.js"/ });
  },
};

export const attributes_that_mean_nothing_are_refused = {
  async test() {
    await rejects(import('./parts/awaits.js', { with: { colour: 'red' } }), { message: /^Unrecognized import attributes/ });
  },
};

export const the_source_phase_gives_a_webassembly_module = {
  async test() {
    ok(empty instanceof WebAssembly.Module);
    ok((await WebAssembly.instantiate(empty, {})) instanceof WebAssembly.Instance);
  },
};
