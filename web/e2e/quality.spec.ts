import { expect, test } from './server.ts';
import { enterRoom, expectVideos } from './steps.ts';

test('everybody is told how the line is, and who leads sees the lines of all', async ({ office }) => {
  test.setTimeout(240_000);
  const [secretary, member] = [await office.person('vp_hoangthuha'), await office.person('stc_vudinhkhai')];
  const meeting = await secretary.evaluate(async () => {
    const { items } = (await (await fetch('/api/v1/meetings?limit=50')).json()) as {
      items: { id: string; online: boolean; state: string }[];
    };
    return items.find((m) => m.online && m.state === 'convened')?.id;
  });
  if (!meeting) throw new Error('no meeting');
  for (const page of [secretary, member]) await enterRoom(page, meeting);
  for (const page of [secretary, member]) await expectVideos(page, 2);

  for (const page of [secretary, member]) await expect(page.getByTestId('line')).toHaveAttribute('data-line', 'good');
  await member.getByTestId('line').click();
  const panel = member.getByTestId('line-panel');
  await expect(panel).toContainText('Hình và tiếng của bạn đi, về đều tốt.');
  await expect(panel).toContainText('trực tiếp (UDP)');
  await expect(panel.getByRole('button', { name: 'Chất lượng các điểm cầu' })).toHaveCount(0);
  await member.keyboard.press('Escape');

  await secretary.getByTestId('line').click();
  await secretary.getByTestId('line-panel').getByRole('button', { name: 'Chất lượng các điểm cầu' }).click();
  const lines = secretary.getByTestId('lines');
  await expect(lines.getByRole('status').first()).toContainText('2 đang trong phòng, 0 có vấn đề');
  const row = lines.getByTestId('line-row').filter({ hasText: 'Vũ Đình Khải' });
  await expect(row).toHaveAttribute('data-state', 'good');
  await expect(row).toContainText('Đã kết nối');
  await expect(row).toContainText(/↑ [1-9]\d* kbit\/s|↑ \d+(,\d)? Mbit\/s/);
  await expect(row).toContainText('UDP');
  await lines.getByLabel('Tìm theo tên, cơ quan').fill('vu dinh khai');
  await expect(lines.getByTestId('line-row')).toHaveCount(1);
  const [file] = await Promise.all([
    secretary.waitForEvent('download'),
    lines.getByRole('button', { name: 'Xuất CSV' }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/^chat-luong-diem-cau-.*\.csv$/);

  // what the page measured of itself reached the server
  const told = async () =>
    await secretary.evaluate(async (id) => {
      const { items } = (await (await fetch(`/api/v1/meetings/${id}/quality`)).json()) as {
        items: { state: string; page: { fps: number } | null }[];
      };
      return items.filter((i) => i.state === 'good' && i.page && i.page.fps > 0).length;
    }, meeting);
  await expect.poll(told, { timeout: 30_000 }).toBe(2);
  expect(await member.evaluate(async (id) => (await fetch(`/api/v1/meetings/${id}/quality`)).status, meeting)).toBe(
    403,
  );

  await member.close();
  await lines.getByLabel('Tìm theo tên, cơ quan').fill('');
  await expect(row).toHaveAttribute('data-state', 'absent');
  office.check();
});
