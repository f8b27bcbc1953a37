import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeStream } from './fakes';
import { isNearlyCalled, overdrawn, standing, takenAfter, turnBegins } from './rights';
import { chair, inside, joined, me, settle, setup } from './testRoom';
import type { Floor, ServerMessage, Turn } from './types';

const turn = (id: string, appointmentId: string): Turn => ({
  id,
  appointment_id: appointmentId,
  full_name: '',
  position: '',
  agency_name: '',
  agency_short_name: '',
  item_id: null,
  topic: '',
  asked_at: '2026-11-24T01:00:00Z',
  called_at: null,
  ends_at: null,
  seconds: 300,
  ended_at: null,
  state: 'waiting',
});

const floorOf = (now: Turn | null, waiting: Turn[] = [], mode: Floor['mode'] = 'called'): Floor => ({
  meeting_id: 'm1',
  version: 1,
  mode,
  seconds: 300,
  now,
  waiting,
  spoken: 0,
  server_time: '2026-11-24T01:00:00Z',
});

const told = (now: Turn | null, waiting: Turn[] = []): ServerMessage => ({
  type: 'room.floor',
  floor: floorOf(now, waiting),
});

const silent: ServerMessage = { type: 'room.rights', mic: false, camera: true, screen: false };
const speaking: ServerMessage = { type: 'room.rights', mic: true, camera: true, screen: true };

const mine = turn('t1', me.appointment_id);
const theirs = turn('t2', chair.appointment_id);

describe('rights', () => {
  test('where somebody stands in the queue', () => {
    expect(standing(null, 'a')).toEqual({ at: 'none' });
    expect(standing(floorOf(null, [theirs, mine]), me.appointment_id)).toEqual({
      at: 'waiting',
      turnId: 't1',
      place: 1,
    });
    expect(standing(floorOf(mine), me.appointment_id)).toEqual({ at: 'speaking', turnId: 't1' });
    expect(standing(floorOf(mine), undefined)).toEqual({ at: 'none' });
  });
  test('a turn begins only for who waited for this turn', () => {
    const waiting = { at: 'waiting', turnId: 't1', place: 0 } as const;
    const now = { at: 'speaking', turnId: 't1' } as const;
    expect(turnBegins(waiting, now)).toBe(true);
    expect(turnBegins({ at: 'none' }, now)).toBe(false);
    expect(turnBegins({ ...waiting, turnId: 't0' }, now)).toBe(false);
    expect(turnBegins(now, now)).toBe(false);
    expect(isNearlyCalled(waiting)).toBe(true);
    expect(isNearlyCalled({ ...waiting, place: 2 })).toBe(false);
  });
  test('what was taken is remembered until the right is back', () => {
    const no = { mic: false, camera: true, screen: false };
    expect(overdrawn({ mic: true, camera: true, screen: false }, no)).toEqual(['mic']);
    const taken = takenAfter({}, ['mic'], no, 'turn_ended');
    expect(taken).toEqual({ mic: 'turn_ended' });
    expect(takenAfter(taken, [], { ...no, camera: false }, 'no_right')).toEqual(taken);
    expect(takenAfter(taken, [], { ...no, mic: true }, 'no_right')).toEqual({});
  });
});

describe('RoomClient and the floor', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('MediaStream', FakeStream);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  test('a right that goes turns the device off, and the page knows why', async () => {
    const room = await inside();
    const mic = room.last().transceivers[0]?.sender.track;
    room.say(silent);
    expect(mic?.enabled).toBe(false);
    expect(room.client.getSnapshot()).toMatchObject({ mic: false, camera: true, taken: { mic: 'no_right' } });
    expect(room.sent.at(-1)).toEqual({ type: 'room.media', mic: false, camera: true, screen: false });
    await room.client.setMic(true);
    expect(room.client.getSnapshot().mic).toBe(false);
    room.say(speaking);
    expect(room.client.getSnapshot()).toMatchObject({ mic: false, taken: {} });
    room.client.leave();
  });

  test('a camera that may not be sent any more is released', async () => {
    const room = await inside();
    const camera = room.last().transceivers[1]?.sender.track;
    room.say({ type: 'room.rights', mic: true, camera: false, screen: false });
    expect(camera?.readyState).toBe('ended');
    expect(room.client.getSnapshot()).toMatchObject({ camera: false, taken: { camera: 'no_right' } });
    room.client.leave();
  });

  test('the microphone opens by itself at the own turn, when one asked for it, whatever comes first', async () => {
    for (const order of [
      [told(mine), speaking],
      [speaking, told(mine)],
    ]) {
      const room = await inside({ mic: false });
      room.say(silent);
      room.say(told(null, [mine]));
      await settle();
      const track = room.last().transceivers[0]?.sender.track;
      expect(track?.enabled, 'ready and silent').toBe(false);
      for (const message of order) room.say(message);
      await settle();
      expect(room.client.getSnapshot().mic).toBe(true);
      expect(track?.enabled).toBe(true);
      expect(room.getUserMedia.mock.calls.filter(([c]) => c.audio)).toHaveLength(1);
      expect(room.sent.at(-1)).toMatchObject({ type: 'room.media', mic: true });
      room.say(told(null));
      room.say(silent);
      expect(room.client.getSnapshot()).toMatchObject({ mic: false, taken: { mic: 'turn_ended' } });
      room.client.leave();
    }
  });

  test('the second of two devices stays silent at the own turn, so that nothing echoes', async () => {
    const room = await inside({ mic: false, other: 'keep' });
    room.say(silent);
    room.say(told(null, [mine]));
    room.say(told(mine));
    room.say(speaking);
    await settle();
    expect(room.client.getSnapshot().mic).toBe(false);
    expect(room.getUserMedia.mock.calls.filter(([c]) => c.audio)).toEqual([]);
    await room.client.setMic(true);
    expect(room.client.getSnapshot().mic, 'by hand it opens').toBe(true);
    room.client.leave();
  });

  test('whoever is called without asking turns it on by hand', async () => {
    const room = await inside({ mic: false });
    room.say(told(null, [theirs]));
    room.say(speaking);
    room.say(told(mine, [theirs]));
    await settle();
    expect(room.client.getSnapshot().mic).toBe(false);
    expect(room.client.getSnapshot().floor?.now?.id).toBe('t1');
    room.client.leave();
  });

  test('a turn that ended before the right came opens nothing', async () => {
    const room = await inside({ mic: false });
    room.say(silent);
    room.say(told(null, [mine]));
    room.say(told(mine));
    room.say(told(null));
    room.say(speaking);
    await settle();
    expect(room.client.getSnapshot().mic).toBe(false);
    room.client.leave();
  });

  test('asked to turn the microphone on: nothing happens until the person answers', async () => {
    const room = await inside({ mic: false });
    room.say({ type: 'room.mic_asked', by: 'Nguyễn Hữu Thành' });
    expect(room.client.getSnapshot()).toMatchObject({ mic: false, micAskedBy: 'Nguyễn Hữu Thành' });
    room.client.refuseMic();
    expect(room.client.getSnapshot().micAskedBy).toBe('');
    room.say({ type: 'room.mic_asked', by: 'Nguyễn Hữu Thành' });
    await room.client.setMic(true);
    expect(room.client.getSnapshot()).toMatchObject({ mic: true, micAskedBy: '' });
    room.say({ type: 'room.mic_asked', by: 'Nguyễn Hữu Thành' });
    expect(room.client.getSnapshot().micAskedBy).toBe('');
    room.client.leave();
  });

  test('let in silent: the microphone goes off and it is said', async () => {
    const room = setup();
    await room.client.join();
    room.say({ ...joined, participants: [chair, { ...me, mic: false }] } as ServerMessage);
    await settle();
    expect(room.client.getSnapshot()).toMatchObject({ mic: false, joinedMuted: true });
    expect(room.last().transceivers[0]?.sender.track?.enabled).toBe(false);
    await room.client.setMic(true);
    expect(room.client.getSnapshot()).toMatchObject({ mic: true, joinedMuted: false });
    room.client.leave();
  });

  test('who left both devices in the room is not asked again after a break', async () => {
    const room = await inside({ other: 'replace' });
    room.reopen();
    expect(room.sent.at(-1)).toMatchObject({ type: 'room.join', other: '' });
    room.say(joined);
    room.say({ type: 'room.participants', changed: [{ ...me, id: 'second' }], left: [] });
    room.reopen();
    expect(room.sent.at(-1)).toMatchObject({ type: 'room.join', other: 'keep' });
    room.client.leave();
  });

  test('another role during the meeting brings leading and takes it away', async () => {
    const room = await inside();
    room.say({ type: 'room.rights', mic: true, camera: true, screen: true, leads: true });
    expect(room.client.getSnapshot().leads).toBe(true);
    room.say(speaking);
    expect(room.client.getSnapshot().leads).toBe(true);
    room.say({ type: 'room.rights', mic: true, camera: true, screen: true, leads: false });
    expect(room.client.getSnapshot().leads).toBe(false);
    room.client.leave();
  });

  test('the own line is told', async () => {
    const room = await inside();
    room.say({
      type: 'room.line',
      level: 'weak',
      why: 'loss_up',
      loss_up: 7,
      loss_down: 0,
      round_trip_ms: 40,
      up_kbps: 800,
      down_kbps: 900,
      way: 'udp',
    });
    expect(room.client.getSnapshot().line).toMatchObject({ level: 'weak', loss_up: 7 });
    expect(room.client.getSnapshot().participants[0]?.line).toBe('weak');
    room.client.leave();
  });
});
