import { describe, expect, it } from 'vitest';
import { outside } from '../../../media/roomState';
import type { Floor, RoomParticipant, Turn } from '../../../media/types';
import { viewOf } from './view';

function participant(id: string, more: Partial<RoomParticipant> = {}): RoomParticipant {
  return {
    id,
    appointmentId: `a-${id}`,
    fullName: `Người ${id}`,
    position: 'Giám đốc',
    agencyName: 'Sở Tài chính thành phố',
    agencyShortName: 'Sở Tài chính',
    role: 'member',
    self: false,
    mic: false,
    camera: true,
    screen: false,
    line: null,
    speaking: false,
    paused: false,
    video: null,
    audio: null,
    ...more,
  };
}

const turn = (id: string, state: Turn['state']): Turn => ({
  id,
  appointment_id: `a-${id}`,
  full_name: `Người ${id}`,
  position: '',
  agency_name: '',
  agency_short_name: '',
  item_id: null,
  topic: '',
  asked_at: '2026-11-24T02:00:00Z',
  called_at: null,
  ends_at: null,
  seconds: 300,
  ended_at: null,
  state,
});

const floor: Floor = {
  meeting_id: 'm',
  version: 3,
  mode: 'called',
  seconds: 300,
  now: turn('s', 'speaking'),
  waiting: [turn('x', 'waiting'), turn('w', 'waiting')],
  spoken: 1,
  server_time: '2026-11-24T02:10:00Z',
};

const room = { ...outside, participants: [participant('me', { self: true }), participant('s'), participant('w')] };

describe('view of the room', () => {
  it('marks who has the floor and the place of who waits', () => {
    const { people, me } = viewOf({ ...room, floor }, false);
    expect(people.map((p) => [p.id, p.floor, p.hand])).toEqual([
      ['me', false, 0],
      ['s', true, 0],
      ['w', false, 2],
    ]);
    expect(me).toBe('a-me');
  });
  it('marks nobody before the floor is known', () => {
    expect(viewOf(room, false).people.some((p) => p.floor || p.hand > 0)).toBe(false);
  });
  it('gives the screen that is shown with who shows it', () => {
    const shown = { participantId: 's', self: false, stream: null, sound: null };
    expect(viewOf({ ...room, shown }, false).shared?.by.id).toBe('s');
    expect(viewOf({ ...room, shown: { ...shown, participantId: 'gone' } }, false).shared).toBeNull();
    expect(viewOf(room, false).shared).toBeNull();
  });
});
