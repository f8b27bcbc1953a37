import type { Page } from '@playwright/test';
import { expect, type Office, test } from './server.ts';
import { enterRoom, onlineMeeting } from './steps.ts';

const inRoom = async (page: Page) =>
  await expect(page.getByTestId('line')).toHaveAttribute('data-line', /good|weak|poor/, { timeout: 60_000 });

/** The person comes to the room's door with one more device: the pre-join page was passed. */
async function knock(office: Office, who: string, meeting: string): Promise<Page> {
  const page = await office.person(who);
  await page.goto(`/cuoc-hop/${meeting}/phong`);
  await expect(page.locator('video').first()).toBeVisible();
  await page.getByRole('button', { name: 'Vào phòng họp', exact: true }).click();
  return page;
}

/** Pictures of the shown screen that the page has decoded. */
const screenFrames = (page: Page) =>
  page.evaluate(
    () =>
      window.document.querySelector<HTMLVideoElement>('video[data-testid=screen-video]')?.getVideoPlaybackQuality()
        .totalVideoFrames ?? 0,
  );

test('a second device of a person asks which one stays', async ({ office }) => {
  const desk = await office.person('vp_hoangthuha');
  const meeting = await onlineMeeting(desk);
  await enterRoom(desk, meeting);

  const phone = await knock(office, 'vp_hoangthuha', meeting);
  await expect(phone.getByRole('heading', { name: 'Bạn đang họp trên thiết bị khác' })).toBeVisible();
  await phone.getByRole('button', { name: 'Chuyển sang đây' }).click();
  await inRoom(phone);
  await expect(desk.getByRole('heading', { name: 'Bạn đã chuyển sang thiết bị khác' })).toBeVisible();
  await desk.getByRole('button', { name: 'Quay lại thiết bị này' }).click();
  await inRoom(desk);
  await expect(phone.getByRole('heading', { name: 'Bạn đã chuyển sang thiết bị khác' })).toBeVisible();

  const both = await knock(office, 'vp_hoangthuha', meeting);
  await both.getByRole('button', { name: 'Dùng cả hai' }).click();
  await inRoom(both);
  await expect(both.getByRole('button', { name: 'Bật mic', exact: true }), 'no echo').toBeVisible();
  await inRoom(desk);
  office.check();
});

test('a screen is shown to the others until it is ended, by one person at a time', async ({ office }) => {
  const first = await office.person('vp_hoangthuha');
  const meeting = await onlineMeeting(first);
  const second = await office.person('stc_vudinhkhai');
  for (const page of [first, second]) await enterRoom(page, meeting);

  await first.getByRole('button', { name: 'Chia sẻ', exact: true }).click();
  await expect(second.getByRole('group', { name: 'Hoàng Thu Hà đang chia sẻ màn hình' })).toBeVisible();
  await expect.poll(() => screenFrames(second), { timeout: 60_000 }).toBeGreaterThan(5);

  await second.getByRole('button', { name: 'Chia sẻ', exact: true }).click();
  await expect(first.getByText('nên màn hình của bạn đã dừng chiếu')).toBeVisible();
  await expect(first.getByRole('group', { name: 'Vũ Đình Khải đang chia sẻ màn hình' })).toBeVisible();
  await second.getByRole('button', { name: 'Dừng chiếu' }).click();
  await expect(first.getByTestId('screen')).toBeHidden();
  office.check();
});
