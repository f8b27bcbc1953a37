import { Caller, FinanceOffice } from './calls.ts';
import { expect, test } from './server.ts';
import { givePassword, paper } from './steps.ts';

test('a leader reads the list and signs two documents at once', async ({ office, server }) => {
  const subjects = ['V/v quyết toán ngân sách quý III', 'V/v mua sắm tập trung năm 2027'];
  const finance = await FinanceOffice.writingTo(server, 'Văn phòng UBND thành phố');
  const documents = [];
  for (const subject of subjects) documents.push(await finance.submit(subject));
  await finance.close();

  const page = await office.person('stc_vudinhkhai');
  await page.goto('/van-ban-di/ky-nhieu');
  const list = page.getByRole('region', { name: 'Văn bản chờ bạn ký' });
  for (const subject of subjects) {
    await expect(list.getByRole('link', { name: subject })).toBeVisible();
    await list.getByRole('checkbox', { name: `Chọn: ${subject}` }).check();
  }
  await expect(page.getByRole('heading', { name: 'Đã chọn 2 văn bản' })).toBeVisible();
  await givePassword(page, server.password('stc_vudinhkhai'));
  await page.getByRole('button', { name: 'Ký 2 văn bản', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Đã ký 2 văn bản.' })).toBeVisible({ timeout: 90_000 });
  const results = page.getByRole('list', { name: 'Kết quả từng văn bản' }).getByRole('listitem');
  await expect(results).toHaveCount(2);
  for (const subject of subjects)
    await expect(results.filter({ hasText: subject })).toContainText('Đã ký, chuyển văn thư cấp số.');

  const clerk = await Caller.of(server, 'stc_nguyenthidiep');
  for (const { id } of documents) expect(await clerk.get(`/documents/${id}`)).toMatchObject({ state: 'signed' });
  await clerk.close();
  office.check();
});

test('anybody has the signatures of a file checked, and of one that has none', async ({ office, server }) => {
  const clerk = await Caller.of(server, 'stc_nguyenthidiep');
  const { items } = await clerk.get<{ items: { id: string }[] }>('/documents?state=released');
  const signed = await clerk.mainFile(items[0]?.id ?? '');
  await clerk.close();

  const page = await office.person('vp_hoangthuha');
  const file = page.getByLabel('Tệp cần kiểm tra').and(page.locator('input'));
  const result = page.getByRole('article', { name: 'Kết quả' });
  await page.goto('/kiem-tra-chu-ky');
  await file.setInputFiles({ name: 'nhan-qua-thu.pdf', mimeType: 'application/pdf', buffer: signed });
  await expect(page.getByRole('heading', { name: 'nhan-qua-thu.pdf', level: 1 })).toBeVisible({ timeout: 60_000 });
  await expect(result).toContainText('Hợp lệ, nhưng có chữ ký thử, không có giá trị', { timeout: 60_000 });
  await expect(result).toContainText('Chữ ký của Vũ Đình Khải hợp lệ');
  await expect(result).toContainText('Chữ ký của Sở Tài chính hợp lệ');
  await expect(page.locator('canvas').first()).toBeVisible();

  await page.goto('/kiem-tra-chu-ky');
  await file.setInputFiles(paper('cong-van.pdf'));
  await expect(page.getByRole('heading', { name: 'cong-van.pdf', level: 1 })).toBeVisible({ timeout: 60_000 });
  await expect(result).toContainText('Tệp cong-van.pdf không có chữ ký số', { timeout: 60_000 });

  await page.goto('/kiem-tra-chu-ky');
  const mine = page.getByRole('region', { name: 'Tệp bạn đã kiểm tra' }).getByRole('listitem');
  await expect(mine.filter({ hasText: 'cong-van.pdf' })).toContainText('Không có chữ ký số');
  await expect(mine.filter({ hasText: 'nhan-qua-thu.pdf' })).toContainText('Hợp lệ, nhưng có chữ ký thử');
  office.check();
});
