import { get } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import { expect, test } from './server.ts';
import { signIn } from './signIn.ts';

const pdfReader = /PdfViewer-|pdf\.worker/;
const room = /RoomPage-/;

/** Names of the scripts that a page asked for. */
function scriptsOf(page: Page): string[] {
  const scripts: string[] = [];
  page.on('request', (r) => {
    const { pathname } = new URL(r.url());
    if (/\.m?js$/.test(pathname)) scripts.push(pathname);
  });
  return scripts;
}

test('the sign-in page needs less than 200 kB of JavaScript', async ({ office }) => {
  const page = await office.visitor();
  const sizes: Promise<number>[] = [];
  page.on('response', (r) => {
    if (!/\.m?js$/.test(new URL(r.url()).pathname)) return;
    sizes.push(
      r
        .request()
        .sizes()
        .then(({ responseBodySize: size }) => {
          if (size > 1000) expect.soft(r.headers()['content-encoding'], r.url()).toBe('gzip');
          return size;
        }),
    );
  });
  await page.goto('/dang-nhap', { waitUntil: 'networkidle' });
  await expect(page.getByRole('button', { name: 'Đăng nhập', exact: true })).toBeVisible();
  const bytes = (await Promise.all(sizes)).reduce((a, b) => a + b, 0);
  expect(sizes.length).toBeGreaterThan(3);
  expect(bytes, 'bytes of JavaScript as transferred').toBeGreaterThan(20_000);
  expect(bytes, 'bytes of JavaScript as transferred').toBeLessThan(200_000);
  office.check();
});

test('a script that says gzip is gzip, and is kept by the browser for good', async ({ server }) => {
  const html = await (await fetch(server.url)).text();
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? '';
  const [headers, body] = await new Promise<[Record<string, unknown>, Buffer]>((resolve, reject) => {
    get(server.url + script, { headers: { 'Accept-Encoding': 'gzip' } }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (d: Buffer) => parts.push(d));
      answer.on('end', () => resolve([answer.headers, Buffer.concat(parts)]));
    }).on('error', reject);
  });
  expect(headers['content-encoding']).toBe('gzip');
  expect(headers['cache-control']).toContain('immutable');
  expect(gunzipSync(body).toString()).toContain('import');
});

test('the PDF reader and the room are fetched only where they are used', async ({ office, server }) => {
  const page = await office.visitor();
  const scripts = scriptsOf(page);
  const heavy = (kind: RegExp) => scripts.filter((s) => kind.test(s));
  await page.goto('/dang-nhap', { waitUntil: 'networkidle' });
  await signIn(page, 'vp_hoangthuha', server.password('vp_hoangthuha'));
  for (const [entry, title] of [
    ['Việc của tôi', 'Việc của tôi'],
    ['Văn bản đi', 'Văn bản đi'],
    ['Cuộc họp', 'Cuộc họp'],
    ['Văn bản đến', 'Văn bản đến'],
  ] as const) {
    await page.getByRole('navigation', { name: 'Chức năng' }).getByRole('link', { name: entry }).click();
    await expect(page.getByRole('heading', { name: title, exact: true, level: 1 })).toBeVisible();
    await page.waitForLoadState('networkidle');
  }
  expect([...heavy(pdfReader), ...heavy(room)]).toEqual([]);

  await page.getByRole('button', { name: 'Tất cả', exact: true }).click();
  await page.getByRole('main').getByRole('link').first().click();
  await expect(page.locator('canvas').first()).toBeVisible();
  expect(heavy(pdfReader)).not.toEqual([]);
  expect(heavy(room)).toEqual([]);

  await page.goto('/cuoc-hop');
  await page
    .getByRole('link', { name: /Phiên họp thường kỳ/ })
    .first()
    .click();
  await expect(page.getByRole('heading', { name: /Phiên họp thường kỳ/ }).first()).toBeVisible();
  expect(heavy(room)).toEqual([]);
  await page
    .getByRole('button', { name: 'Vào phòng họp' })
    .or(page.getByRole('link', { name: 'Vào phòng họp' }))
    .first()
    .click();
  await expect(page.getByRole('button', { name: 'Thử loa' })).toBeVisible();
  expect(heavy(room)).not.toEqual([]);
  office.check();
});
