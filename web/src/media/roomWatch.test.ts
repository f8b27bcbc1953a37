import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { mendWithin } from './connection';
import { FakeStream } from './fakes';
import { inside, joined, settle } from './testRoom';
import { OnScreen } from './view';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
type Room = Awaited<ReturnType<typeof inside>>;
const offers = (room: Room) => room.sent.filter((m) => m.type === 'room.offer').length;
const loss = (room: Room) => room.client.getSnapshot().loss;

/** Milliseconds until `done`, in turns of 100. */
async function until(done: () => boolean, most: number): Promise<number> {
  for (let ms = 0; ms <= most; ms += 100) {
    if (done()) return ms;
    await pass(100);
  }
  return Number.POSITIVE_INFINITY;
}

describe('a line that breaks', () => {
  test('nothing is said while all is well, for as long as it lasts', async () => {
    const room = await inside();
    const said = vi.fn();
    room.client.subscribe(said);
    await pass(120_000);
    expect(said).not.toHaveBeenCalled();
    expect(offers(room)).toBe(1);
    room.client.leave();
  });

  test('a flicker says nothing and mends nothing', async () => {
    const room = await inside();
    await pass(5000);
    room.last().frozen = true;
    await pass(1400);
    room.last().frozen = false;
    await pass(20_000);
    expect(loss(room)).toBe('none');
    expect([offers(room), room.joins(), room.road.nudges]).toEqual([1, 1, 0]);
    room.client.leave();
  });

  test('silence looks for a new way, is told within three seconds, and joins anew within five', async () => {
    const room = await inside();
    await pass(5000);
    room.last().frozen = true;
    let restartAt = 0;
    const toldAt = await until(() => {
      if (restartAt === 0 && offers(room) === 2) restartAt = 1;
      return loss(room) === 'media';
    }, 5000);
    expect(toldAt).toBeLessThanOrEqual(3000);
    expect(restartAt).toBe(1);
    expect(room.road.nudges).toBe(1);
    const more = await until(() => room.joins() === 2, 6000);
    expect(toldAt + more).toBeLessThanOrEqual(5000);
    room.say(joined);
    await settle();
    room.last().become('connected');
    await pass(3000);
    expect(loss(room)).toBe('none');
    room.client.leave();
  });

  test('a new way that is found ends it without joining anew', async () => {
    const room = await inside();
    await pass(5000);
    room.last().frozen = true;
    await until(() => offers(room) === 2, 4000);
    room.last().frozen = false;
    await pass(mendWithin * 3);
    expect([offers(room), room.joins()]).toEqual([2, 1]);
    expect(loss(room)).toBe('none');
    room.client.leave();
  });

  test('another network asks socket and media at once', async () => {
    const room = await inside();
    await pass(5000);
    room.changeNetwork();
    await settle();
    expect([offers(room), room.road.nudges]).toEqual([2, 1]);
    room.changeNetwork();
    await settle();
    expect(offers(room), 'one search at a time').toBe(2);
    room.client.leave();
  });

  test('a socket that is away is told, media go on', async () => {
    const room = await inside();
    await pass(5000);
    room.road.up = false;
    expect(await until(() => loss(room) === 'server', 5000)).toBeLessThanOrEqual(3000);
    expect(room.client.getSnapshot().media).toBe('connected');
    room.road.up = true;
    room.reopen();
    room.say(joined);
    await settle();
    room.last().become('connected');
    await pass(3000);
    expect(loss(room)).toBe('none');
    room.client.leave();
  });

  test('only the papers are left when nothing comes for ten seconds, until it comes again', async () => {
    const room = await inside();
    await pass(5000);
    room.road.up = false;
    room.last().become('failed');
    await pass(12_000);
    expect(room.client.getSnapshot().stage).toBe('papers');
    room.road.up = true;
    room.reopen();
    room.say(joined);
    await settle();
    room.last().become('connected');
    await pass(4000);
    expect(room.client.getSnapshot().stage).toBe('full');
    expect(room.sent.filter((m) => m.type === 'room.media').at(-1)).toMatchObject({ camera: true });
    room.client.leave();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a line that loses half asks for less step by step, and for everything again', async () => {
    const view = new OnScreen();
    const room = await inside({ view });
    const stage = () => room.client.getSnapshot().stage;
    view.show({}, { participant: 'p1', stream: null, height: 720 });
    room.say({ type: 'room.tracks', tracks: [{ mid: '5', participant_id: 'p1', kind: 'video' }] });
    await pass(2000);
    const views = () => room.sent.flatMap((m) => (m.type === 'room.view' ? [m.main_height] : []));
    expect(views().at(-1)).toBe(720);
    room.last().losing = true;
    await pass(60_000);
    expect(stage()).toBe('sound');
    expect(views().slice(-4)).toEqual([720, 360, 180, 0]);
    const media = () => room.sent.filter((m) => m.type === 'room.media').at(-1);
    expect(media()).toMatchObject({ mic: true, camera: false });
    expect(room.client.getSnapshot().camera, 'on for the person').toBe(true);
    room.last().losing = false;
    await pass(120_000);
    expect(stage()).toBe('full');
    expect(views().slice(-3)).toEqual([180, 360, 720]);
    expect(media()).toMatchObject({ camera: true });
    expect(room.joins()).toBe(1);
    room.client.leave();
  });
});
