import type { CDPSession, Page } from '@playwright/test';
import { test } from './server.ts';
import { enterRoom } from './steps.ts';

// What a meeting costs the computers of its people: eight pages in one Chromium, some of them sending a picture of
// 320x180, and the processor time of all its processes. The pictures are the browser's own test pictures.

const pages = Number(process.env['PAGES'] ?? 8);
const senders = Number(process.env['SENDERS'] ?? 3);
const seconds = Number(process.env['FOR'] ?? 20);

/** People of the demo city who are invited to its online meeting. */
const people = [
  'vp_hoangthuha',
  'stc_vudinhkhai',
  'vp_phamvanduc',
  'ub_nguyenhuuthanh',
  'sxd_buiquanghuy',
  'snnmt_ngothibichngoc',
  'syt_danghoainam',
  'sgddt_maixuantruong',
];

test('processor time of eight pages', async ({ office }) => {
  const all: Page[] = [];
  for (const username of people.slice(0, pages)) all.push(await office.person(username));
  const [first] = all;
  if (!first) throw new Error('nobody to measure');
  const meeting = await first.evaluate(findMeeting);
  const browser = first.context().browser();
  if (!browser) throw new Error('the browser is gone');
  for (const [i, page] of all.entries()) {
    await page.addInitScript(smallCamera);
    await enterRoom(page, meeting);
    await turn(page, 'hình', i < senders);
    await turn(page, 'mic', i === 0);
  }
  const session = await browser.newBrowserCDPSession();
  console.log(`${all.length} pages, ${senders} send 320x180, ${seconds} s each, CPU seconds for one page and second`);
  await pictures(all, true);
  console.log(`tiles visible   ${await cost(session, all.length)}`);
  for (const page of all) {
    for (let tries = 0; tries < 3; tries++) await page.keyboard.press('l'); // through all layouts, back to the first
    await page.keyboard.press('l');
    await page.keyboard.press('l'); // the paper, with the speaker small and no tiles
  }
  await pictures(all, false);
  console.log(`tiles hidden    ${await cost(session, all.length)}`);
  for (const page of all) await page.evaluate(() => (document.body.style.display = 'none'));
  console.log(`nothing drawn   ${await cost(session, all.length)}`);
});

async function findMeeting(): Promise<string> {
  const { items } = (await (await fetch('/api/v1/meetings?limit=50')).json()) as {
    items: { id: string; online: boolean; state: string }[];
  };
  return items.find((m) => m.online && m.state === 'convened')?.id ?? '';
}

// every camera gives the smallest size
function smallCamera() {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) =>
    open(wanted?.video ? { ...wanted, video: { width: 320, height: 180, frameRate: 15 } } : wanted);
}

async function turn(page: Page, what: 'hình' | 'mic', on: boolean) {
  const button = page.getByRole('button', { name: `${on ? 'Bật' : 'Tắt'} ${what}`, exact: true });
  if (await button.isVisible()) await button.click();
}

/** Waits until the pictures of a layout stand, and prints how many there are. */
async function pictures(all: Page[], tiles: boolean) {
  await all[0]?.waitForTimeout(5_000);
  const shown = await Promise.all(
    all.map((page) =>
      page.evaluate(() => [...document.querySelectorAll('video')].filter((v) => v.videoWidth > 0).length),
    ),
  );
  console.log(`${tiles ? 'with' : 'without'} tiles: ${shown.join(' ')} pictures on the pages`);
}

interface Process {
  type: string;
  id: number;
  cpuTime: number;
}

async function cost(session: CDPSession, count: number): Promise<string> {
  const look = async () =>
    ((await session.send('SystemInfo.getProcessInfo')) as { processInfo: Process[] }).processInfo;
  const before = new Map((await look()).map((p) => [p.id, p.cpuTime]));
  const began = Date.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const passed = (Date.now() - began) / 1000;
  const byType = new Map<string, number>();
  for (const p of await look())
    byType.set(p.type, (byType.get(p.type) ?? 0) + p.cpuTime - (before.get(p.id) ?? p.cpuTime));
  const sum = [...byType.values()].reduce((a, b) => a + b, 0);
  const parts = [...byType].map(([type, cpu]) => `${type} ${(cpu / passed / count).toFixed(3)}`);
  return `${(sum / passed / count).toFixed(3)} (${parts.join(', ')})`;
}
