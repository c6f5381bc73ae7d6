// Becomes the main module of a worker test; __TESTS__ is replaced by the specifier of the test file. Everything the
// file exports stays reachable; a request with the header x-worker-test runs one test or lists all.
import * as tests from '__TESTS__';
export * from '__TESTS__';

const own = tests.default;
const isTest = (value) => value !== null && typeof value === 'object' && typeof value.test === 'function';

function describe(error) {
  if (!(error instanceof Error)) return `threw ${typeof error}: ${String(error)}`;
  const cause = error.cause ? `\ncaused by ${describe(error.cause)}` : '';
  const stack = String(error.stack ?? '');
  return (stack.includes(error.message) ? stack : `${error.name}: ${error.message}\n${stack}`) + cause;
}

async function answer(command, env, ctx) {
  if (command === 'list') return { tests: Object.keys(tests).filter((name) => isTest(tests[name])) };
  const name = command.slice('run '.length);
  try {
    await tests[name].test({}, env, ctx);
    return { name, passed: true };
  } catch (error) {
    return { name, passed: false, error: describe(error) };
  }
}

export default {
  ...(own ?? {}),
  async fetch(request, env, ctx) {
    const command = request.headers.get('x-worker-test');
    if (command === null) return own.fetch(request, env, ctx);
    return new Response(JSON.stringify(await answer(command, env, ctx)), {
      headers: { 'content-type': 'application/json' },
    });
  },
};
