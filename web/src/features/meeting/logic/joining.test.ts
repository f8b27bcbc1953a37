import { describe, expect, it } from 'vitest';
import { joining } from './joining';

const meeting = { state: 'convened', online: true, join_from: '2026-11-24T00:30:00Z', can: [] as string[] };
const at = (time: string) => new Date(`2026-11-24T${time}:00Z`);

describe('joining', () => {
  it('believes the server', () => {
    expect(joining({ ...meeting, can: ['join'] }, at('00:00'))).toEqual({ may: true });
  });
  it.each([
    [{ state: 'draft' }, '01:30', 'draft'],
    [{ state: 'cancelled' }, '01:30', 'cancelled'],
    [{ state: 'closed' }, '01:30', 'closed'],
    [{ online: false }, '01:30', 'offline'],
    [{}, '00:10', 'early'],
    [{}, '01:30', 'uninvited'],
  ])('explains a no: %o at %s', (change, time, why) => {
    expect(joining({ ...meeting, ...change }, at(time))).toMatchObject({ may: false, why });
  });
  it('says from when on', () => {
    expect(joining(meeting, at('00:10'))).toMatchObject({ opensAt: '2026-11-24T00:30:00Z' });
  });
});
