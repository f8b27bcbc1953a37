import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeStream, type FakeTrack } from './fakes';
import { inside } from './testRoom';

const heard = { peak: 0.01, level: 0.2 };
const ears: { of: unknown; closed: boolean }[] = [];

/** In a room, with a microphone that hears `heard`. */
async function listening() {
  return await inside({
    listen: (track) => {
      const ear = { of: track, closed: false };
      ears.push(ear);
      return {
        read: () => heard,
        close: () => {
          ear.closed = true;
        },
      };
    },
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
  Object.assign(heard, { peak: 0.01, level: 0.2 });
  ears.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

type Room = Awaited<ReturnType<typeof listening>>;
const trouble = (room: Room) => room.client.getSnapshot().micTrouble;
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('the own microphone', () => {
  test('that gives nothing is told, and heals', async () => {
    const room = await listening();
    await pass(2000);
    expect(trouble(room)).toBeNull();
    heard.peak = 0;
    await pass(5500);
    expect(trouble(room)).toBe('silent');
    heard.peak = 0.1;
    await pass(200);
    expect(trouble(room)).toBeNull();
    room.client.leave();
    expect(ears.every((ear) => ear.closed)).toBe(true);
  });

  test('that is unplugged is told; opening it again hears the new one', async () => {
    const room = await listening();
    const track = room.last().transceivers[0]?.sender.track as FakeTrack;
    track.stop();
    await pass(200);
    expect(trouble(room)).toBe('gone');
    await room.client.setMic(true);
    await pass(200);
    expect(trouble(room)).toBeNull();
    expect(ears.map((ear) => ear.closed)).toEqual([true, false]);
    room.client.leave();
  });

  test('speaking while it is off gives a hint, unless one may not speak', async () => {
    const room = await listening();
    await room.client.setMic(false);
    heard.level = 0.7;
    await pass(1500);
    expect(trouble(room)).toBe('talking_muted');
    room.say({ type: 'room.rights', mic: false, camera: true, screen: true });
    await pass(60_000);
    expect(trouble(room)).toBeNull();
    room.client.leave();
  });
});
