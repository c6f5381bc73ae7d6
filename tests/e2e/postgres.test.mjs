// A PostgreSQL driver that Workers use, bundled by wrangler, talks to a real server through connect(), plain and with startTls().
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startPlatform } from './platform.mjs';
import { password, startPostgres } from './postgres.mjs';
import { Wrangler } from './wrangler.mjs';

let platform;
let database;
let wrangler;

before(async () => {
  database = await startPostgres();
  platform = await startPlatform({ args: ['--egress-allow', '127.0.0.0/8', '--ca-file', database.certificate] });
});
after(async () => {
  wrangler?.remove();
  await platform?.stop();
  await database?.stop();
});

async function deploy(name, source) {
  wrangler?.remove();
  wrangler = new Wrangler(platform);
  wrangler.configure({ name, main: 'index.js', compatibility_flags: ['nodejs_compat'],
    vars: { HOST: 'localhost', PORT: String(database.port), PASSWORD: password } });
  wrangler.write({ 'index.js': source });
  await wrangler.run(['deploy']);
}

async function ask(worker, path) {
  const answer = await platform.request({ worker, path });
  assert.equal(answer.status, 200, `${answer.body}\n${JSON.stringify(platform.logEntries().slice(-3))}`);
  return JSON.parse(answer.body);
}

const expected = (ssl) => ({ ssl, sum: 5050, text: 'grüße 🐘', large: 3 << 20, rolledBack: 0, error: '22012', json: { a: [1, 2] } });

test('postgres: queries, parameters, a transaction, a large value, an error', async () => {
  await deploy('postgres-js', `
    import postgres from 'postgres';
    export default {
      async fetch(request, env, ctx) {
        const ssl = new URL(request.url).pathname === '/tls' ? 'require' : false;
        const sql = postgres({ host: env.HOST, port: +env.PORT, user: 'postgres', password: env.PASSWORD, database: 'postgres', ssl, max: 2, fetch_types: false });
        try {
          const [{ ssl: secured }] = await sql\`select ssl from pg_stat_ssl where pid = pg_backend_pid()\`;
          await sql\`drop table if exists numbers\`;
          await sql\`create table numbers (n int)\`;
          await sql\`insert into numbers select generate_series(1, 100)\`;
          const [{ sum }] = await sql\`select sum(n)::int as sum from numbers\`;
          const [{ text }] = await sql\`select \${'grüße 🐘'}::text as text\`;
          const [{ large }] = await sql\`select repeat('x', \${3 << 20}::int) as large\`;
          await sql.begin(async (inside) => { await inside\`delete from numbers\`; throw new Error('roll back'); }).catch(() => {});
          const [{ gone }] = await sql\`select (100 - count(*))::int as gone from numbers\`;
          const error = await sql\`select 1 / 0\`.catch((reason) => reason.code);
          const [{ json }] = await sql\`select \${sql.json({ a: [1, 2] })}::json as json\`;
          return Response.json({ ssl: secured, sum, text, large: large.length, rolledBack: gone, error, json });
        } finally {
          ctx.waitUntil(sql.end());
        }
      },
    };`);
  assert.deepEqual(await ask('postgres-js', '/plain'), expected(false));
  assert.deepEqual(await ask('postgres-js', '/tls'), expected(true));
});
