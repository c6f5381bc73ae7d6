// Programs made of npm packages, bundled and deployed by wrangler, driven over HTTP.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root, startPlatform } from './platform.mjs';
import { Wrangler } from './wrangler.mjs';

let platform;
const opened = [];

// `files` has the main module, index.js or index.jsx, and what it imports.
async function deploy(name, files, configuration = {}) {
  const wrangler = new Wrangler(platform);
  opened.push(wrangler);
  const main = Object.keys(files).find((file) => file.startsWith('index.'));
  wrangler.configure({ name, main, ...configuration });
  wrangler.write(files);
  await wrangler.run(['deploy']);
  return (path, options = {}) => platform.request({ worker: name, path, ...options });
}

const postJson = (value, headers = {}) =>
  ({ method: 'POST', body: JSON.stringify(value), headers: { 'content-type': 'application/json', ...headers } });

before(async () => { platform = await startPlatform(); });
after(async () => {
  for (const wrangler of opened) wrangler.remove();
  await platform?.stop();
});

test('React: a page rendered on the server, streamed with a suspended part', async () => {
  const get = await deploy('react-page', {
    'index.jsx': `
      import { Suspense, use } from 'react';
      import { renderToReadableStream } from 'react-dom/server';

      function Late({ promise }) { return <p id="late">{use(promise)}</p>; }
      function Page({ name, promise }) {
        return (
          <html lang="en"><head><title>{'Page of ' + name}</title></head><body>
            <ul>{Array.from({ length: 200 }, (_, i) => <li key={i}>item {i}</li>)}</ul>
            <Suspense fallback={<p>waiting</p>}><Late promise={promise} /></Suspense>
          </body></html>
        );
      }
      export default {
        async fetch(request) {
          const name = new URL(request.url).searchParams.get('name') ?? 'nobody';
          const promise = new Promise((resolve) => setTimeout(() => resolve('came late'), 20));
          const stream = await renderToReadableStream(<Page name={name} promise={promise} />);
          return new Response(stream, { headers: { 'content-type': 'text/html; charset=utf-8' } });
        },
      };`,
    'tsconfig.json': { compilerOptions: { jsx: 'react-jsx' } },
  });
  const { status, headers, body } = await get('/?name=%3CAnn%3E');
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'text/html; charset=utf-8');
  assert.match(body, /^<!DOCTYPE html><html lang="en"><head><title>Page of &lt;Ann&gt;<\/title>/);
  assert.equal(body.match(/<li>/g).length, 200);
  assert.ok(body.indexOf('waiting') < body.indexOf('came late'), 'the page comes before its late part');
});

test('React Router: data routes with a loader, an action and a redirect, rendered on the server', async () => {
  const get = await deploy('router-app', {
    'index.jsx': `
      import { renderToString } from 'react-dom/server';
      import {
        createStaticHandler, createStaticRouter, Form, Link, Outlet, redirect, StaticRouterProvider, useActionData, useLoaderData,
      } from 'react-router';

      const books = new Map([['1', 'Emma'], ['2', 'Persuasion']]);
      const routes = [{
        path: '/',
        Component: () => <main><nav><Link to="/books/1">first</Link></nav><Outlet /></main>,
        ErrorBoundary: () => <h1>went wrong</h1>,
        children: [
          { index: true, Component: () => <h1>Library</h1> },
          {
            path: 'books/:id',
            loader: ({ params }) => {
              if (!books.has(params.id)) throw new Response('no such book', { status: 404 });
              return { title: books.get(params.id) };
            },
            action: async ({ request, params }) => ({ renamed: params.id + ' to ' + (await request.formData()).get('title') }),
            Component: () => {
              const { title } = useLoaderData();
              const action = useActionData();
              return <Form method="post"><h1>{title}</h1>{action && <p>{action.renamed}</p>}</Form>;
            },
          },
          { path: 'old', loader: () => redirect('/books/2') },
        ],
      }];
      const handler = createStaticHandler(routes);
      export default {
        async fetch(request) {
          const context = await handler.query(request);
          if (context instanceof Response) return context;
          const router = createStaticRouter(handler.dataRoutes, context);
          const html = renderToString(<StaticRouterProvider router={router} context={context} hydrate={false} />);
          return new Response('<!doctype html>' + html, { status: context.statusCode, headers: { 'content-type': 'text/html' } });
        },
      };`,
    'tsconfig.json': { compilerOptions: { jsx: 'react-jsx' } },
  });
  assert.match((await get('/')).body, /<a href="\/books\/1"[^>]*>first<\/a>.*<h1>Library<\/h1>/);
  assert.match((await get('/books/2')).body, /<h1>Persuasion<\/h1>/);
  const missing = await get('/books/9');
  assert.equal(missing.status, 404);
  assert.match(missing.body, /went wrong/);
  const posted = await get('/books/1', {
    method: 'POST', body: 'title=Sanditon', headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  assert.match(posted.body, /<p>1 to Sanditon<\/p>/);
  const moved = await get('/old');
  assert.deepEqual([moved.status, moved.headers.location], [302, '/books/2']);
});

test('graphql-yoga: queries, variables, errors, a subscription as server-sent events', async () => {
  const get = await deploy('yoga', {
    'index.js': `
      import { createSchema, createYoga } from 'graphql-yoga';
      const yoga = createYoga({
        graphqlEndpoint: '/graphql', landingPage: false, logging: false, maskedErrors: true,
        schema: createSchema({
          typeDefs: \`
            type Query { greet(name: String!): String!  fails: String }
            type Mutation { add(a: Int!, b: Int!): Int! }
            type Subscription { count(to: Int!): Int! }\`,
          resolvers: {
            Query: { greet: (_, { name }) => 'hello ' + name, fails: () => { throw new Error('secret detail'); } },
            Mutation: { add: (_, { a, b }) => a + b },
            Subscription: { count: { async *subscribe(_, { to }) { for (let i = 1; i <= to; i++) yield { count: i }; } } },
          },
        }),
      });
      export default { fetch: (request, env, ctx) => yoga.fetch(request, env, ctx) };`,
  });
  const ask = async (query, variables) => {
    const answer = await get('/graphql', postJson({ query, variables }, { accept: 'application/json' }));
    return JSON.parse(answer.body);
  };
  assert.deepEqual(await ask('query ($n: String!) { greet(name: $n) }', { n: 'Ann' }), { data: { greet: 'hello Ann' } });
  assert.deepEqual(await ask('mutation { add(a: 2, b: 3) }'), { data: { add: 5 } });
  assert.equal((await ask('{ fails }')).errors[0].message, 'Unexpected error.');
  assert.match((await ask('{ nothing }')).errors[0].message, /Cannot query field "nothing"/);
  const events = await get('/graphql', postJson({ query: 'subscription { count(to: 3) }' }, { accept: 'text/event-stream' }));
  assert.match(events.headers['content-type'], /^text\/event-stream/);
  assert.deepEqual([...events.body.matchAll(/"count":(\d)/g)].map(([, n]) => n), ['1', '2', '3']);
});

test('zod and Valibot: what they accept and what they say of the rest', async () => {
  const get = await deploy('validators', {
    'index.js': `
      import { z } from 'zod';
      import * as v from 'valibot';
      const withZod = z.object({ name: z.string().min(2), email: z.email(), tags: z.array(z.string()).default([]) });
      const withValibot = v.object({ name: v.pipe(v.string(), v.minLength(2)), email: v.pipe(v.string(), v.email()), tags: v.optional(v.array(v.string()), []) });
      export default {
        async fetch(request) {
          const value = await request.json();
          const one = withZod.safeParse(value);
          const other = v.safeParse(withValibot, value);
          return Response.json({
            zod: one.success ? one.data : one.error.issues.map(({ path }) => path.join('.')),
            valibot: other.success ? other.output : other.issues.map((issue) => v.getDotPath(issue)),
          });
        },
      };`,
  });
  const ask = async (value) => JSON.parse((await get('/', postJson(value))).body);
  const good = { name: 'Ann', email: 'ann@example.com', tags: [] };
  assert.deepEqual(await ask({ name: 'Ann', email: 'ann@example.com' }), { zod: good, valibot: good });
  const bad = ['name', 'email', 'tags.0'];
  assert.deepEqual(await ask({ name: 'A', email: 'nowhere', tags: [1] }), { zod: bad, valibot: bad });
});

test('@modelcontextprotocol/sdk: a server over streamable HTTP', async () => {
  const get = await deploy('mcp', {
    'index.js': `
      import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
      import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
      import { z } from 'zod';
      export default {
        async fetch(request) {
          const server = new McpServer({ name: 'sums', version: '1.0.0' });
          server.registerTool('add', { description: 'adds', inputSchema: { a: z.number(), b: z.number() } },
            async ({ a, b }) => ({ content: [{ type: 'text', text: String(a + b) }] }));
          const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: undefined });
          await server.connect(transport);
          return transport.handleRequest(request);
        },
      };`,
  });
  const call = async (id, method, params) => {
    const answer = await get('/mcp', postJson({ jsonrpc: '2.0', id, method, params },
      { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-06-18' }));
    assert.equal(answer.status, 200, answer.body);
    assert.match(answer.headers['content-type'], /^text\/event-stream/);
    return JSON.parse(/^data: (.*)$/m.exec(answer.body)[1]);
  };
  const hello = await call(1, 'initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } });
  assert.equal(hello.result.serverInfo.name, 'sums');
  assert.deepEqual((await call(2, 'tools/list', {})).result.tools.map(({ name }) => name), ['add']);
  assert.equal((await call(3, 'tools/call', { name: 'add', arguments: { a: 2, b: 40 } })).result.content[0].text, '42');
  const wrong = await call(4, 'tools/call', { name: 'add', arguments: { a: 'two' } });
  assert.ok(wrong.error ?? wrong.result.isError, 'arguments of the wrong type are refused');
});

test('AssemblyScript: a WebAssembly module beside the Worker', async () => {
  const wrangler = new Wrangler(platform);
  opened.push(wrangler);
  wrangler.configure({ name: 'assembly', main: 'index.js' });
  wrangler.write({
    'sum.ts': `
      export function fibonacci(n: i32): i64 {
        let a: i64 = 0, b: i64 = 1;
        for (let i = 0; i < n; i++) { const next = a + b; a = b; b = next; }
        return a;
      }
      export function sum(from: i32, count: i32): i32 {
        let total = 0;
        for (let i = 0; i < count; i++) total += load<u8>(from + i);
        return total;
      }`,
    'index.js': `
      import module from './sum.wasm';
      const { exports } = new WebAssembly.Instance(module, { env: { abort() { throw new Error('aborted'); } } });
      export default {
        async fetch(request) {
          const body = new Uint8Array(await request.arrayBuffer());
          if (exports.memory.buffer.byteLength < body.length) exports.memory.grow(Math.ceil(body.length / 65536));
          new Uint8Array(exports.memory.buffer).set(body, 0);
          return Response.json({ fibonacci: String(exports.fibonacci(90)), sum: exports.sum(0, body.length) });
        },
      };`,
  });
  execFileSync(process.execPath, [join(root, 'node_modules/assemblyscript/bin/asc.js'), 'sum.ts', '--outFile', 'sum.wasm',
    '--runtime', 'stub', '--initialMemory', '1', '-O'], { cwd: wrangler.folder });
  await wrangler.run(['deploy']);
  const { body } = await platform.request({ worker: 'assembly', method: 'POST', body: 'abc' });
  assert.deepEqual(JSON.parse(body), { fibonacci: '2880067194370816120', sum: 97 + 98 + 99 });
});

test('SvelteKit: the Worker that its adapter builds, with a form action and an endpoint', async () => {
  const wrangler = new Wrangler(platform);
  opened.push(wrangler);
  wrangler.configure({ name: 'kit', main: '.svelte-kit/cloudflare/_worker.js', vars: { GREETING: 'hello' } });
  wrangler.write({
    'package.json': { private: true, type: 'module' },
    'svelte.config.js': "import adapter from '@sveltejs/adapter-cloudflare'; export default { kit: { adapter: adapter({ config: 'build.json' }) } };",
    'build.json': { main: '.svelte-kit/cloudflare/_worker.js', assets: { binding: 'ASSETS', directory: '.svelte-kit/cloudflare' } },
    'vite.config.js': "import { sveltekit } from '@sveltejs/kit/vite'; export default { plugins: [sveltekit()] };",
    'src/app.html': '<!doctype html><html lang="en"><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>',
    'src/routes/greet/+page.server.js': `
      import { fail } from '@sveltejs/kit';
      export const load = ({ url, platform }) => ({ line: platform.env.GREETING + ' ' + (url.searchParams.get('name') ?? 'nobody') });
      export const actions = {
        default: async ({ request }) => {
          const name = (await request.formData()).get('name');
          return name ? { saved: name } : fail(400, { missing: true });
        },
      };`,
    'src/routes/greet/+page.svelte': `
      <script>let { data, form } = $props();</script>
      <h1>{data.line}</h1>
      {#if form?.saved}<p>saved {form.saved}</p>{/if}
      {#if form?.missing}<p>a name is missing</p>{/if}`,
    'src/routes/api/+server.js': "import { json } from '@sveltejs/kit'; export const GET = ({ url }) => json({ path: url.pathname });",
  });
  execFileSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build'],
    { cwd: wrangler.folder, env: { ...process.env, NO_COLOR: '1' }, stdio: 'pipe' });
  await wrangler.run(['deploy']);
  const get = (path, options = {}) => platform.request({ worker: 'kit', path, ...options });
  assert.match((await get('/greet?name=%3Cb%3E')).body, /<h1>hello &lt;b><\/h1>/);
  assert.deepEqual(JSON.parse((await get('/api')).body), { path: '/api' });
  assert.equal((await get('/nowhere')).status, 404);
  const form = (body) => get('/greet', {
    method: 'POST', body,
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: `http://kit.${platform.domain}`, accept: 'text/html' },
  });
  assert.match((await form('name=Ann')).body, /<p>saved Ann<\/p>/);
  const refused = await form('name=');
  assert.equal(refused.status, 400);
  assert.match(refused.body, /a name is missing/);
});
