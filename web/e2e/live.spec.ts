import type { Page, WebSocketRoute } from '@playwright/test';
import { FinanceOffice } from './calls.ts';
import { expect, test } from './server.ts';

const offline = 'Mất kết nối với máy chủ, đang nối lại';

/** Shows a document that has arrived; the list never jumps by itself, it asks for a press. */
async function expectArrival(page: Page, subject: string, timeout: number) {
  const arrival = page.getByText(subject).first();
  const news = page.getByRole('button', { name: /\d+ văn bản mới/ });
  await expect(arrival.or(news).first()).toBeVisible({ timeout });
  if (await news.isVisible()) await news.click();
  await expect(arrival).toBeVisible();
}

/** Takes down when the page says that the server is away, and when it stops saying so. */
async function watchOffline(page: Page): Promise<() => Promise<{ shown: number[]; hidden: number[] }>> {
  await page.evaluate((words) => {
    const seen = { shown: [] as number[], hidden: [] as number[] };
    Object.assign(window, { seenOffline: seen });
    let before = false;
    new MutationObserver(() => {
      const now = document.body.textContent.includes(words);
      if (now !== before) (now ? seen.shown : seen.hidden).push(Date.now());
      before = now;
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  }, offline);
  return () =>
    page.evaluate(() => (window as unknown as { seenOffline: { shown: number[]; hidden: number[] } }).seenOffline);
}

test('a page outlives a crash of the server and learns of what came meanwhile', async ({ office, server }) => {
  test.setTimeout(120_000);
  const finance = await FinanceOffice.writingTo(server, 'Văn phòng UBND thành phố');
  const send = await finance.prepare('V/v kiểm tra sau sự cố mất điện');
  const page = await office.person('vp_nongthicamtu');
  await page.goto('/van-ban-den');
  await expect(page.getByRole('heading', { name: 'Văn bản đến' })).toBeVisible();
  await page.waitForLoadState('networkidle');
  const seen = await watchOffline(page);
  const marker = await page.evaluate(() => Object.assign(window, { sameDocument: Math.random() }).sameDocument);

  const downAt = Date.now();
  await server.crash();
  const upAt = Date.now();
  await send();
  await expectArrival(page, 'V/v kiểm tra sau sự cố mất điện', 45_000);
  await expect(page.getByText(offline)).toBeHidden();
  const { shown } = await seen();
  for (const at of shown) expect(at - downAt, 'a short break is not told').toBeGreaterThan(3000);
  if (upAt - downAt > 8000) expect(shown.length, 'a long break is told').toBeGreaterThan(0);
  expect(await page.evaluate(() => (window as unknown as { sameDocument: number }).sameDocument)).toBe(marker);
  await finance.close();
  office.check();
});

test('the page says that it is offline after a few seconds, and comes back by itself', async ({ office }) => {
  const page = await office.person('vp_nongthicamtu');
  await page.goto('about:blank'); // the page of the sign-in has a socket too, which is not meant here
  const sockets: WebSocketRoute[] = [];
  let isDown = false;
  await page.routeWebSocket('**/api/v1/live', async (socket) => {
    if (isDown) return await socket.close();
    socket.connectToServer();
    sockets.push(socket);
  });
  await page.route('**/api/v1/**', (route) => (isDown ? route.abort('connectionrefused') : route.continue()));
  await page.goto('/van-ban-den');
  await expect.poll(() => sockets.length).toBe(1);
  await page.waitForLoadState('networkidle');
  const seen = await watchOffline(page);
  isDown = true;
  const downAt = Date.now();
  await sockets[0]?.close({ code: 1001 });
  await expect(page.getByText(offline)).toBeVisible();
  const since = ((await seen()).shown[0] ?? 0) - downAt;
  expect(since, 'a short break is not told').toBeGreaterThan(3000);
  expect(since, 'a longer break is told').toBeLessThan(12_000);
  isDown = false;
  await expect(page.getByText(offline)).toBeHidden({ timeout: 25_000 });
  await expect.poll(() => sockets.length, { timeout: 40_000 }).toBe(2);
  office.check();
});

test('behind a proxy without sockets the list is still kept up to date', async ({ office, server }) => {
  const finance = await FinanceOffice.writingTo(server, 'Văn phòng UBND thành phố');
  const send = await finance.prepare('V/v đường truyền qua máy chủ trung gian');
  const page = await office.person('vp_nongthicamtu');
  await page.goto('about:blank');
  let refused = 0;
  await page.routeWebSocket('**/api/v1/live', async (socket) => {
    refused += 1;
    await socket.close();
  });
  await page.goto('/van-ban-den');
  await expect(page.getByRole('heading', { name: 'Văn bản đến' })).toBeVisible();
  await expect.poll(() => refused).toBeGreaterThan(0);
  await page.waitForLoadState('networkidle');
  await send();
  await expectArrival(page, 'V/v đường truyền qua máy chủ trung gian', 40_000);
  await expect(page.getByText(offline)).toBeHidden();
  await finance.close();
  office.check();
});
