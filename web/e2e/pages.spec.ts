import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { Caller } from './calls.ts';
import { expect, type Office, type Server, test } from './server.ts';

/** A page of the product: who looks at it, where it is, and what shows that it is complete. */
interface Place {
  name: string;
  who: string;
  at: string;
  ready: (page: Page) => Promise<void>;
}

const heading = (page: Page) => expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
const canvas = (page: Page) => expect(page.locator('canvas').first()).toBeVisible();
const form = (page: Page) => expect(page.getByRole('textbox').first()).toBeVisible();
const table = (page: Page) => expect(page.getByRole('row').nth(1)).toBeVisible();
const links = (page: Page) => expect(page.getByRole('main').getByRole('link').first()).toBeVisible();
const video = (page: Page) => expect(page.locator('video').first()).toBeVisible();

const admin = 'skhcn_ngoquangvinh';
const clerk = 'vp_nongthicamtu';
const sender = 'stc_nguyenthidiep';
const secretary = 'vp_hoangthuha';
const leader = 'stc_vudinhkhai';

async function places(server: Server): Promise<Place[]> {
  type List = { items: { id: string; state?: string }[] };
  const first = async (who: string, list: string, wanted: (item: { state?: string }) => boolean = () => true) => {
    const caller = await Caller.of(server, who);
    const found = (await caller.get<List>(list)).items.find(wanted);
    await caller.close();
    if (!found) throw new Error(`${list} is empty for ${who}`);
    return found.id;
  };
  const meeting = await first(
    secretary,
    '/meetings?when=upcoming',
    (m) => m.state === 'convened' || m.state === 'live',
  );
  const released = await first(sender, '/documents?state=released');
  const check = await checked(server, released);
  const submitted = await first(sender, '/documents?state=submitted');
  const delivery = await first(clerk, '/deliveries?state=all');
  const agency = await first(admin, '/agencies?q=S%E1%BB%9F+Khoa');
  return [
    { name: 'home', who: clerk, at: '/', ready: heading },
    { name: 'incoming list', who: clerk, at: '/van-ban-den?tab=all', ready: links },
    { name: 'incoming document', who: clerk, at: `/van-ban-den/${delivery}?tab=all`, ready: canvas },
    { name: 'outgoing list', who: sender, at: '/van-ban-di', ready: links },
    { name: 'new document', who: sender, at: '/van-ban-di/moi', ready: form },
    { name: 'released document', who: sender, at: `/van-ban-di/${released}`, ready: heading },
    { name: 'submitted document', who: sender, at: `/van-ban-di/${submitted}`, ready: canvas },
    { name: 'places of the fields', who: sender, at: `/van-ban-di/${submitted}/o-ky`, ready: canvas },
    { name: 'checks of signatures', who: sender, at: '/kiem-tra-chu-ky', ready: heading },
    { name: 'check of signatures', who: sender, at: `/kiem-tra-chu-ky/${check}`, ready: canvas },
    { name: 'sign', who: leader, at: `/van-ban-di/${submitted}/ky`, ready: canvas },
    { name: 'sign many', who: leader, at: '/van-ban-di/ky-nhieu', ready: links },
    { name: 'meetings', who: secretary, at: '/cuoc-hop', ready: links },
    { name: 'new meeting', who: secretary, at: '/cuoc-hop/moi', ready: form },
    { name: 'meeting', who: secretary, at: `/cuoc-hop/${meeting}`, ready: heading },
    { name: 'check before the room', who: secretary, at: `/cuoc-hop/${meeting}/phong`, ready: video },
    { name: 'account', who: secretary, at: '/tai-khoan', ready: table },
    { name: 'agencies', who: admin, at: '/quan-tri/co-quan', ready: table },
    { name: 'agency', who: admin, at: `/quan-tri/co-quan/${agency}`, ready: table },
    { name: 'signing keys', who: admin, at: '/quan-tri/khoa-ky', ready: table },
    { name: 'trust lists', who: admin, at: '/quan-tri/tin-cay', ready: heading },
    { name: 'import', who: admin, at: '/quan-tri/nhap-du-lieu', ready: heading },
    { name: 'audit', who: 'ttr_bachthikiem', at: '/quan-tri/nhat-ky', ready: table },
  ];
}

/** The sender has the signatures of its released document checked, and gives the number of the finished check. */
async function checked(server: Server, document: string): Promise<string> {
  const caller = await Caller.of(server, sender);
  const upload = await caller.uploadBytes('da-ky.pdf', await caller.mainFile(document));
  const { id } = await caller.post<{ id: string }>('/signature-checks', { upload_id: upload });
  await expect
    .poll(async () => (await caller.get<{ checked_at?: string }>(`/signature-checks/${id}`)).checked_at, {
      timeout: 60_000,
    })
    .toBeTruthy();
  await caller.close();
  return id;
}

/** Goes through all pages, signing in only when the person changes. */
async function tour(office: Office, server: Server, look: (page: Page, name: string) => Promise<void>) {
  const visitor = await office.visitor();
  await visitor.goto('/dang-nhap');
  await expect(visitor.getByRole('button', { name: /^(Đăng nhập|Sign in)$/ })).toBeVisible();
  await look(visitor, 'sign-in');
  await visitor.close();
  let page: Page | undefined;
  let who = '';
  for (const place of await places(server)) {
    if (!page || place.who !== who) {
      await page?.close();
      page = await office.person(place.who);
      who = place.who;
    }
    await page.goto(place.at);
    await place.ready(page);
    await page.waitForLoadState('networkidle');
    await look(page, place.name);
  }
  await page?.close();
}

const sizes = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };

/** Rules that a page breaks, with the elements; only what shuts people out. */
async function barriers(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode(true).exclude('.textLayer');
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  return violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .flatMap((v) =>
      v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} ${n.failureSummary?.split('\n')[1]?.trim() ?? ''}`),
    );
}

test('every page fits both widths and both schemes, and shuts nobody out', async ({ office, server }) => {
  test.setTimeout(480_000);
  const found: string[] = [];
  await tour(office, server, async (page, name) => {
    for (const [width, size] of Object.entries(sizes)) {
      await page.setViewportSize(size);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
        const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        if (beyond > 0) found.push(`${name}, ${width}: ${beyond} px too wide`);
        // Colours are all that a scheme changes.
        if (width === 'narrow' && colorScheme === 'dark') continue; // the colours of the wide page
        const broken = await barriers(page, colorScheme === 'dark' ? ['color-contrast'] : undefined);
        found.push(...broken.map((b) => `${name}, ${width}, ${colorScheme}: ${b}`));
      }
    }
    await page.setViewportSize(sizes.wide);
    await page.emulateMedia({ colorScheme: 'light' });
  });
  expect(found).toEqual([]);
  office.check();
});

/** All texts of the interface in a language, flat. */
async function textsOf(language: string): Promise<string[]> {
  const folder = path.join(import.meta.dirname, '../src/i18n', language);
  const files = await Promise.all((await readdir(folder)).map((f) => readFile(path.join(folder, f), 'utf8')));
  const flat = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : Object.values(value as Record<string, unknown>).flatMap(flat);
  return files.flatMap((f) => flat(JSON.parse(f)));
}

/** Everything a page says, visible or to screen readers. */
async function wordsOf(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    const words: string[] = [document.title];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      if (node instanceof Element) {
        if (node.closest('[lang=vi]:not(html), .textLayer')) continue;
        for (const name of ['aria-label', 'placeholder', 'title', 'alt']) words.push(node.getAttribute(name) ?? '');
      } else if (!node.parentElement?.closest('[lang=vi]:not(html), .textLayer')) words.push(node.textContent ?? '');
    }
    return words.map((w) => w.trim()).filter((w) => w !== '');
  });
}

test('in English no Vietnamese words of the interface and no bare keys are left', async ({ office, server }) => {
  test.setTimeout(480_000);
  const english = new Set(await textsOf('en'));
  const vietnamese = (await textsOf('vi')).filter((t) => !english.has(t) && /[^\p{ASCII}·…“”—–→↑↓×→]/u.test(t));
  const patterns = vietnamese.map(
    (t) =>
      new RegExp(
        `^${t
          .replaceAll(/<\/?\w+>/g, '')
          .split(/\{\{\w+\}\}/)
          .map((p) => p.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
          .join('.+')}$`,
        'u',
      ),
  );
  const bare = /^[a-z][a-z_A-Z]*(\.[a-z][A-Za-z_]*)+$/;
  const found: string[] = [];
  await tour(office, server, async (page, name) => {
    // What the data say stays Vietnamese: a position "Văn thư" is no word of the interface.
    const answers: Promise<string>[] = [];
    const take = (r: { url(): string; text(): Promise<string> }) => {
      if (r.url().includes('/api/')) answers.push(r.text().catch(() => ''));
    };
    page.on('response', take);
    await page.evaluate(() => localStorage.setItem('nghisu.language', 'en'));
    await page.reload();
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    if (name !== 'sign-in') await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
    await page.waitForLoadState('networkidle');
    page.off('response', take);
    const data = (await Promise.all(answers)).join('\n');
    for (const word of await wordsOf(page)) {
      if (data.includes(JSON.stringify(word).slice(1, -1))) continue;
      if (bare.test(word) || patterns.some((p) => p.test(word))) found.push(`${name}: ${word}`);
    }
    await page.evaluate(() => localStorage.setItem('nghisu.language', 'vi'));
  });
  expect([...new Set(found)]).toEqual([]);
  office.check();
});
