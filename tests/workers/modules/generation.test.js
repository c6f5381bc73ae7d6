// Code out of strings: while the script starts only.
import { strictEqual, throws } from 'node:assert';

const atStart = [eval('1 + 1'), new Function('return 2')()];
const refused = { name: 'EvalError', message: 'Code generation from strings disallowed for this context' };

export const is_allowed_at_start = {
  test() { strictEqual(atStart.join(), '2,2'); },
};

export const is_refused_in_handlers = {
  test() {
    throws(() => eval('1 + 1'), refused);
    throws(() => new Function('return 2'), refused);
    throws(() => new Function('a', undefined), refused);
    throws(() => Reflect.construct(Function, ['return 2']), refused);
    throws(() => (async () => {}).constructor('return 2'), refused);
    throws(() => (function* () {}).constructor('yield 2'), refused);
    throws(() => setTimeout.constructor('return 2'), refused);
  },
};

export const what_is_no_code_is_left_alone = {
  test() {
    strictEqual(eval(), undefined);
    strictEqual(new Function()(), undefined);
    strictEqual(new (class extends Function {})()(), undefined);
  },
};

export const text_that_looks_empty_but_is_not_is_refused = {
  test() {
    throws(() => new Function(';'), refused);
    throws(() => eval('(function anonymous(\n) {\n\n}), 1'), refused);
  },
};
