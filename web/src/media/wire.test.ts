import { describe, expect, test, vi } from 'vitest';
import { chair, inside, joined, settle, setup } from './testRoom';
import type { ServerMessage } from './types';
import { isServerMessage } from './wire';

const turn = {
  id: 't1',
  appointment_id: 'a1',
  full_name: 'Nguyễn Hữu Thành',
  position: 'Chủ tịch',
  agency_name: 'UBND thành phố',
  agency_short_name: 'UBND TP',
  item_id: null,
  topic: '',
  asked_at: '2026-11-23T01:00:00Z',
  called_at: null,
  ends_at: null,
  seconds: 180,
  ended_at: null,
  state: 'waiting',
} as const;
const good: ServerMessage[] = [
  joined,
  { type: 'room.participants', changed: [chair], left: ['x'] },
  { type: 'room.tracks', tracks: [{ mid: '0', participant_id: 'p1', kind: 'audio' }] },
  { type: 'room.answer', sdp: 'v=0' },
  { type: 'room.muted', by: 'Nguyễn Hữu Thành' },
  { type: 'room.rights', mic: true, camera: true, screen: true },
  { type: 'room.screen_ended', by: '' },
  {
    type: 'room.floor',
    floor: {
      meeting_id: 'm1',
      version: 1,
      mode: 'free',
      seconds: 180,
      now: null,
      waiting: [turn],
      spoken: 0,
      server_time: '2026-11-23T01:00:00Z',
    },
  },
  { type: 'room.mic_asked', by: 'Nguyễn Hữu Thành' },
  { type: 'room.layers', kind: 'video', active: [true, false] },
  {
    type: 'room.line',
    level: 'weak',
    why: 'loss_down',
    loss_up: 0,
    loss_down: 4.2,
    round_trip_ms: 180,
    up_kbps: 300,
    down_kbps: 900,
    way: 'udp',
  },
  { type: 'room.lines', lines: [{ participant_id: 'p1', line: 'good' }] },
  { type: 'room.error', of: 'room.mute', key: 'conference.not_leading' },
  { type: 'room.closed', reason: 'replaced' },
];

const odd = [undefined, null, 0, -1, Number.NaN, '', 'x', true, [], [null], [[]], {}, { length: 3 }, Symbol.iterator];

/** The message with every field in turn absent, or something else. */
function* broken(message: object): Generator<unknown> {
  for (const [name, value] of Object.entries(message)) {
    for (const other of odd) yield { ...message, [name]: other };
    const { [name]: _gone, ...rest } = message as Record<string, unknown>;
    yield rest;
    if (Array.isArray(value) && typeof value[0] === 'object')
      for (const inner of broken(value[0] as object)) yield { ...message, [name]: [inner] };
    else if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const inner of broken(value)) yield { ...message, [name]: inner };
  }
}

describe('messages of the server', () => {
  test('good ones pass', () => {
    for (const message of good) expect(isServerMessage(message), message.type).toBe(true);
  });

  test('nonsense does not', () => {
    for (const nonsense of [...odd, { type: 'room.nothing' }, { type: 'toString' }, { type: '__proto__' }])
      expect(isServerMessage(nonsense)).toBe(false);
    expect(isServerMessage({ ...joined, ice_servers: [{ urls: ['javascript:alert(1)'] }] })).toBe(false);
    expect(isServerMessage({ ...joined, participants: [{ ...chair, mic: 'yes' }] })).toBe(false);
  });

  test('whatever a message looks like, the room goes on', async () => {
    vi.useFakeTimers();
    const room = await inside();
    const { client } = room;
    const before = client.getSnapshot().participants.map((p) => p.id);
    let passed = 0;
    for (const message of good.slice(1, -1)) {
      for (const bad of broken(message)) {
        if (isServerMessage(bad))
          passed += 1; // as good as another, the names of people apart
        else room.say(bad as ServerMessage);
      }
    }
    for (const bad of [...odd, ...broken(joined)]) if (!isServerMessage(bad)) room.say(bad as ServerMessage);
    await settle();
    expect(passed).toBeGreaterThan(0);
    expect(client.getSnapshot().phase).toBe('joined');
    expect(client.getSnapshot().participants.map((p) => p.id)).toEqual(before);
    expect(room.connections).toHaveLength(1);
    room.say({ type: 'room.muted', by: 'Nguyễn Hữu Thành' });
    expect(client.getSnapshot().mutedBy).toBe('Nguyễn Hữu Thành');
    client.leave();
    vi.useRealTimers();
  });

  test('a welcome that cannot be read is asked for again', async () => {
    vi.useFakeTimers();
    const room = setup();
    await room.client.join();
    room.say({ type: 'room.joined', participant_id: 7 } as unknown as ServerMessage);
    expect(room.client.getSnapshot().phase).toBe('connecting');
    await vi.advanceTimersByTimeAsync(30_000);
    expect(room.joins()).toBeGreaterThan(1);
    room.say(joined);
    await settle();
    expect(room.client.getSnapshot().phase).toBe('joined');
    room.client.leave();
    vi.useRealTimers();
  });
});
