import type { Page } from '@playwright/test';
import { calledMeeting, people } from './meetings.ts';
import { expect, test } from './server.ts';
import { enterRoom, heardVoices } from './steps.ts';

const rows = (page: Page) => page.getByTestId('floor-row');
const micWaits = (page: Page) => page.getByRole('button', { name: 'Chờ mời' });
const micOn = (page: Page) => page.getByRole('button', { name: 'Tắt mic', exact: true });

async function expectHeard(page: Page, voices: number) {
  await expect.poll(() => heardVoices(page), { timeout: 60_000, message: 'voices heard' }).toBe(voices);
}

test('who asked is called, speaks, gets more time, and ends; who only observes cannot', async ({ office, server }) => {
  test.setTimeout(400_000);
  const { id, callers } = await calledMeeting(server);
  const chair = await office.person(people.chair);
  const member = await office.person(people.member);
  const point = await office.person(people.point);
  for (const page of [chair, member, point]) await enterRoom(page, id);

  // nobody is heard before being called, and nobody but the chair may turn the microphone on
  for (const page of [member, point]) await expect(micWaits(page)).toBeDisabled();
  const chairsMic = chair.getByRole('toolbar').getByRole('button', { name: 'Tắt mic', exact: true });
  if (await chairsMic.isVisible()) await chairsMic.click();
  await expectHeard(member, 0);

  // the member asks by key with a topic, the point by button without one
  await member.keyboard.press('h');
  await member.getByRole('textbox', { name: 'Nội dung' }).fill('Về kè chống sạt lở');
  await member.keyboard.press('Enter');
  await expect(member.getByTestId('floor-polite')).toHaveText('Bạn thứ 1 trong danh sách chờ phát biểu.');
  await point.getByRole('button', { name: 'Xin phát biểu' }).click();
  await point.getByRole('dialog').getByRole('button', { name: 'Xin phát biểu' }).click();
  await expect(rows(chair)).toHaveText([/Vũ Đình Khải.*Về kè chống sạt lở/, /Phan Thị Kim Oanh/]);
  await expect(chair.getByTestId('floor-counts')).toHaveText('đã nói 0 · chờ 2');

  // the chair puts the point first; a reload keeps that
  await chair.getByRole('button', { name: /Đổi chỗ người thứ 2/ }).press('Alt+ArrowUp');
  await expect(rows(member)).toHaveText([/Phan Thị Kim Oanh/, /Vũ Đình Khải/]);
  await expect(member.getByTestId('floor-polite')).toHaveText('Bạn thứ 2 trong danh sách chờ phát biểu.');
  await chair.reload();
  await expect(rows(chair)).toHaveText([/Phan Thị Kim Oanh/, /Vũ Đình Khải/]);

  // called by key: the microphone opens by itself, because one asked; the others hear
  await expect(chair.getByRole('button', { name: 'Mời tiếp: ông/bà Phan Thị Kim Oanh' })).toBeVisible();
  await chair.keyboard.press('n');
  await expect(point.getByTestId('floor-assertive')).toHaveText('Bạn được mời phát biểu.');
  await expect(micOn(point)).toBeVisible();
  await expect(point.getByTestId('own-turn')).toContainText('Bạn đang phát biểu.');
  for (const page of [chair, member, point]) {
    await expect(page.getByTestId('floor-now')).toContainText('Phan Thị Kim Oanh');
    await expect(page.getByTestId('countdown')).toHaveText(/^0[12]:\d\d$/);
  }
  await expectHeard(member, 1);
  await expectHeard(chair, 1);

  // two more minutes
  await chair.keyboard.press('+');
  await expect(member.getByTestId('floor-now')).toContainText('Được nói 4 phút');
  await expect(member.getByTestId('countdown')).toHaveText(/^0[23]:\d\d$/);

  // the end takes the microphone, and says why
  await chair.getByRole('button', { name: 'Kết thúc', exact: true }).click();
  await expect(micWaits(point)).toBeDisabled();
  await expect(point.getByTestId('mic-taken')).toContainText('Lượt phát biểu của bạn đã kết thúc');
  await expect(chair.getByTestId('floor-counts')).toHaveText('đã nói 1 · chờ 1');
  await expectHeard(member, 0);

  // called without asking: nobody is unmuted by another, the page asks
  await chair.getByRole('button', { name: 'Tất cả điểm cầu' }).click();
  await chair.getByRole('button', { name: 'Mời Phan Thị Kim Oanh phát biểu' }).click();
  await chair.keyboard.press('Escape');
  await expect(point.getByTestId('mic-question')).toContainText('Mic của bạn đang tắt');
  await expectHeard(member, 0);
  await point.getByTestId('mic-question').getByRole('button', { name: 'Bật mic' }).click();
  await expectHeard(member, 1);

  // calling the member ends who speaks
  await chair.getByRole('button', { name: 'Mời Vũ Đình Khải phát biểu ngay' }).click();
  await expect(micOn(member)).toBeVisible();
  await expect(micWaits(point)).toBeDisabled();
  await expectHeard(point, 1);

  // who observes sees the floor and has no way to it
  const observer = await office.person(people.observer);
  await enterRoom(observer, id);
  await expect(observer.getByTestId('floor-now')).toContainText('Vũ Đình Khải');
  await expect(observer.getByText('Bạn dự thính: xem, nghe và đọc tài liệu.')).toBeVisible();
  await expect(observer.getByRole('button', { name: 'Xin phát biểu' })).toHaveCount(0);
  await expect(observer.getByRole('button', { name: /^(Bật|Tắt) mic$/ })).toHaveCount(0);
  const refused = await callers.observer.api.post(`/api/v1/meetings/${id}/floor/turns`, {
    headers: { 'Idempotency-Key': crypto.randomUUID() },
    data: {},
  });
  expect(refused.status()).toBe(403);

  // the record stays with the meeting
  await callers.chair.post(`/meetings/${id}/close`);
  await member.goto(`/cuoc-hop/${id}`);
  const record = member.getByTestId('floor-record');
  await expect(record).toContainText('3 lượt');
  await expect(record).toContainText('Về kè chống sạt lở');
  office.check();
});
