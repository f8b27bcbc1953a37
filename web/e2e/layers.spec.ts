import type { Page } from '@playwright/test';
import { expect, test } from './server.ts';
import { enterRoom, expectVideos, onlineMeeting } from './steps.ts';

const people = ['vp_hoangthuha', 'vp_phamvanduc', 'stc_vudinhkhai'];

/** What a page's connection counts: frames sent by layer of the camera, frames decoded by m-line. */
interface Counted {
  sent: Record<string, number>;
  decoded: Record<string, number>;
  /** Mean size of a packet of the microphone, in bytes. */
  speech: number;
}

declare global {
  interface Window {
    connections?: RTCPeerConnection[];
  }
}

/** Lets a test see the page's peer connections. */
async function watchConnections(page: Page) {
  await page.addInitScript(() => {
    const Real = window.RTCPeerConnection;
    window.connections = [];
    window.RTCPeerConnection = class extends Real {
      constructor(config?: RTCConfiguration) {
        super(config);
        window.connections?.push(this);
      }
    };
  });
}

async function counted(page: Page): Promise<Counted> {
  return await page.evaluate(async () => {
    const out: Counted = { sent: {}, decoded: {}, speech: 0 };
    const pc = window.connections?.findLast((c) => c.connectionState === 'connected');
    const camera = pc?.getTransceivers().find((t) => t.sender.track?.kind === 'video')?.mid;
    const reports = [...((await pc?.getStats()) ?? new Map<string, RTCStats>()).values()] as (RTCStats &
      Record<string, unknown>)[];
    for (const r of reports) {
      if (r.type === 'outbound-rtp' && r['mid'] === camera) out.sent[String(r['rid'])] = Number(r['framesSent'] ?? 0);
      if (r.type === 'outbound-rtp' && r['kind'] === 'audio' && Number(r['packetsSent']) > 0)
        out.speech = Math.max(out.speech, Number(r['bytesSent']) / Number(r['packetsSent']));
      if (r.type === 'inbound-rtp' && r['kind'] === 'video') out.decoded[String(r['mid'])] = Number(r['framesDecoded']);
    }
    return out;
  });
}

/** The names under which counters grow over two seconds. */
async function growing(page: Page, pick: (c: Counted) => Record<string, number>): Promise<string[]> {
  const before = pick(await counted(page));
  await page.evaluate(() => new Promise((r) => setTimeout(r, 2000)));
  const after = pick(await counted(page));
  return Object.keys(after)
    .filter((name) => (after[name] ?? 0) > (before[name] ?? 0) + 1)
    .sort();
}

/** The pictures of others on the page, the largest place first: how wide the picture is that arrives. */
async function arriving(page: Page): Promise<{ who: string; width: number }[]> {
  return await page.evaluate(() => {
    const pc = window.connections?.findLast((c) => c.connectionState === 'connected');
    const others = new Set(pc?.getReceivers().map((r) => r.track.id));
    return [...window.document.querySelectorAll<HTMLVideoElement>('video[data-testid=tile-video]')]
      .filter((v) => v.srcObject instanceof MediaStream && v.srcObject.getTracks().some((t) => others.has(t.id)))
      .sort((a, b) => b.clientWidth * b.clientHeight - a.clientWidth * a.clientHeight)
      .map((v) => ({ who: v.dataset['participant'] ?? '', width: v.videoWidth }));
  });
}

/** The page says that its tab is in the background, or in the foreground again. */
async function background(page: Page, hidden: boolean) {
  await page.evaluate((now) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => now });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}

test('every picture comes as large as its place, and what nobody sees is neither sent nor decoded', async ({
  office,
}) => {
  test.setTimeout(400_000);
  const pages: Page[] = [];
  for (const who of people) {
    const page = await office.person(who);
    await watchConnections(page);
    pages.push(page);
  }
  const [first] = pages;
  if (!first) throw new Error('nobody');
  const meeting = await onlineMeeting(first);
  for (const page of pages) await enterRoom(page, meeting);
  for (const page of pages) await expectVideos(page, pages.length);
  // nobody speaks any more, so that the large pictures stay
  for (const page of pages) {
    const mic = page.getByRole('button', { name: 'Tắt mic', exact: true });
    if (await mic.isVisible()) await mic.click();
  }

  for (const page of pages) {
    await expect
      .poll(async () => (await arriving(page)).map((v) => v.width > 320), {
        timeout: 60_000,
        message: 'large and small',
      })
      .toEqual([true, false]);
  }
  // everybody sends the small layer or a larger one, as somebody watches; nobody sends what nobody watches
  for (const page of pages) {
    await expect
      .poll(async () => (await growing(page, (c) => c.sent)).length, { timeout: 60_000, message: 'layers sent' })
      .toBeLessThan(3);
    expect(await growing(page, (c) => c.sent)).not.toEqual([]);
  }

  // only the large picture is on the screen: the others are not decoded any more, and come back
  await expect.poll(async () => (await growing(first, (c) => c.decoded)).length).toBe(2);
  const [large] = await arriving(first);
  await first.keyboard.press('l');
  await first.keyboard.press('l');
  await expect.poll(async () => (await growing(first, (c) => c.decoded)).length, { message: 'one picture' }).toBe(1);
  expect((await arriving(first))[0]?.who).toBe(large?.who);
  await first.keyboard.press('l');
  await expect.poll(async () => (await growing(first, (c) => c.decoded)).length, { message: 'two pictures' }).toBe(2);

  // a tab in the background asks for no picture
  await background(first, true);
  await expect.poll(async () => await growing(first, (c) => c.decoded), { message: 'in the background' }).toEqual([]);
  await background(first, false);
  await expect.poll(async () => (await growing(first, (c) => c.decoded)).length, { message: 'back' }).toBe(2);
  office.check();
});
