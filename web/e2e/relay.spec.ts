import { execFile } from 'node:child_process';
import { createHash, createHmac, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { flowsAgain, meteredPerson, received } from './meters.ts';
import { test as base, expect, freePort, RunningServer, type Server } from './server.ts';
import { enterRoom, expectVideos, onlineMeeting } from './steps.ts';

interface Certificate {
  folder: string;
  /** Of its key, as a browser's switch takes it. */
  hash: string;
}

/** With this secret the server makes the relay's passwords, and a test can make expired ones. */
const secret = 'a secret of the tests of the relay';

const run = promisify(execFile);

// A server whose media port nobody can reach: it announces an address that leads nowhere. There is only the relay.
const test = base.extend<object, { certificate: Certificate; server: Server }>({
  certificate: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures
    async ({}, use) => {
      const folder = await mkdtemp(path.join(tmpdir(), 'nghisu-relay-'));
      const { stdout } = await run('go', ['env', 'GOROOT']);
      const maker = path.join(stdout.trim(), 'src/crypto/tls/generate_cert.go');
      await run('go', ['run', maker, '--host', '127.0.0.1', '--ecdsa-curve', 'P256', '--duration', '2h'], {
        cwd: folder,
      });
      const { publicKey } = new X509Certificate(await readFile(path.join(folder, 'cert.pem')));
      const key = publicKey.export({ type: 'spki', format: 'der' });
      await writeFile(path.join(folder, 'secret'), secret);
      await use({ folder, hash: createHash('sha256').update(key).digest('base64') });
      await rm(folder, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  launchOptions: [
    async ({ certificate, launchOptions }, use) => {
      const trust = `--ignore-certificate-errors-spki-list=${certificate.hash}`;
      await use({ ...launchOptions, args: [...(launchOptions.args ?? []), trust] });
    },
    { scope: 'worker' },
  ],
  server: [
    async ({ certificate: { folder } }, use) => {
      const [plain, tls] = [await freePort(), await freePort()];
      const server = await RunningServer.start('disk', () => [
        ...['--media-announce', '192.0.2.1'],
        ...['--turn-listen', `127.0.0.1:${plain}`, '--turn-tls-listen', `127.0.0.1:${tls}`],
        ...['--turn-host', `127.0.0.1:${plain}:${tls}`, '--turn-secret-file', path.join(folder, 'secret')],
        ...['--turn-tls-cert', path.join(folder, 'cert.pem'), '--turn-tls-key', path.join(folder, 'key.pem')],
      ]);
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 600_000 },
  ],
});

/** What a browser gets of relays: candidates, or the codes of errors. */
async function gather(page: Page, servers: RTCIceServer[]): Promise<{ relayed: number; errors: number[] }> {
  return await page.evaluate(async (iceServers) => {
    const pc = new RTCPeerConnection({ iceServers, iceTransportPolicy: 'relay' });
    const found = { relayed: 0, errors: [] as number[] };
    const done = new Promise<void>((resolve) => {
      pc.onicecandidate = ({ candidate }) => {
        if (!candidate) resolve();
        else if (candidate.type === 'relay') found.relayed += 1;
      };
    });
    pc.onicecandidateerror = (e) => found.errors.push(e.errorCode);
    pc.addTransceiver('audio');
    await pc.setLocalDescription();
    await done;
    pc.close();
    return found;
  }, servers);
}

test('media go over the relay when nothing else leads to the server: TLS, TCP and UDP', async ({ office }) => {
  test.setTimeout(200_000);
  const pages = {
    tls: await meteredPerson(office, 'vp_hoangthuha', { relay: 'tls' }),
    tcp: await meteredPerson(office, 'stc_vudinhkhai', { relay: 'tcp' }),
    udp: await meteredPerson(office, 'vp_phamvanduc', { relay: 'udp' }),
  };
  const all = Object.entries(pages);
  const meeting = await onlineMeeting(pages.tls);
  for (const [, page] of all) await enterRoom(page, meeting);
  for (const [, page] of all) await expectVideos(page, all.length);
  for (const [, page] of all) {
    const mic = page.getByRole('button', { name: 'Bật mic' });
    if (await mic.isVisible()) await mic.click();
  }
  for (const [way, page] of all) {
    await flowsAgain(page, 20_000);
    const { relay, framesDecoded, roundTrip } = await received(page);
    console.info(`over ${way}: ${framesDecoded} pictures decoded, ${roundTrip} ms there and back`);
    expect(relay).toBe(way);
  }
  office.check();
});

test('the relay takes the passwords that the server gave, and no others', async ({ office }) => {
  const page = await meteredPerson(office, 'vp_hoangthuha');
  await enterRoom(page, await onlineMeeting(page));
  await expect.poll(() => page.evaluate(() => window.connectionsOfTest.length)).toBeGreaterThan(0);
  const given = await page.evaluate(() => window.connectionsOfTest.at(-1)?.getConfiguration().iceServers ?? []);
  const [first] = given;
  const username = first?.username ?? '';
  expect(given.flatMap((s) => s.urls)).toHaveLength(3);
  expect((await gather(page, given)).relayed).toBeGreaterThan(0);

  const until = Number(username.split(':')[0]);
  expect(until - Date.now() / 1000, 'seconds that the password is good for').toBeLessThan(12 * 3600 + 60);
  const past = `${Math.floor(Date.now() / 1000) - 5}:${username.split(':')[1]}`;
  const wrong: Record<string, RTCIceServer[]> = {
    'another password': given.map((s) => ({ ...s, credential: 'guess' })),
    'a later end': given.map((s) => ({ ...s, username: username.replace(String(until), String(until + 86_400)) })),
    'another person': given.map((s) => ({ ...s, username: `${until}:${crypto.randomUUID()}` })),
    'an expired password': given.map((s) => ({
      ...s,
      username: past,
      credential: createHmac('sha1', secret).update(past).digest('base64'),
    })),
  };
  for (const [what, servers] of Object.entries(wrong)) {
    const { relayed, errors } = await gather(page, servers);
    expect(relayed, what).toBe(0);
    expect(errors, what).toContain(401);
  }
});
