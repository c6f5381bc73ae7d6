// request.signal with the flag enable_request_signal.
import { equal, rejects } from '../check.js';

const fired = {};

export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    const name = searchParams.get('name');
    request.signal.addEventListener('abort', () => {
      ctx.waitUntil((async () => {
        await scheduler.wait(1);
        fired[name] = `${request.signal.reason.name}: ${request.signal.reason.message}`;
      })());
    });
    if (pathname === '/hang') await scheduler.wait(100_000);
    if (pathname === '/pass') {
      const copy = new Request(`${env.ORIGIN}/echo`, request);
      return new Response(`${copy.signal.aborted} ${(await fetch(copy)).status}`);
    }
    return new Response('answered');
  },
};

export const fires_when_the_caller_gives_up = {
  async test(ctrl, env) {
    const pending = env.SELF.fetch('http://self.example/hang?name=gone', { signal: AbortSignal.timeout(30) });
    await rejects(pending, 'TimeoutError');
    await scheduler.wait(50);
    equal(fired.gone, 'AbortError: The client has disconnected');
  },
};

export const stays_silent_when_all_goes_well = {
  async test(ctrl, env) {
    equal(await (await env.SELF.fetch('http://self.example/?name=well')).text(), 'answered');
    await scheduler.wait(20);
    equal(fired.well, undefined);
    equal(await (await env.SELF.fetch('http://self.example/pass?name=pass')).text(), 'false 200');
  },
};
