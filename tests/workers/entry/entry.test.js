import { DurableObject, env as importedEnv, RpcTarget, waitUntil, WorkerEntrypoint } from 'cloudflare:workers';
import { equal, rejects, throws } from '../check.js';

const attempts = [];
const attempt = (name, action) => {
  try {
    attempts.push([name, action()]);
  } catch (error) {
    attempts.push([name, error.message.slice(0, 47)]);
  }
};
attempt('response with a body', () => new Response('x').status);
attempt('request with a body', () => new Request('http://a.example', { method: 'POST', body: 'x' }).method);
attempt('response without a body', () => new Response(null).status);
attempt('request', () => new Request('http://a.example').url);
attempt('environment', () => importedEnv.TEXT);
attempt('blob and form', () => [new Blob(['x']).size, new FormData().has('x')]);

export class AsClass extends WorkerEntrypoint {
  fetch(request) {
    return Response.json([request.url, Object.keys(this), this.env.TEXT, typeof this.ctx.waitUntil, this instanceof AsClass]);
  }
}

export class AsClassWithoutFetch extends WorkerEntrypoint {
  other() {
    return 5;
  }
}

export const asObject = {
  async fetch(request, env, ctx) {
    return Response.json([this === asObject, env.TEXT, ctx.props, typeof ctx.passThroughOnException]);
  },
};

class OwnError extends Error {
  name = 'OwnError';
}

export const failing = {
  fetch(request) {
    switch (new URL(request.url).pathname) {
      case '/throw': throw new TypeError('a type error');
      case '/throw-string': throw 'a string';
      case '/throw-null': throw null;
      case '/throw-own': throw new OwnError('an own error');
      case '/reject': return Promise.reject(new RangeError('a range error'));
      case '/thenable': return { then(resolve) { resolve(new Response('from a thenable')); } };
      case '/nothing': return (async () => {})();
      case '/number': return (async () => 5)();
      case '/error-response': return (async () => Response.error())();
      case '/used': return (async () => {
        const response = new Response('x');
        await response.text();
        return response;
      })();
      default: return new Response('fine');
    }
  },
};

export default {
  async fetch(request, env, ctx) {
    switch (new URL(request.url).pathname) {
      case '/wait':
        ctx.waitUntil((async () => {
          await scheduler.wait(5);
          await env.KV.put('waited', 'yes');
        })());
        waitUntil(env.KV.put('waited too', 'yes'));
        ctx.waitUntil('no promise');
        ctx.waitUntil(Promise.reject(new Error('is logged only')));
        return new Response('answered');
      default:
        return new Response('default');
    }
  },
};

export const the_global_scope_is_restricted = {
  test() {
    equal(attempts, [
      ['response with a body', 'Disallowed operation called within global scope'],
      ['request with a body', 'Disallowed operation called within global scope'],
      ['response without a body', 200], ['request', 'http://a.example/'], ['environment', 'a text'], ['blob and form', [1, false]],
    ]);
  },
};

export const a_class_is_constructed_for_each_request = {
  async test(ctrl, env) {
    const response = await env.AsClass.fetch('http://a.example/x');
    equal(await response.json(), ['http://a.example/x', ['ctx', 'env'], 'a text', 'function', true]);
  },
};

export const an_object_is_this = {
  async test(ctrl, env) {
    equal(await (await env.asObject.fetch('http://a.example/')).json(), [true, 'a text', {}, 'function']);
  },
};

export const a_missing_handler_is_an_error = {
  async test(ctrl, env) {
    await rejects(env.AsClassWithoutFetch.fetch('http://a.example/'), 'Error', 'Handler does not export a fetch() function.');
  },
};

export const failures_reach_the_caller = {
  async test(ctrl, env) {
    const call = (path) => env.failing.fetch(`http://a.example${path}`);
    await rejects(call('/throw'), 'TypeError', 'a type error');
    await rejects(call('/reject'), 'RangeError', 'a range error');
    await rejects(call('/throw-string'), 'Error', 'a string');
    await rejects(call('/throw-null'), 'Error', 'null');
    await rejects(call('/throw-own'), 'OwnError', 'an own error');
    const kind = "Incorrect type for Promise: the Promise did not resolve to 'Response'.";
    await rejects(call('/nothing'), 'TypeError', kind);
    await rejects(call('/number'), 'TypeError', kind);
    await rejects(call('/error-response'), 'TypeError', 'must not be an error response');
    await rejects(call('/used'), 'TypeError', 'Body has already been used');
    equal(await (await call('/fine')).text(), 'fine');
  },
};

export const wait_until_outlives_the_response = {
  async test(ctrl, env) {
    equal(await (await env.SELF.fetch('http://a.example/wait')).text(), 'answered');
    for (let i = 0; i < 100 && await env.KV.get('waited') === null; i++) await scheduler.wait(10);
    equal([await env.KV.get('waited'), await env.KV.get('waited too')], ['yes', 'yes']);
  },
};

export const the_context_needs_its_this = {
  test(ctrl, env, ctx) {
    equal([Object.prototype.toString.call(ctx), ctx.props, ctx.passThroughOnException()], ['[object ExecutionContext]', {}, undefined]);
    throws(() => {
      const { waitUntil: taken } = ctx;
      taken(Promise.resolve());
    }, 'TypeError', 'Illegal invocation');
    throws(() => ctx.waitUntil(), 'TypeError');
    equal(typeof ExecutionContext, 'undefined');
  },
};

export const the_environment_is_an_ordinary_object = {
  test(ctrl, env) {
    equal([Object.getPrototypeOf(env) === Object.prototype, Object.isFrozen(env), env === importedEnv], [true, false, false]);
    env.added = 1;
    equal([importedEnv.added, 'TEXT' in importedEnv, Object.keys(importedEnv).includes('TEXT'), importedEnv.JSON],
          [1, true, true, { list: [1, 2, 3] }]);
  },
};

export const base_classes_keep_what_they_are_given = {
  test() {
    class Entrypoint extends WorkerEntrypoint {}
    const entrypoint = new Entrypoint({ a: 1 }, { b: 2 });
    equal([entrypoint.ctx, entrypoint.env], [{ a: 1 }, { b: 2 }]);
    throws(() => new Entrypoint(), 'TypeError');
    equal([typeof DurableObject, new RpcTarget() instanceof RpcTarget], ['function', true]);
  },
};

export const browser_only_names_are_absent = {
  test() {
    const names = ['window', 'document', 'location', 'Worker', 'XMLHttpRequest', 'FileReader', 'localStorage', 'indexedDB',
                   'BroadcastChannel', 'importScripts', 'DOMParser', 'WebTransport'];
    equal(names.filter((name) => name in globalThis), []);
    equal([self === globalThis, self instanceof ServiceWorkerGlobalScope], [true, true]);
  },
};
