import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { test as base, expect, type Office } from './server.ts';
import { paper } from './steps.ts';

const megabyte = 1 << 20;

// A folder for files that are too large, or too wrong, to be kept with the tests.
const test = base.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from this pattern
  folder: async ({}, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'nghisu-files-'));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
});

/** A file with the beginning and the end of a PDF and a hole between, which takes no room on the disk. */
async function hollowPDF(folder: string, name: string, size: number): Promise<string> {
  const file = path.join(folder, name);
  const handle = await open(file, 'w');
  await handle.write('%PDF-1.7\n', 0);
  await handle.write('\n%%EOF\n', size - 7);
  await handle.close();
  return file;
}

/** The form of a new document, and the requests that carried content to the server. */
async function form(office: Office): Promise<{ page: Page; sent: string[] }> {
  const page = await office.person('stc_nguyenthidiep');
  await page.goto('/van-ban-di/moi');
  await expect(page.getByRole('group', { name: 'Tệp văn bản' })).toBeVisible();
  const sent: string[] = [];
  page.on('request', (r) => {
    if (r.method() === 'PUT') sent.push(r.url());
  });
  return { page, sent };
}

const choose = (page: Page, ...files: string[]) =>
  page.getByLabel('Tệp văn bản').and(page.locator('input')).setInputFiles(files);
const row = (page: Page, name: string) =>
  page.getByRole('group', { name: 'Tệp văn bản' }).getByRole('listitem').filter({ hasText: name });
const progress = (page: Page, name: string) => page.getByRole('progressbar', { name: `Tiến độ gửi ${name}` });
const percent = async (page: Page, name: string) =>
  Number((await progress(page, name).getAttribute('aria-valuenow')) ?? -1);

test('files that cannot be taken are refused in clear words', async ({ office, folder }) => {
  const { page, sent } = await form(office);

  const text = path.join(folder, 'ghi-chep.pdf');
  await writeFile(text, 'Đây là một tệp văn bản thường, mang tên của PDF.\n'.repeat(100));
  await choose(page, text);
  await expect(row(page, 'ghi-chep.pdf').getByRole('alert')).toContainText(
    'Tệp không phải là PDF hoàn chỉnh. Hãy chọn tệp PDF.',
  );
  await page.getByRole('button', { name: 'Bỏ ghi-chep.pdf' }).click();
  await expect(row(page, 'ghi-chep.pdf')).toHaveCount(0);

  const cut = path.join(folder, 'dut-doan.pdf');
  await writeFile(cut, `%PDF-1.7\n${'nội dung '.repeat(1000)}`);
  await choose(page, cut);
  await expect(row(page, 'dut-doan.pdf').getByRole('alert')).toContainText('Tệp không phải là PDF hoàn chỉnh');

  sent.length = 0;
  const empty = path.join(folder, 'rong.pdf');
  await writeFile(empty, '');
  await choose(page, empty);
  await expect(row(page, 'rong.pdf').getByRole('alert')).toContainText('Tệp không có nội dung.');

  await choose(page, await hollowPDF(folder, 'qua-lon.pdf', 200 * megabyte + 1));
  await expect(row(page, 'qua-lon.pdf').getByRole('alert')).toContainText('Tệp lớn hơn 200 MB', { timeout: 3000 });
  expect(sent, 'content was sent for a file that is refused').toEqual([]);

  await choose(page, paper('cong-van.pdf'));
  await expect(page.getByRole('img', { name: 'Đã gửi xong cong-van.pdf' })).toBeVisible();
  office.check();
});

test('a large file shows its progress and can be cancelled on the way', async ({ office, folder }) => {
  const { page } = await form(office);
  const network = await page.context().newCDPSession(page);
  await network.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 5,
    downloadThroughput: -1,
    uploadThroughput: 10 * megabyte,
  });
  const created = page.waitForResponse((r) => r.url().endsWith('/api/v1/uploads') && r.request().method() === 'POST');
  await choose(page, await hollowPDF(folder, 'ban-do.pdf', 60 * megabyte));
  const { id } = (await (await created).json()) as { id: string };
  await expect(row(page, 'ban-do.pdf')).toContainText(/đang gửi \d+%/);
  await expect.poll(() => percent(page, 'ban-do.pdf')).toBeGreaterThan(5);
  const first = await percent(page, 'ban-do.pdf');
  await expect.poll(() => percent(page, 'ban-do.pdf')).toBeGreaterThan(first);
  await expect(page.getByRole('button', { name: 'Trình ký' })).toBeDisabled();
  expect((await page.request.get(`/api/v1/uploads/${id}`)).status()).toBe(200);

  await page.getByRole('button', { name: 'Hủy gửi ban-do.pdf' }).click();
  await expect(row(page, 'ban-do.pdf')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Trình ký' })).toBeEnabled();
  await expect
    .poll(async () => (await page.request.get(`/api/v1/uploads/${id}`)).status(), 'nothing of it stays')
    .toBe(404);
  office.check();
});

test('an upload outlives a broken connection', async ({ office, folder }) => {
  const { page, sent } = await form(office);
  let passed = 0;
  let broken = 0;
  let isDown = true;
  await page.route('**/api/v1/uploads/**', async (route) => {
    const isContent = route.request().url().endsWith('/content');
    if (isDown && passed >= 2) {
      broken += 1;
      await route.abort('connectionreset');
      return;
    }
    if (isContent) passed += 1;
    await route.continue();
  });
  await choose(page, await hollowPDF(folder, 'quy-hoach.pdf', 40 * megabyte));
  await expect(row(page, 'quy-hoach.pdf')).toContainText(/mất kết nối, tự gửi tiếp \(\d+%\)/);
  await expect(row(page, 'quy-hoach.pdf').getByRole('alert')).toHaveCount(0);
  await expect.poll(() => broken).toBeGreaterThan(1);
  sent.length = 0;
  isDown = false;
  await expect(page.getByRole('img', { name: 'Đã gửi xong quy-hoach.pdf' })).toBeVisible({ timeout: 30_000 });
  expect(sent.length, 'only what was missing is sent again').toBe(3);
  office.check();
});
