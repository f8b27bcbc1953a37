import { expect, test } from './server.ts';
import { enterRoom, expectVideos, heardVoices, onlineMeeting } from './steps.ts';

const people = ['vp_hoangthuha', 'vp_phamvanduc', 'stc_vudinhkhai'];

test('three people see and hear one another, and again after the server died', async ({ office, server }) => {
  test.setTimeout(400_000);
  const pages = [];
  for (const who of people) pages.push(await office.person(who));
  const [first] = pages;
  if (!first) throw new Error('nobody came');
  const meeting = await onlineMeeting(first);
  for (const page of pages) await enterRoom(page, meeting);
  for (const page of pages) await expectVideos(page, pages.length);
  for (const page of pages) {
    const mic = page.getByRole('button', { name: 'Bật mic' });
    if (await mic.isVisible()) await mic.click();
  }
  for (const page of pages) await expect.poll(() => heardVoices(page), { timeout: 60_000 }).toBe(pages.length - 1);

  await server.crash();
  for (const page of pages) await expectVideos(page, pages.length);
  office.check();
});
