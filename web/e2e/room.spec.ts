import type { Page } from '@playwright/test';
import { calledMeeting, people } from './meetings.ts';
import { expect, test } from './server.ts';
import { decodedFrames, enterRoom, expectVideos, heardVoices } from './steps.ts';

interface Floor {
  version: number;
  now: { id: string } | null;
  waiting: { id: string; topic: string }[];
}

/** Waits until the room of every page decodes pictures of so many people other than before; how long that took. */
async function backAfter(pages: Page[], expected: number): Promise<number> {
  const began = performance.now();
  await Promise.all(
    pages.map(async (page) => {
      let last: Record<string, number> = {};
      await expect
        .poll(
          async () => {
            const before = last;
            last = await decodedFrames(page);
            return Object.entries(last).filter(([who, frames]) => frames > (before[who] ?? Number.POSITIVE_INFINITY))
              .length;
          },
          { timeout: 60_000, intervals: [200], message: 'people whose pictures move' },
        )
        .toBe(expected);
    }),
  );
  return performance.now() - began;
}

test('three people see and hear one another, and again after the server died; floor and papers went on', async ({
  office,
  server,
}) => {
  test.setTimeout(400_000);
  const { id, callers } = await calledMeeting(server);
  const { chair, secretary, member, point } = callers;
  const item = await secretary.get<{ items: { id: string }[] }>(`/meetings/${id}`);
  const upload = await secretary.upload('phu-luc.pdf');
  await secretary.post(`/items/${item.items[0]?.id}/papers`, { upload_id: upload, name: 'bao-cao.pdf' });

  const pages: Page[] = [];
  for (const who of [people.chair, people.secretary, people.member]) pages.push(await office.person(who));
  for (const page of pages) await enterRoom(page, id);
  for (const page of pages) await expectVideos(page, pages.length);
  await member.post(`/meetings/${id}/floor/turns`, { topic: 'Về kè chống sạt lở' });
  await point.post(`/meetings/${id}/floor/turns`, {});
  await chair.post(`/meetings/${id}/floor/call`, {});
  for (const page of pages) {
    const mic = page.getByRole('button', { name: 'Bật mic' });
    if (await mic.isEnabled({ timeout: 2_000 }).catch(() => false)) await mic.click();
  }
  for (const page of pages.slice(0, 2))
    await expect.poll(() => heardVoices(page), { timeout: 60_000 }).toBeGreaterThan(0);
  const before = await chair.get<Floor>(`/meetings/${id}/floor`);
  expect(before.now, 'somebody has the floor').not.toBeNull();
  expect(before.waiting).toHaveLength(1);

  await server.crash();
  const took = await backAfter(pages, pages.length);
  console.info(`after the server died: everybody sees everybody ${Math.round(took)} ms after its restart`);
  expect(took).toBeLessThan(30_000); // ten seconds on a machine that does nothing else

  const after = await chair.get<Floor>(`/meetings/${id}/floor`);
  expect(after.now?.id).toBe(before.now?.id);
  expect(after.waiting).toEqual(before.waiting);
  const now = await member.get<{ items: { papers: { id: string }[] }[] }>(`/meetings/${id}`);
  const paper = await member.api.get(`/api/v1/papers/${now.items[0]?.papers[0]?.id}/content`);
  expect(paper.ok(), 'the paper is read').toBe(true);
  await chair.post(`/meetings/${id}/floor/call`, {}); // and the queue goes on
  for (const page of pages) await expect(page.getByTestId('floor-now')).toContainText('Phan Thị Kim Oanh');
  office.check();
});
