// The module that becomes the main module of a Worker under test. It exports what the original does, so that bindings of the
// Worker to itself go on working, and answers two requests more: which tests there are, and the result of one.
const kHeader = 'x-conformance';

const source = (main) => `
import * as original from ${JSON.stringify(main)};
export * from ${JSON.stringify(main)};
// Where gc() is not exposed, garbage makes V8 collect: memory outside of its heap counts for that.
globalThis.gc ??= () => { for (let i = 0; i < 96; i++) new ArrayBuffer(1 << 20); };

const isClass = (value) => typeof value === 'function' && /^class\\b/.test(Function.prototype.toString.call(value));
const methodsOf = (value) => (isClass(value) ? value.prototype : value);
const isTest = (value) => (isClass(value) || (typeof value === 'object' && value !== null)) && typeof methodsOf(value)?.test === 'function';

const textOf = (error) => {
  try {
    if (!(error instanceof Error)) return 'thrown: ' + String(error);
    return (error.stack ?? String(error)) + (error.cause ? '\\ncause: ' + String(error.cause.stack ?? error.cause) : '');
  } catch {
    return 'an error that cannot be shown';
  }
};

async function result(name, env, ctx) {
  const test = original[name];
  try {
    await (isClass(test) ? new test(ctx, env).test({}) : test.test({}, env, ctx));
    return {};
  } catch (error) {
    return { error: textOf(error).slice(0, 4000) };
  }
}

async function report(name, env, ctx) {
  const answer = name === null ? Object.keys(original).filter((one) => isTest(original[one])) : await result(name, env, ctx);
  return new Response(JSON.stringify(answer));
}

const asked = (request) => request.headers.get('${kHeader}');
const nameIn = (text) => (text === 'list' ? null : decodeURIComponent(text.slice(4)));

function wrap(main) {
  if (isClass(main)) {
    return class extends main {
      fetch(request) {
        const text = asked(request);
        return text ? report(nameIn(text), this.env, this.ctx) : super.fetch(request);
      }
    };
  }
  const wrapped = Object.assign(Object.create(Object.getPrototypeOf(main ?? {})), main);
  wrapped.fetch = function (request, env, ctx) {
    const text = asked(request);
    if (text) return report(nameIn(text), env, ctx);
    if (typeof main?.fetch !== 'function') throw new Error('Handler does not export a fetch() function.');
    return main.fetch.call(this, request, env, ctx);
  };
  return wrapped;
}
export default wrap(original.default);
`;

// The modules of a Worker with the driver in front, if it has tests.
export function modulesToDeploy({ modules, hasTests }) {
  if (!hasTests) return modules;
  const main = `./${modules[0].name.replace(/^\.?\//, '')}`;
  return [{ name: 'conformance-driver', kind: 'esm', content: source(main) }, ...modules];
}

export const headersToList = { [kHeader]: 'list' };
export const headersToRun = (name) => ({ [kHeader]: `run ${encodeURIComponent(name)}` });
