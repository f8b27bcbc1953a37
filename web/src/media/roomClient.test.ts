import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { mendWithin } from './connection';
import { FakeStream, FakeTrack } from './fakes';
import { rejoinTiming as timing } from './rejoin';
import { listenEvery } from './roomClient';
import { speaksFor } from './roomPeople';
import { chair, inside, joined, settle, setup } from './testRoom';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('RoomClient', () => {
  test('opens the devices, joins, offers once and shows the others', async () => {
    const room = setup();
    const changed = vi.fn();
    room.client.subscribe(changed);
    await room.client.join();
    expect(room.sent).toEqual([
      { type: 'room.join', meeting_id: 'm1', device: 'tab', mic: true, camera: true, screen: false, other: '' },
    ]);
    expect(room.client.getSnapshot().phase).toBe('connecting');
    room.say(joined);
    await settle();
    const offers = room.sent.filter((m) => m.type === 'room.offer');
    expect(offers.map((m) => m.sdp)).toEqual(['page offers']);
    const roles = Object.values(offers[0]?.roles ?? {});
    expect(roles.filter((r) => r === 'tile')).toHaveLength(8);
    expect([...new Set(roles)]).toEqual(['voice', 'main', 'tile', 'screen', 'screen_sound']);
    expect(Object.keys(offers[0]?.roles ?? {})).not.toContain('0');
    expect(
      room
        .last()
        .transceivers.slice(0, 2)
        .map((t) => t.sender.track?.kind),
    ).toEqual(['audio', 'video']);
    room.last().become('connected');
    const { phase, media, participants } = room.client.getSnapshot();
    expect([phase, media]).toEqual(['joined', 'connected']);
    expect(participants.map((p) => [p.fullName, p.self])).toEqual([
      ['Vũ Đình Khải', true],
      ['Nguyễn Hữu Thành', false],
    ]);
    expect(changed).toHaveBeenCalled();
    room.client.leave();
  });

  test('a socket that opens while the browser asks for devices does not join twice', async () => {
    const room = setup();
    const joining = room.client.join();
    room.reopen();
    await joining;
    expect(room.joins()).toBe(1);
    room.client.leave();
  });

  test('follows the map of slots without another offer', async () => {
    const room = await inside();
    room.say({ type: 'room.tracks', tracks: [{ mid: '5', participant_id: 'p1', kind: 'video' }] });
    await settle();
    expect(room.sent.filter((m) => m.type === 'room.offer')).toHaveLength(1);
    const shown = () => room.client.getSnapshot().participants.find((p) => p.id === 'p1');
    const before = shown()?.video;
    expect(before).not.toBeNull();
    room.say({ type: 'room.participants', changed: [{ ...chair, mic: false }], left: [] });
    expect(shown()?.video).toBe(before);
    expect(shown()?.mic).toBe(false);
    room.say({ type: 'room.participants', changed: [], left: ['p1'] });
    expect(shown()).toBeUndefined();
    room.client.leave();
  });

  test('shows who speaks, over the pauses between words', async () => {
    const room = await inside();
    const receiver = room.last().transceivers[2]?.receiver;
    if (!receiver) throw new Error('no slot');
    room.say({ type: 'room.tracks', tracks: [{ mid: '2', participant_id: 'p1', kind: 'audio' }] });
    const speaks = () => room.client.getSnapshot().participants.find((p) => p.id === 'p1')?.speaking;
    receiver.level = 0.3;
    await vi.advanceTimersByTimeAsync(listenEvery);
    expect(speaks()).toBe(true);
    receiver.level = 0;
    await vi.advanceTimersByTimeAsync(speaksFor / 2);
    expect(speaks()).toBe(true);
    await vi.advanceTimersByTimeAsync(speaksFor);
    expect(speaks()).toBe(false);
    room.client.leave();
  });

  test('the camera is released when off, the microphone goes silent, both without a new offer', async () => {
    const room = await inside();
    const [mic, camera] = room.last().transceivers.map((t) => t.sender.track);
    await room.client.setCamera(false);
    await room.client.setMic(false);
    expect(camera?.readyState).toBe('ended');
    expect([mic?.readyState, mic?.enabled]).toEqual(['live', false]);
    expect(room.sent.at(-1)).toEqual({ type: 'room.media', mic: false, camera: false, screen: false });
    await room.client.setCamera(true);
    expect(room.last().transceivers[1]?.sender.track?.readyState).toBe('live');
    expect(room.sent.filter((m) => m.type === 'room.offer')).toHaveLength(1);
    room.client.leave();
  });

  test('a device that fails is told and left off; the room is joined all the same', async () => {
    const blocked = new DOMException('', 'NotAllowedError');
    const room = setup({ getUserMedia: () => Promise.reject(blocked) });
    await room.client.join();
    expect(room.sent[0]).toMatchObject({ mic: false, camera: false });
    expect(room.client.getSnapshot().deviceError?.error).toBe(blocked);
    room.client.leave();
  });

  test('muted by the chair: silent at once, on again only by oneself', async () => {
    const room = await inside();
    room.say({ type: 'room.muted', by: 'Nguyễn Hữu Thành' });
    expect(room.last().transceivers[0]?.sender.track?.enabled).toBe(false);
    expect(room.client.getSnapshot()).toMatchObject({ mic: false, mutedBy: 'Nguyễn Hữu Thành' });
    await room.client.setMic(true);
    expect(room.last().transceivers[0]?.sender.track?.enabled).toBe(true);
    expect(room.client.getSnapshot()).toMatchObject({ mic: true, mutedBy: '' });
    room.client.leave();
  });

  test('joins again after media failed, with growing pauses', async () => {
    const room = await inside();
    room.last().become('failed');
    expect(room.client.getSnapshot().phase).toBe('reconnecting');
    expect(room.last().closed).toBe(true);
    await vi.advanceTimersByTimeAsync(timing.firstPause);
    expect(room.joins()).toBe(2);
    room.say({ type: 'room.error', of: 'room.join', key: 'conference.other_node' });
    await vi.advanceTimersByTimeAsync(timing.firstPause);
    expect(room.joins()).toBe(2);
    await vi.advanceTimersByTimeAsync(timing.firstPause);
    expect(room.joins()).toBe(3);
    room.say(joined);
    expect(room.client.getSnapshot().phase).toBe('joined');
    room.client.leave();
  });

  test('a short break of the line mends itself; a long one joins anew', async () => {
    const room = await inside();
    room.last().become('disconnected');
    expect(room.client.getSnapshot().media).toBe('broken');
    room.last().become('connected');
    await vi.advanceTimersByTimeAsync(mendWithin * 2);
    expect(room.joins()).toBe(1);
    room.last().become('disconnected');
    await vi.advanceTimersByTimeAsync(mendWithin + timing.firstPause);
    expect(room.joins()).toBe(2);
    room.client.leave();
  });

  test('joins anew on a new socket, and waits while there is none', async () => {
    const room = await inside();
    room.reopen();
    expect(room.joins()).toBe(2);
    expect(room.connections[0]?.closed).toBe(true);
    room.say(joined);
    room.road.up = false;
    room.last().become('failed');
    await vi.advanceTimersByTimeAsync(timing.longestPause * 4);
    expect(room.joins()).toBe(2);
    room.road.up = true;
    room.reopen();
    expect(room.joins()).toBe(3);
    room.client.leave();
  });

  test('an answer that does not come is asked for again', async () => {
    const room = setup();
    await room.client.join();
    await vi.advanceTimersByTimeAsync(timing.joinWithin + timing.firstPause);
    expect(room.joins()).toBe(2);
    room.client.leave();
  });

  test('a broken line looks for a new way, before the room is joined anew', async () => {
    const room = await inside();
    room.last().become('disconnected');
    await settle();
    expect(room.client.getSnapshot().media).toBe('broken');
    expect(room.sent.filter((m) => m.type === 'room.offer')).toHaveLength(2);
    room.last().become('connected');
    await vi.advanceTimersByTimeAsync(mendWithin + timing.firstPause);
    expect(room.joins()).toBe(1);
    room.client.leave();
  });

  test('a description the browser refuses joins anew', async () => {
    const room = await inside();
    room.last().failing = true;
    room.say({ type: 'room.answer', sdp: 'garbage' });
    await vi.advanceTimersByTimeAsync(timing.firstPause);
    expect(room.joins()).toBe(2);
    room.client.leave();
  });

  test.each([
    [{ type: 'room.error', of: 'room.join', key: 'meeting.too_early' } as const, 'meeting.too_early'],
    [{ type: 'room.closed', reason: 'replaced' } as const, 'replaced'],
    [{ type: 'room.closed', reason: 'meeting_closed' } as const, 'meeting_closed'],
  ])('ends for good: %o', async (message, reason) => {
    const room = await inside();
    const track = room.last().transceivers[1]?.sender.track;
    room.say(message);
    expect(room.client.getSnapshot()).toMatchObject({ phase: 'failed', reason, participants: [] });
    expect(track?.readyState).toBe('ended');
    await vi.advanceTimersByTimeAsync(timing.longestPause * 2);
    expect(room.joins()).toBe(1);
  });

  test('leaving lets everything go, also while the browser still asks', async () => {
    const room = await inside();
    room.client.leave();
    expect(room.sent.at(-1)).toEqual({ type: 'room.leave' });
    expect(room.client.getSnapshot().phase).toBe('left');
    expect(room.last().closed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);

    const track = new FakeTrack('audio');
    const late = setup({
      camera: false,
      getUserMedia: () => Promise.resolve(new FakeStream([track]) as unknown as MediaStream),
    });
    const joining = late.client.join();
    late.client.leave();
    await joining;
    expect(track.readyState).toBe('ended');
    expect(late.joins()).toBe(0);
  });
});
