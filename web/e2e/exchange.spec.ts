import { expect, test } from './server.ts';
import { letter, number, openArrival, recipientRow, seal, sign, submitDocument, takeStep } from './steps.ts';

// The exchange alone, on whatever store the project runs with, through a power cut in the middle.
test('a signed document reaches its recipients, and survives a crash', async ({ office, server }) => {
  test.setTimeout(300_000);
  const d = { ...letter, number: '1908' };
  const clerk = await office.person('stc_nguyenthidiep');
  const id = await submitDocument(clerk, d);
  const leader = await office.person('stc_vudinhkhai');
  await sign(leader, id, server.password('stc_vudinhkhai'));
  await number(clerk, d);
  await seal(clerk, server.password('stc_nguyenthidiep'));

  await server.crash();

  await takeStep(clerk, 'Gửi văn bản');
  for (const agency of d.recipients) {
    await expect(recipientRow(clerk, agency)).toContainText('Đã đến', { timeout: 60_000 });
  }
  const recipient = await office.person('vp_nongthicamtu');
  await recipient.goto('/van-ban-den');
  await openArrival(recipient, d);
  await expect(recipient.getByText('Chữ ký của ông/bà Vũ Đình Khải hợp lệ').first()).toBeVisible({ timeout: 60_000 });
  await expect(recipient.locator('canvas').first()).toBeVisible();
  await recipient.getByRole('button', { name: /Tiếp nhận, vào sổ số/ }).click();
  await expect(recipientRow(clerk, 'Văn phòng UBND thành phố')).toContainText('Đã tiếp nhận', { timeout: 30_000 });

  expect(await server.run('verify', 'audit')).toContain('the audit record is whole');
  expect(await server.run('fsck')).toContain('the object store is whole');
});
