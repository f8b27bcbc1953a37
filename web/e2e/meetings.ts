import { Caller } from './calls.ts';
import type { Server } from './server.ts';

/** Who takes part in it, by role. */
export const people = {
  secretary: 'vp_hoangthuha',
  chair: 'ub_nguyenhuuthanh',
  member: 'stc_vudinhkhai',
  point: 'bachdang_phanthikimoanh',
  observer: 'vp_phamvanduc',
} as const;
export type Who = keyof typeof people;

/** A meeting in which one speaks when called, two minutes each, open already. */
export async function calledMeeting(server: Server): Promise<{ id: string; callers: Record<Who, Caller> }> {
  const callers = {} as Record<Who, Caller>;
  const ids = {} as Record<Who, string>;
  for (const who of Object.keys(people) as Who[]) {
    callers[who] = await Caller.of(server, people[who]);
    ids[who] = (await callers[who].get<{ current: { id: string } }>('/me')).current.id;
  }
  const { secretary, chair } = callers;
  const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
  let meeting = await secretary.post<{ id: string; version: number }>('/meetings', {
    title: 'Giao ban trực tuyến với các phường, xã',
    starts_at: at(5),
    ends_at: at(65),
    place: 'Hội trường A',
    online: true,
    chair_id: ids.chair,
    secretary_id: ids.secretary,
    items: [{ title: 'Tình hình phòng, chống thiên tai', minutes: 30, presenter: '' }],
  });
  const { id } = meeting;
  meeting = await secretary.put(`/meetings/${id}/invitations`, {
    people: [
      { appointment_id: ids.chair, role: 'chair' },
      { appointment_id: ids.secretary, role: 'secretary' },
      { appointment_id: ids.member, role: 'member' },
      { appointment_id: ids.point, role: 'point' },
      { appointment_id: ids.observer, role: 'observer' },
    ],
  });
  await secretary.post(`/meetings/${id}/convene`, {}, meeting.version);
  await chair.put(`/meetings/${id}/floor/settings`, { mode: 'called', seconds: 120 });
  await chair.post(`/meetings/${id}/open`);
  return { id, callers };
}
