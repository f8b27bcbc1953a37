import { Line } from './line.ts';
import { during, flowsAgain, meteredPerson, received } from './meters.ts';
import { test as base, expect, RunningServer, type Server } from './server.ts';
import { enterRoom, expectVideos, onlineMeeting } from './steps.ts';

// A server that is reached over a bad line only: the line's port is all that the server announces.
const test = base.extend<object, { line: Line; server: Server }>({
  line: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures
    async ({}, use) => {
      const line = await Line.open(2026);
      await use(line);
      await line.close();
    },
    { scope: 'worker' },
  ],
  server: [
    async ({ line }, use) => {
      const server = await RunningServer.start('disk', (media) => {
        line.lead(media);
        return ['--media-announce', `127.0.0.1:${line.port}`];
      });
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 600_000 },
  ],
});

/** The most of the sound that may be made up, by the loss of each way. */
const losses = [
  { loss: 0.02, most: 0.15 },
  { loss: 0.05, most: 0.25 },
  { loss: 0.1, most: 0.4 },
];

test('a meeting over a line that loses, delays, is narrow, breaks, and blocks UDP', async ({ office, line }) => {
  test.setTimeout(300_000);
  const a = await meteredPerson(office, 'vp_hoangthuha');
  const b = await meteredPerson(office, 'stc_vudinhkhai');
  const meeting = await onlineMeeting(a);
  for (const page of [a, b]) await enterRoom(page, meeting);
  for (const page of [a, b]) {
    await expectVideos(page, 2);
    const mic = page.getByRole('button', { name: 'Bật mic' });
    if (await mic.isVisible()) await mic.click();
  }
  for (const page of [a, b]) await flowsAgain(page, 20_000);

  const tell = (what: string, f: Awaited<ReturnType<typeof during>>) =>
    console.info(
      `${what}: ${(100 * f.concealed).toFixed(1)} % of the sound made up, ${f.framesPerSecond.toFixed(1)} pictures/s, ` +
        `${f.kilobits.toFixed(0)} kbit/s, ${f.freezes} freezes, ${f.roundTrip} ms there and back`,
    );

  await test.step('a good line', async () => {
    const f = await during(b, 5_000);
    tell('good line', f);
    expect(f.concealed).toBeLessThan(0.1);
    expect(f.framesPerSecond).toBeGreaterThan(0.2);
  });

  for (const { loss, most } of losses) {
    await test.step(`${100 * loss} % lost each way`, async () => {
      line.set({ loss, delay: 20, jitter: 10 });
      await b.waitForTimeout(1_500);
      const f = await during(b, 8_000);
      tell(`${100 * loss} % lost each way`, f);
      expect(f.concealed).toBeLessThan(most);
      expect(f.framesPerSecond).toBeGreaterThan(0.2);
    });
  }

  await test.step('150 ms each way, and jitter', async () => {
    line.set({ delay: 150, jitter: 40 });
    await b.waitForTimeout(3_000);
    const f = await during(b, 6_000);
    tell('150 ms each way, 40 ms of jitter', f);
    expect(f.concealed).toBeLessThan(0.25);
    expect(f.framesPerSecond).toBeGreaterThan(0.2);
    expect(f.roundTrip).toBeGreaterThan(250);
  });

  await test.step('300 kbit/s', async () => {
    line.set({ rate: 300_000, delay: 10 });
    await b.waitForTimeout(6_000);
    const f = await during(b, 8_000);
    tell('300 kbit/s each way', f);
    expect(f.concealed).toBeLessThan(0.4);
    expect(f.framesPerSecond).toBeGreaterThan(0.1);
    expect(f.kilobits).toBeLessThan(320);
  });

  for (const cut of ['first', 'second'] as const) {
    await test.step(`the ${cut} cut of 4 s`, async () => {
      line.set({});
      for (const page of [a, b]) await flowsAgain(page, 20_000);
      line.set({ cut: true });
      await b.waitForTimeout(4_000);
      line.set({});
      const took = await Promise.all([a, b].map((page) => flowsAgain(page, 30_000)));
      console.info(`after the ${cut} cut of 4 s: sound and pictures after ${took.map(Math.round).join(' and ')} ms`);
      expect(Math.max(...took)).toBeLessThan(15_000);
    });
  }

  await test.step('UDP blocked', async () => {
    line.set({ udpBlocked: true });
    const began = performance.now();
    for (const page of [a, b])
      await expect.poll(async () => (await received(page)).protocol, { timeout: 40_000 }).toBe('tcp');
    for (const page of [a, b]) await flowsAgain(page, 30_000);
    console.info(`UDP blocked: everybody over TCP after ${Math.round(performance.now() - began)} ms`);
    expect(performance.now() - began).toBeLessThan(40_000);
  });
  office.check();
});
