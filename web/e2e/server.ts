import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, type BrowserContext, test as base, expect, type Page } from '@playwright/test';

export interface ServerOptions {
  /** Where the server under test keeps files. */
  store: 'disk' | 'minio';
}

/** A running server with the demo city in it. */
export interface Server {
  url: string;
  /** The demo accounts by username, as the sign-in page lists them. */
  password: (username: string) => string;
  /** Ends the server at once, as a power cut would, and starts it again on the same data. */
  crash: () => Promise<void>;
  /** Runs another command of the program on the server's data and returns what it printed. */
  run: (...args: string[]) => Promise<string>;
}

const root = path.resolve(import.meta.dirname, '../..');
const binary = path.join(root, 'bin/nghisu');

export const test = base.extend<{ office: Office }, ServerOptions & { server: Server }>({
  store: ['disk', { option: true, scope: 'worker' }],
  server: [
    async ({ store }, use) => {
      const running = await RunningServer.start(store);
      await use(running);
      await running.stop();
    },
    { scope: 'worker', timeout: 600_000 },
  ],
  office: async ({ browser, server }, use) => {
    const office = new Office(browser, server);
    await use(office);
    await office.close();
  },
});

export { expect };

export class RunningServer implements Server {
  private child: ChildProcess | undefined;
  private readonly passwords = new Map<string, string>();
  private readonly url_: string;
  private readonly data: string;
  private readonly port: number;
  private readonly mediaPort: number;
  private readonly minio: Minio | undefined;
  private readonly more: string[];

  private constructor(data: string, ports: { web: number; media: number }, minio: Minio | undefined, more: string[]) {
    this.data = data;
    this.port = ports.web;
    this.mediaPort = ports.media;
    this.minio = minio;
    this.more = more;
    this.url_ = `http://localhost:${ports.web}`;
  }

  get url() {
    return this.url_;
  }

  /** Starts a server; `more` are settings that depend on the port its media come in at. */
  static async start(
    store: ServerOptions['store'],
    more: (mediaPort: number) => string[] = () => [],
  ): Promise<RunningServer> {
    const minio = store === 'minio' ? await startMinio() : undefined;
    const data = await mkdtemp(path.join(tmpdir(), 'nghisu-e2e-'));
    const ports = { web: await freePort(), media: await freePort() };
    const server = new RunningServer(data, ports, minio, more(ports.media));
    await server.launch();
    const answer = await fetch(`${server.url}/api/v1/installation`);
    const installation = (await answer.json()) as { demo_accounts: { username: string; password: string }[] };
    for (const a of installation.demo_accounts) server.passwords.set(a.username, a.password);
    return server;
  }

  password = (username: string) => {
    const known = this.passwords.get(username) ?? [...this.passwords.values()][0];
    if (known === undefined) throw new Error('the server lists no demo accounts');
    return known;
  };

  private settings(): string[] {
    const s3 = this.minio
      ? [
          '--s3-endpoint',
          this.minio.endpoint,
          '--s3-access-key',
          this.minio.access_key,
          '--s3-secret-key',
          this.minio.secret_key,
        ]
      : [];
    return ['--data', this.data, ...s3];
  }

  private async launch() {
    const child = spawn(
      binary,
      [
        'demo',
        '--listen',
        `127.0.0.1:${this.port}`,
        '--media-listen',
        `127.0.0.1:${this.mediaPort}`,
        ...this.more,
        ...this.settings(),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let output = '';
    child.stdout?.on('data', (d: Buffer) => {
      output += d.toString();
    });
    child.stderr?.on('data', (d: Buffer) => {
      output = (output + d.toString()).slice(-20_000);
    });
    this.child = child;
    for (let tries = 0; tries < 600; tries++) {
      if (child.exitCode !== null) throw new Error(`the server ended:\n${output}`);
      try {
        if ((await fetch(`${this.url}/api/v1/health`)).ok) return;
      } catch {
        // not listening yet
      }
      await new Promise((r) => setTimeout(r, 100));
    }
    throw new Error(`the server did not come up:\n${output}`);
  }

  crash = async () => {
    const child = this.child;
    if (!child) throw new Error('no server');
    const gone = new Promise((r) => child.once('exit', r));
    child.kill('SIGKILL');
    await gone;
    await this.launch();
  };

  run = async (...args: string[]) => {
    const child = spawn(binary, [...args, ...this.settings()], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (d: Buffer) => {
      output += d.toString();
    });
    child.stderr.on('data', (d: Buffer) => {
      output += d.toString();
    });
    const code = await new Promise<number | null>((r) => child.once('exit', r));
    if (code !== 0) throw new Error(`nghisu ${args.join(' ')} ended with ${code}:\n${output}`);
    return output;
  };

  async stop() {
    const child = this.child;
    if (child && child.exitCode === null) {
      const gone = new Promise((r) => child.once('exit', r));
      child.kill('SIGINT');
      await gone;
    }
    this.minio?.stop();
    await rm(this.data, { recursive: true, force: true });
  }
}

interface Minio {
  endpoint: string;
  access_key: string;
  secret_key: string;
  stop: () => void;
}

async function startMinio(): Promise<Minio> {
  const child = spawn('go', ['run', './storage/objects/miniotest/cmd'], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', () => reject(new Error('MinIO did not start')));
  });
  const address = JSON.parse(line) as Omit<Minio, 'stop'>;
  return { ...address, stop: () => child.stdin.end() };
}

export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** Office opens pages as people of the demo city, and watches what every page does on the way. */
export class Office {
  private readonly contexts: BrowserContext[] = [];
  private readonly foreign: string[] = [];
  private readonly errors: string[] = [];
  private readonly browser: Browser;
  private readonly server: Server;

  constructor(browser: Browser, server: Server) {
    this.browser = browser;
    this.server = server;
  }

  /** A page with nobody signed in. */
  async visitor(): Promise<Page> {
    const context = await this.browser.newContext({ baseURL: this.server.url, permissions: ['camera', 'microphone'] });
    this.contexts.push(context);
    const page = await context.newPage();
    page.on('request', (r) => {
      const url = new URL(r.url());
      if (url.protocol !== 'data:' && url.protocol !== 'blob:' && url.origin !== this.server.url)
        this.foreign.push(r.url());
    });
    page.on('pageerror', (e) => this.errors.push(`${page.url()}: ${e.message}`));
    page.on('console', (m) => {
      if (m.type() === 'error' && !/Failed to load resource|WebSocket connection/.test(m.text()))
        this.errors.push(`${page.url()}: ${m.text()}`);
    });
    return page;
  }

  /** A page at which the person has signed in. */
  async person(username: string): Promise<Page> {
    const page = await this.visitor();
    await page.goto('/dang-nhap');
    await page.getByLabel('Tài khoản công vụ').fill(username);
    await page.getByLabel('Mật khẩu', { exact: true }).fill(this.server.password(username));
    await page.getByRole('button', { name: 'Đăng nhập', exact: true }).click();
    await expect(page).not.toHaveURL(/dang-nhap/);
    await page.waitForLoadState('networkidle'); // nobody presses what is still coming up
    return page;
  }

  /** Fails when a page asked another host for something, or threw. */
  check() {
    expect(this.foreign, 'requests to other hosts').toEqual([]);
    expect(this.errors, 'errors in pages').toEqual([]);
  }

  async close() {
    await Promise.all(this.contexts.map((c) => c.close()));
  }
}
