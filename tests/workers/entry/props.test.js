// What ctx.props may carry.
import { WorkerEntrypoint } from 'cloudflare:workers';
import { equal } from '../check.js';

export class Greeter extends WorkerEntrypoint {
  greet(name) { return `${this.ctx.props?.greeting ?? 'hello'}, ${name}`; }
  fetch(request) { return new Response('fetched ' + new URL(request.url).pathname); }
}

// Uses the services that its props hold.
export class Holder extends WorkerEntrypoint {
  names() { return Object.keys(this.ctx.props); }
  greet(name) { return this.ctx.props.greeter.greet(name); }
  async page() { return (await this.ctx.props.list[0].fetch('https://a.example/page')).text(); }
  pass(name) { return this.ctx.exports.Holder({ props: { greeter: this.ctx.props.greeter } }).greet(name); }
  fetch() { return this.ctx.props.greeter.fetch('https://a.example/through'); }
}

export const plainPropsAreCopies = {
  async test(ctrl, env, ctx) {
    const props = { greeting: 'good day' };
    const greeter = ctx.exports.Greeter({ props });
    props.greeting = 'changed';
    equal(await greeter.greet('you'), 'good day, you');
    equal(await ctx.exports.Greeter.greet('you'), 'hello, you');
  },
};

export const propsMayHoldServices = {
  async test(ctrl, env, ctx) {
    const { Greeter, Holder } = ctx.exports;
    const greeter = Greeter({ props: { greeting: 'good day' } });
    const holder = Holder({ props: { greeter, list: [Greeter({})], plain: 1 } });
    equal((await holder.names()).sort(), ['greeter', 'list', 'plain']);
    equal(await holder.greet('you'), 'good day, you');
    equal(await holder.page(), 'fetched /page');
    equal(await (await holder.fetch('https://a.example/')).text(), 'fetched /through');
    equal(await holder.greet('again'), 'good day, again');
  },
};

export const servicesInPropsArePassedOn = {
  async test(ctrl, env, ctx) {
    const greeter = ctx.exports.Greeter({ props: { greeting: 'ahoy' } });
    equal(await ctx.exports.Holder({ props: { greeter } }).pass('you'), 'ahoy, you');
    equal(await ctx.exports.Holder({ props: { greeter: env.SELF } }).names(), ['greeter']);
  },
};

export const propsCannotHoldWhatBelongsToOneRequest = {
  async test(ctrl, env, ctx) {
    for (const value of [() => 1, new ReadableStream(), new Response('x'), Symbol('s')]) {
      let failed = false;
      try {
        await ctx.exports.Greeter({ props: { value } }).greet('you');
      } catch {
        failed = true;
      }
      equal(failed, true);
    }
  },
};
