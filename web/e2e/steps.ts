import path from 'node:path';
import type { Page } from '@playwright/test';
import { expect } from './server.ts';

export const paper = (name: string) => path.join(import.meta.dirname, 'papers', name);

/** What the story's document is called; the number makes it unique in the sender's year. */
export interface Outgoing {
  number: string;
  symbol: string;
  subject: string;
  recipients: string[];
}

export const letter: Outgoing = {
  number: '1907',
  symbol: 'STC-NS',
  subject: 'V/v rà soát, đối chiếu số liệu giải ngân vốn đầu tư công tháng 11 năm 2026',
  recipients: ['Văn phòng UBND thành phố', 'UBND phường Bạch Đằng', 'Sở Khoa học và Công nghệ', 'UBND xã Phú Lâm'],
};

export const code = (d: Outgoing) => `${d.number}/${d.symbol}`;

/** The clerk enters a document with an appendix, and submits it. Neither the document nor its paper has a number yet. */
export async function submitDocument(page: Page, d: Outgoing) {
  await page.goto('/van-ban-di/moi');
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles([paper('trinh-ky.pdf'), paper('phu-luc.pdf')]);
  await page.getByRole('combobox', { name: 'Loại văn bản' }).click();
  await page.getByRole('option', { name: 'Công văn', exact: true }).click();
  await page.getByRole('textbox', { name: 'Ký hiệu' }).fill(d.symbol);
  await page.getByRole('textbox', { name: 'Trích yếu' }).fill(d.subject);
  await page.getByText('Khẩn', { exact: true }).click();
  await page.getByRole('combobox', { name: 'Người ký' }).click();
  await page.getByRole('option', { name: /Vũ Đình Khải/ }).click();
  for (const name of d.recipients) await page.getByRole('checkbox', { name, exact: true }).check();
  await page.getByRole('button', { name: 'Trình ký' }).click();
  await expect(page).toHaveURL(/van-ban-di\/[0-9a-f-]{36}/);
  const dialog = page.getByRole('dialog');
  if (await dialog.isVisible()) await dialog.getByRole('button', { name: 'Trình ký' }).click();
  await expect(page.getByText('Đang chờ ông/bà Vũ Đình Khải ký.')).toBeVisible();
  return page.url().split('/').pop() ?? '';
}

/** One step of an outgoing document: its button, and the same verb in the dialog that asks once. */
export async function takeStep(page: Page, verb: string) {
  await page.getByRole('button', { name: verb, exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: verb, exact: true }).click();
  await expect(page.getByRole('dialog')).toBeHidden({ timeout: 60_000 });
}

/** The leader reads the document on the page for signing, gives the password once more, and signs. */
export async function sign(page: Page, id: string, password: string) {
  await page.goto(`/van-ban-di/${id}/ky`);
  await expect(page.locator('canvas').first()).toBeVisible();
  await givePassword(page, password);
  await page.getByRole('button', { name: 'Ký văn bản', exact: true }).click();
  await expect(page.getByText(/đã ký lúc \d\d:\d\d/)).toBeVisible({ timeout: 60_000 });
}

/** The clerk gives the signed document on the screen its number, dated today. */
export async function number(page: Page, d: Outgoing) {
  await page.getByLabel('Số', { exact: true }).fill(d.number);
  await page.getByRole('button', { name: `Cấp số ${code(d)}` }).click();
  await expect(page.getByRole('heading', { name: code(d), level: 1 })).toBeVisible();
}

/** The clerk puts the seal on the document that is on the screen. */
export async function seal(page: Page, password: string) {
  await page.getByRole('button', { name: 'Đóng dấu cơ quan', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await givePassword(page, password);
  await dialog.getByRole('button', { name: 'Đóng dấu cơ quan', exact: true }).click();
  await expect(dialog).toBeHidden({ timeout: 60_000 });
}

/** Fills the password where the page asks for it again; for five minutes it does not. */
export async function givePassword(page: Page, password: string) {
  const field = page.getByLabel('Mật khẩu của bạn', { exact: true });
  await expect(field.or(page.getByText('Đã xác nhận mật khẩu')).first()).toBeVisible();
  if (await field.isVisible()) await field.fill(password);
}

/** The row of a recipient in the sender's table. */
export const recipientRow = (page: Page, agency: string) => page.getByRole('row').filter({ hasText: agency });

/** Opens the document from a list of incoming documents that is on the screen already. */
export async function openArrival(page: Page, d: Outgoing) {
  const arrival = page.getByText(code(d), { exact: false }).first();
  const news = page.getByRole('button', { name: /văn bản mới/ });
  await expect(arrival.or(news).first()).toBeVisible({ timeout: 30_000 });
  if (await news.isVisible()) await news.click();
  await page.getByRole('link', { name: d.subject }).first().click();
  await expect(page.getByText('Chữ ký số').first()).toBeVisible();
}

/** Frames that the video elements of a room have decoded, by participant. */
export async function decodedFrames(page: Page): Promise<Record<string, number>> {
  return await page.evaluate(() =>
    Object.fromEntries(
      [...window.document.querySelectorAll<HTMLVideoElement>('video[data-testid=tile-video]')].map((v) => [
        v.dataset['participant'] ?? '',
        v.getVideoPlaybackQuality().totalVideoFrames,
      ]),
    ),
  );
}

/** Waits until the room decodes new frames of so many people, oneself included. */
export async function expectVideos(page: Page, people: number) {
  await expect.poll(async () => Object.keys(await decodedFrames(page)).length, { timeout: 60_000 }).toBe(people);
  const before = await decodedFrames(page);
  await expect
    .poll(
      async () => {
        const now = await decodedFrames(page);
        return Object.entries(now).filter(([who, frames]) => frames > (before[who] ?? 0) + 5).length;
      },
      { timeout: 60_000, message: 'frames decoded' },
    )
    .toBe(people);
}

/** How many of the room's voices are heard: their loudest sample over three seconds is above silence. */
export async function heardVoices(page: Page): Promise<number> {
  return await page.evaluate(async () => {
    const context = new AudioContext();
    await context.resume();
    const voices = [...window.document.querySelectorAll<HTMLAudioElement>('audio[data-testid=voice]')]
      .map((a) => a.srcObject)
      .filter((s): s is MediaStream => s instanceof MediaStream)
      .map((stream) => {
        const analyser = context.createAnalyser();
        context.createMediaStreamSource(stream).connect(analyser);
        return { analyser, samples: new Float32Array(analyser.fftSize), loudest: 0 };
      });
    const end = performance.now() + 3000;
    while (performance.now() < end) {
      for (const v of voices) {
        v.analyser.getFloatTimeDomainData(v.samples);
        v.loudest = Math.max(v.loudest, ...v.samples.map(Math.abs));
      }
      await new Promise((r) => setTimeout(r, 20));
    }
    await context.close();
    return voices.filter((v) => v.loudest > 0.001).length;
  });
}

/** The demo's convened online meeting. */
export async function onlineMeeting(page: Page): Promise<string> {
  const meeting = await page.evaluate(async () => {
    const { items } = (await (await fetch('/api/v1/meetings?limit=50')).json()) as {
      items: { id: string; online: boolean; state: string }[];
    };
    return items.find((m) => m.online && m.state === 'convened')?.id;
  });
  if (!meeting) throw new Error('the demo has no online meeting');
  return meeting;
}

export async function enterRoom(page: Page, meeting: string) {
  await page.goto(`/cuoc-hop/${meeting}`);
  await page
    .getByRole('link', { name: 'Vào phòng họp' })
    .or(page.getByRole('button', { name: 'Vào phòng họp' }))
    .first()
    .click();
  await expect(page.getByText('Kiểm tra máy ảnh, micro và loa')).toBeVisible();
  await expect(page.locator('video').first()).toBeVisible();
  await page.getByRole('button', { name: 'Vào phòng họp', exact: true }).click();
  await expect(page.getByTestId('line')).toHaveAttribute('data-line', /good|weak|poor/, { timeout: 60_000 });
}
