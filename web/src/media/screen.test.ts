import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeStream, FakeTrack } from './fakes';
import { chair, inside, me } from './testRoom';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function screen(sound: boolean) {
  const tracks = [new FakeTrack('video'), ...(sound ? [new FakeTrack('audio')] : [])];
  return { tracks, open: () => Promise.resolve(new FakeStream(tracks) as unknown as MediaStream) };
}

async function showing(sound = true) {
  const captured = screen(sound);
  const room = await inside({ getDisplayMedia: captured.open });
  await room.client.setScreen(true);
  return { ...room, captured };
}

describe('showing a screen', () => {
  test('goes out on m-lines that were there from the start, picture and sound', async () => {
    const room = await showing();
    const roles = room.sent.flatMap((m) => (m.type === 'room.offer' ? [m.roles] : []));
    expect(roles).toHaveLength(1);
    const senders = room.last().transceivers.slice(-2);
    expect(senders.map((t) => roles[0]?.[t.mid ?? ''])).toEqual(['screen', 'screen_sound']);
    expect(senders.map((t) => t.sender.track)).toEqual(room.captured.tracks);
    expect(room.captured.tracks[0]?.contentHint).toBe('detail');
    expect(room.sent.at(-1)).toEqual({ type: 'room.media', mic: true, camera: true, screen: true });
    expect(room.client.getSnapshot().shown).toMatchObject({ participantId: 'me', self: true, sound: null });
    room.client.leave();
    expect(room.captured.tracks.map((t) => t.readyState)).toEqual(['ended', 'ended']);
  });

  test('ends by the button of the room and by that of the browser', async () => {
    const room = await showing(false);
    await room.client.setScreen(false);
    expect(room.captured.tracks[0]?.readyState).toBe('ended');
    expect(room.last().transceivers.at(-2)?.sender.track).toBeNull();
    expect(room.client.getSnapshot()).toMatchObject({ screen: false, shown: null });
    room.client.leave();

    const other = await showing();
    other.captured.tracks[0]?.onended?.();
    expect(other.client.getSnapshot().screen).toBe(false);
    expect(other.sent.at(-1)).toMatchObject({ type: 'room.media', screen: false });
    other.client.leave();
  });

  test('ends when somebody else begins, and says who', async () => {
    const room = await showing();
    room.say({ type: 'room.screen_ended', by: 'Nguyễn Hữu Thành' });
    expect(room.captured.tracks[0]?.readyState).toBe('ended');
    expect(room.client.getSnapshot()).toMatchObject({ screen: false, screenEndedBy: 'Nguyễn Hữu Thành' });
    room.client.leave();
  });

  test('ends with the right to it, and cannot begin without', async () => {
    const room = await showing();
    room.say({ type: 'room.rights', mic: true, camera: true, screen: false });
    expect(room.client.getSnapshot()).toMatchObject({ screen: false, taken: { screen: 'no_right' } });
    await room.client.setScreen(true);
    expect(room.client.getSnapshot().screen).toBe(false);
    room.client.leave();
  });

  test('a right that goes while the person picks shows nothing', async () => {
    const captured = screen(true);
    let pick: () => void = () => undefined;
    const room = await inside({
      getDisplayMedia: () =>
        new Promise((resolve) => {
          pick = () => resolve(new FakeStream(captured.tracks) as unknown as MediaStream);
        }),
    });
    const begins = room.client.setScreen(true);
    room.say({ type: 'room.rights', mic: true, camera: true, screen: false });
    pick();
    await begins;
    expect(captured.tracks[0]?.readyState).toBe('ended');
    expect(room.client.getSnapshot().screen).toBe(false);
    room.client.leave();
  });

  test.each([
    ['NotAllowedError', 'Permission denied', false],
    ['NotAllowedError', 'Permission denied by system', true],
    ['NotReadableError', '', true],
  ])('%s "%s" is told: %s', async (name, message, told) => {
    const room = await inside({ getDisplayMedia: () => Promise.reject(new DOMException(message, name)) });
    await room.client.setScreen(true);
    expect(room.client.getSnapshot().deviceError?.kind).toBe(told ? 'screen' : undefined);
    expect(room.client.getSnapshot().screen).toBe(false);
    room.client.leave();
  });

  test('goes on after joining anew', async () => {
    const room = await showing();
    room.reopen();
    expect(room.sent.at(-1)).toMatchObject({ type: 'room.join', screen: true });
    room.say({
      type: 'room.joined',
      participant_id: 'me',
      leads: false,
      ice_servers: [],
      participants: [{ ...me, screen: true }],
    });
    expect(room.last().transceivers.at(-2)?.sender.track).toBe(room.captured.tracks[0]);
    room.client.leave();
  });

  test("another's screen and its sound are shown as soon as they are mapped", async () => {
    const room = await inside();
    room.say({ type: 'room.participants', changed: [{ ...chair, screen: true }], left: [] });
    expect(room.client.getSnapshot().shown).toEqual({ participantId: 'p1', self: false, stream: null, sound: null });
    room.say({
      type: 'room.tracks',
      tracks: [
        { mid: '14', participant_id: 'p1', kind: 'screen' },
        { mid: '15', participant_id: 'p1', kind: 'screen_sound' },
      ],
    });
    const { shown } = room.client.getSnapshot();
    expect(shown?.stream).not.toBeNull();
    expect(shown?.sound).not.toBeNull();
    room.client.leave();
  });
});
