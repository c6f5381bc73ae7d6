// The stock wrangler against a platform, with a home of its own: nothing of the machine's user leaks in or out.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { account, compatibilityDate, root, token } from './platform.mjs';

const wranglerProgram = join(root, 'node_modules/wrangler/bin/wrangler.js');

export class WranglerError extends Error {}

// A project folder and the command line in it.
export class Wrangler {
  constructor(platform) {
    this.platform = platform;
    this.folder = mkdtempSync(join(tmpdir(), 'wrangler-test-'));
    this.home = join(this.folder, '.home');
    mkdirSync(this.home);
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
  }

  // files: path → content; an object becomes JSON.
  write(files) {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.folder, name);
      mkdirSync(dirname(path), { recursive: true });
      const isBytes = typeof content === 'string' || content instanceof Uint8Array;
      writeFileSync(path, isBytes ? content : JSON.stringify(content, null, 2));
    }
  }

  configure(configuration) {
    this.write({ 'wrangler.json': { compatibility_date: compatibilityDate, ...configuration } });
  }

  // → everything wrangler printed. Throws when it fails, unless `fails` is set: then it throws when it does not.
  run(args, { input, fails = false, env = {}, timeoutMs = 60_000 } = {}) {
    return new Promise((done, reject) => {
      const child = spawn(process.execPath, ['--no-warnings', wranglerProgram, ...args], {
        cwd: this.folder,
        stdio: ['pipe', 'pipe', 'pipe'],
        env: {
          PATH: process.env.PATH,
          HOME: this.home,
          XDG_CONFIG_HOME: join(this.home, '.config'),
          CI: 'true',
          NO_COLOR: '1',
          CLOUDFLARE_API_BASE_URL: this.platform.apiUrl,
          CLOUDFLARE_API_TOKEN: token,
          CLOUDFLARE_ACCOUNT_ID: account,
          CLOUDFLARE_CF_FETCH_ENABLED: 'false',
          WRANGLER_SEND_METRICS: 'false',
          WRANGLER_HIDE_BANNER: 'true',
          ...env,
        },
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { output += data; });
      const late = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      child.on('close', (code, signal) => {
        clearTimeout(late);
        const said = `wrangler ${args.join(' ')} ended with ${code ?? signal}:\n${output}`;
        if ((code === 0) === fails) reject(new WranglerError(said));
        else done(output);
      });
      child.stdin.end(input ?? '');
    });
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
