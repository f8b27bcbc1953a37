import type { Page } from '@playwright/test';
import { expect, test } from './server.ts';
import {
  enterRoom,
  expectVideos,
  heardVoices,
  number,
  openArrival,
  letter as outgoing,
  paper,
  recipientRow,
  seal,
  sign,
  submitDocument,
  takeStep,
} from './steps.ts';

const agenda = [
  'Đánh giá công tác chỉ đạo, điều hành tháng 11',
  'Tiến độ giải ngân vốn đầu tư công',
  'Sắp xếp cơ sở nhà, đất sau sáp nhập',
  'Kết luận của chủ trì',
];
const invited = ['Vũ Đình Khải', 'Bùi Quang Huy', 'Phạm Đình Lâm', 'Huỳnh Văn Bình', 'Vũ Thanh Khánh'];

test('the main job, end to end', async ({ office, server }) => {
  test.setTimeout(600_000);

  const meeting = await test.step('the secretary prepares a meeting and sends the invitations', async () => {
    const page = await office.person('vp_hoangthuha');
    return await prepareMeeting(page);
  });

  const vp = await office.person('vp_nongthicamtu');
  await vp.goto('/van-ban-den');
  const ward = await office.person('bachdang_dothilananh');
  await ward.goto('/van-ban-den');
  const clerk = await office.person('stc_nguyenthidiep');

  await test.step('a document is entered, signed, sealed and sent', async () => {
    const id = await submitDocument(clerk, outgoing);
    const leader = await office.person('stc_vudinhkhai');
    await sign(leader, id, server.password('stc_vudinhkhai'));
    await number(clerk, outgoing); // the page has learnt of the signature by itself
    await seal(clerk, server.password('stc_nguyenthidiep'));
    await takeStep(clerk, 'Gửi văn bản');
    for (const agency of outgoing.recipients)
      await expect(recipientRow(clerk, agency)).toContainText('Đã đến', { timeout: 30_000 });
  });

  await test.step('one recipient reads, checks the signatures and accepts', async () => {
    await openArrival(vp, outgoing);
    await expect(vp.locator('canvas').first()).toBeVisible();
    await expect(vp.getByText('Chữ ký của ông/bà Vũ Đình Khải hợp lệ').first()).toBeVisible({ timeout: 60_000 });
    await expect(vp.getByText('Chữ ký của Sở Tài chính hợp lệ').first()).toBeVisible();
    await expect(vp.getByText(/^Sau đó chỉ thêm số, ngày, con dấu/).first()).toBeVisible();
    await expect(vp.getByText('Chữ ký thử, không có giá trị').first()).toBeVisible();
    await expect(recipientRow(clerk, 'Văn phòng UBND thành phố')).toContainText('Đã mở xem');
    await vp.getByRole('button', { name: /Tiếp nhận, vào sổ số/ }).click();
    await expect(vp.getByText(/Đã vào sổ, số đến \d+/).first()).toBeVisible();
    await expect(recipientRow(clerk, 'Văn phòng UBND thành phố')).toContainText('Đã tiếp nhận');
    await expect(recipientRow(clerk, 'Văn phòng UBND thành phố')).toContainText(/Số đến \d+/);
  });

  await test.step('another refuses with a reason', async () => {
    await openArrival(ward, outgoing);
    await ward.getByRole('button', { name: 'Từ chối', exact: true }).click();
    const dialog = ward.getByRole('dialog');
    await dialog.getByLabel('Lý do từ chối').fill('Phường không thuộc phạm vi rà soát');
    await dialog.getByRole('button', { name: 'Từ chối tiếp nhận' }).click();
    await expect(ward.getByText(/Phường không thuộc phạm vi rà soát/).first()).toBeVisible();
    await expect(recipientRow(clerk, 'UBND phường Bạch Đằng')).toContainText('Từ chối tiếp nhận');
    await expect(recipientRow(clerk, 'UBND phường Bạch Đằng')).toContainText('Phường không thuộc phạm vi rà soát');
  });

  await test.step('the chair and two members meet', async () => {
    await meet(
      await Promise.all(['vp_phamvanduc', 'stc_vudinhkhai', 'bacthanh_phamdinhlam'].map((u) => office.person(u))),
      meeting,
    );
  });

  await test.step('everything is in the record, and its chain holds', async () => {
    const auditor = await office.person('ttr_bachthikiem');
    await auditor.goto('/quan-tri/nhat-ky');
    await expect(auditor.getByText('Nguyễn Thị Diệp').first()).toBeVisible();
    expect(await server.run('verify', 'audit')).toContain('the audit record is whole');
  });
  office.check();
});

async function prepareMeeting(page: Page): Promise<string> {
  await page.goto('/cuoc-hop');
  await page.getByRole('link', { name: 'Tạo cuộc họp' }).first().click();
  await page.getByLabel('Tên cuộc họp').fill('Họp giao ban tháng');
  const start = new Date(Date.now() + 20 * 60_000);
  const end = new Date(start.getTime() + 100 * 60_000);
  const at = (d: Date, o: Intl.DateTimeFormatOptions) =>
    d.toLocaleString('en-GB', { timeZone: 'Asia/Ho_Chi_Minh', ...o });
  await page.getByLabel('Ngày họp').fill(at(start, { day: '2-digit', month: '2-digit', year: 'numeric' }));
  await page.getByLabel('Bắt đầu').fill(at(start, { hour: '2-digit', minute: '2-digit' }));
  await page.getByLabel('Kết thúc').fill(at(end, { hour: '2-digit', minute: '2-digit' }));
  await page.getByLabel('Địa điểm').fill('Phòng họp số 2');
  await page.getByRole('combobox', { name: 'Chủ trì' }).click();
  await page.getByRole('option', { name: /Phạm Văn Đức/ }).click();
  for (const [i, title] of agenda.entries()) {
    if (i > 0) await page.getByRole('button', { name: 'Thêm mục' }).click();
    await page.getByLabel(`Nội dung mục ${i + 1}`).fill(title);
  }
  await page.getByRole('button', { name: 'Tạo cuộc họp' }).click();
  await expect(page).toHaveURL(/cuoc-hop\/[0-9a-f-]{36}/);
  const id = page.url().split('/').pop() ?? '';
  for (const [i] of agenda.entries()) {
    await page
      .getByTestId('paper-input')
      .nth(i)
      .setInputFiles(paper(`tai-lieu-${i + 1}.pdf`));
    await expect(page.getByRole('button', { name: `tai-lieu-${i + 1}`, exact: true })).toBeVisible({ timeout: 60_000 });
  }
  await page.getByRole('button', { name: 'Mời người dự' }).click();
  const dialog = page.getByRole('dialog');
  for (const name of invited) {
    await dialog
      .getByLabel('Tìm người')
      .fill(name.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('Đ', 'D').replaceAll('đ', 'd'));
    await dialog.getByRole('checkbox', { name }).first().check();
  }
  await dialog.getByRole('button', { name: 'Lưu danh sách mời' }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole('button', { name: /^Gửi giấy mời/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Gửi giấy mời' }).click();
  await expect(page.getByText(/Đã gửi 7 giấy mời/)).toBeVisible();
  return id;
}

async function meet(pages: Page[], meeting: string) {
  const [chair, member] = pages;
  if (!chair || !member) throw new Error('nobody came');
  for (const page of pages) await enterRoom(page, meeting);
  for (const page of pages) await expectVideos(page, pages.length);
  for (const page of pages) {
    const mic = page.getByRole('button', { name: 'Bật mic' });
    if (await mic.isVisible()) await mic.click();
  }
  for (const page of pages) await expect.poll(() => heardVoices(page), { timeout: 60_000 }).toBe(pages.length - 1);
  await expect(chair.getByText(agenda[0] ?? '').first()).toBeVisible();
  await expect(member.locator('canvas').first()).toBeVisible();

  await chair.getByRole('button', { name: 'Khai mạc phiên họp' }).click();
  await chair
    .getByRole('button', { name: /Sang mục/ })
    .first()
    .click();
  await expect(member.getByRole('img', { name: 'Đang bàn' })).toBeVisible();

  await member.reload();
  const again = member.getByRole('button', { name: 'Vào phòng họp', exact: true });
  await expect(again.or(member.getByTestId('line'))).toBeVisible();
  if (await again.isVisible()) await again.click();
  await expectVideos(member, pages.length);
  await expectVideos(chair, pages.length);

  const last = pages[2];
  await last?.getByRole('button', { name: 'Rời phòng' }).click();
  await expectVideos(chair, pages.length - 1);
}
