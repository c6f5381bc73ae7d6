// What a dispatcher hands to a user Worker with get(): props, further bindings, services among the props.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { compatibilityDate, startPlatform } from './platform.mjs';

const user = `
import { WorkerEntrypoint } from 'cloudflare:workers';
export default class extends WorkerEntrypoint {
  fetch() { return Response.json({ props: Object.keys(this.ctx.props).sort(), plan: this.ctx.props.plan, env: this.env }); }
  async told() { return [this.env.EXTRA ?? null, this.env.OWN, await this.ctx.props.account?.name()]; }
  async smuggle() {
    try { return await this.ctx.props.account.fetch('http://account/').then((answer) => answer.text()); } catch (error) { return error.message; }
  }
}`;

const dispatcher = `
import { WorkerEntrypoint } from 'cloudflare:workers';
export class Account extends WorkerEntrypoint {
  name() { return 'account of ' + this.ctx.props.customer; }
  fetch() { return new Response('account over http'); }
}
export default {
  async fetch(request, env, ctx) {
    const account = ctx.exports.Account({ props: { customer: 'c1' } });
    const steps = {
      '/old': () => env.USERS.get('user', { plan: 'free', props: 1 }).fetch(request),
      '/new': () => env.USERS.get('user', { props: { plan: 'paid' }, bindings: { EXTRA: 'for this call' } }).fetch(request),
      '/again': () => env.USERS.get('user').fetch(request),
      '/told': async () => Response.json(await env.USERS.get('user', { props: { account }, bindings: { EXTRA: 1 } }).told()),
      '/untold': async () => Response.json(await env.USERS.get('user', { account }).told()),
      '/smuggle': async () => new Response(await env.USERS.get('user', { props: { account } }).smuggle()),
      '/uncloneable': () => { try { env.USERS.get('user', { f() {} }); return new Response('taken'); } catch (error) { return new Response(error.name); } },
    };
    return steps[new URL(request.url).pathname]();
  },
};`;

let platform;

before(async () => {
  platform = await startPlatform();
  await platform.createNamespace('customers');
  await platform.uploadUserWorker('customers', 'user', user,
    { bindings: [{ type: 'plain_text', name: 'OWN', text: 'own' }], compatibility_date: compatibilityDate });
  await platform.uploadWorker('dispatcher', dispatcher, { bindings: [{ type: 'dispatch_namespace', name: 'USERS', namespace: 'customers' }] });
});
after(() => platform?.stop());

async function get(path) {
  const answer = await platform.request({ worker: 'dispatcher', path });
  assert.equal(answer.status, 200, answer.body);
  return answer.body;
}

test('an object is the props, one of props and bindings is both', async () => {
  assert.deepEqual(JSON.parse(await get('/old')), { props: ['plan', 'props'], plan: 'free', env: { OWN: 'own' } });
  assert.deepEqual(JSON.parse(await get('/new')), { props: ['plan'], plan: 'paid', env: { OWN: 'own', EXTRA: 'for this call' } });
  assert.deepEqual(JSON.parse(await get('/again')), { props: [], env: { OWN: 'own' } });
});

test('props may hold services, whose calls reach what the dispatcher meant', async () => {
  assert.deepEqual(JSON.parse(await get('/told')), [1, 'own', 'account of c1']);
  assert.deepEqual(JSON.parse(await get('/untold')), [null, 'own', 'account of c1']);
  assert.equal(await get('/smuggle'), 'account over http');
});

test('what cannot be copied is refused at once', async () => {
  assert.equal(await get('/uncloneable'), 'DataCloneError');
});
