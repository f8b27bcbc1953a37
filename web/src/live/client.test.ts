import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LiveClient, type SocketLike, timing } from './client';

class FakeSocket implements SocketLike {
  readyState = 1;
  sent: unknown[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onerror: (() => void) | null = null;
  send(data: string) {
    this.sent.push(JSON.parse(data));
  }
  close() {
    this.closed = true;
  }
  say(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  cut(code = 1006) {
    this.onclose?.({ code });
  }
}

let sockets: FakeSocket[] = [];
let reachable = true;

function make() {
  return new LiveClient({
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    probe: () => (reachable ? Promise.resolve() : Promise.reject(new Error('down'))),
    random: () => 1,
  });
}

function last(): FakeSocket {
  const socket = sockets.at(-1);
  if (!socket) throw new Error('no socket was opened');
  return socket;
}

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  reachable = true;
});
afterEach(() => {
  vi.useRealTimers();
});

describe('LiveClient', () => {
  test('subscribes after hello and tells each handler once per hint', () => {
    const client = make();
    const changed = vi.fn();
    client.watch('agency:1', changed);
    client.watch('person:1', changed);
    client.start();
    expect(last().sent).toEqual([]);
    last().say({ type: 'hello', epoch: 'a', seq: 3 });
    expect(last().sent).toEqual([{ type: 'subscribe', topics: ['agency:1', 'person:1'] }]);
    last().say({ type: 'changed', seq: 4, topics: ['agency:1', 'person:1', 'delivery:9'] });
    expect(changed).toHaveBeenCalledTimes(1);
    expect(client.status).toBe('live');
    client.stop();
  });

  test('a later watch subscribes at once, the last one to leave unsubscribes', () => {
    const client = make();
    client.start();
    last().say({ type: 'hello', epoch: 'a', seq: 0 });
    const first = client.watch('meeting:1', () => undefined);
    const second = client.watch('meeting:1', () => undefined);
    first();
    second();
    expect(last().sent.slice(1)).toEqual([
      { type: 'subscribe', topics: ['meeting:1'] },
      { type: 'unsubscribe', topics: ['meeting:1'] },
    ]);
    client.stop();
  });

  test('comes back with growing pauses and resumes from the last hint', async () => {
    const client = make();
    client.watch('agency:1', () => undefined);
    client.start();
    last().say({ type: 'hello', epoch: 'a', seq: 3 });
    last().say({ type: 'changed', seq: 7, topics: ['agency:1'] });
    last().cut();
    await vi.advanceTimersByTimeAsync(timing.firstPause);
    expect(sockets).toHaveLength(2);
    last().cut();
    await vi.advanceTimersByTimeAsync(timing.firstPause);
    expect(sockets).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(timing.firstPause);
    expect(sockets).toHaveLength(3);
    last().say({ type: 'hello', epoch: 'a', seq: 9 });
    expect(last().sent[0]).toEqual({ type: 'subscribe', topics: ['agency:1'], epoch: 'a', seq: 7 });
    client.stop();
  });

  test('another epoch means that hints were lost: everything is read again', () => {
    const client = make();
    const changed = vi.fn();
    client.watch('agency:1', changed);
    client.start();
    last().say({ type: 'hello', epoch: 'a', seq: 3 });
    last().cut();
    vi.advanceTimersByTime(timing.firstPause);
    last().say({ type: 'hello', epoch: 'b', seq: 0 });
    expect(changed).toHaveBeenCalledTimes(1);
    last().say({ type: 'reset' });
    expect(changed).toHaveBeenCalledTimes(2);
    client.stop();
  });

  test('no hello behind a proxy that buffers: reads again every 15 seconds', async () => {
    const client = make();
    const changed = vi.fn();
    client.watch('agency:1', changed);
    client.start();
    await vi.advanceTimersByTimeAsync(timing.helloWithin + timing.offlineAfter);
    expect(client.status).toBe('polling');
    changed.mockClear();
    await vi.advanceTimersByTimeAsync(timing.pollEvery);
    expect(changed).toHaveBeenCalled();
    client.stop();
  });

  test('says offline only after four seconds, and comes back', async () => {
    const client = make();
    client.start();
    last().say({ type: 'hello', epoch: 'a', seq: 0 });
    reachable = false;
    last().cut();
    await vi.advanceTimersByTimeAsync(timing.offlineAfter - 100);
    expect(client.status).toBe('live');
    await vi.advanceTimersByTimeAsync(200);
    expect(client.status).toBe('offline');
    last().say({ type: 'hello', epoch: 'a', seq: 0 });
    expect(client.status).toBe('live');
    client.stop();
  });

  test('tells when hints begin, not when they go on after a cut', async () => {
    const client = make();
    const begun = vi.fn();
    client.onBeginning(begun);
    client.start();
    last().say({ type: 'hello', epoch: 'a', seq: 0 });
    expect(begun).toHaveBeenCalledTimes(1);
    last().cut();
    await vi.advanceTimersByTimeAsync(timing.firstPause);
    last().say({ type: 'hello', epoch: 'a', seq: 0 });
    expect(begun).toHaveBeenCalledTimes(1);
    client.stop();
  });

  test('a session that was ended is noticed at once', () => {
    const client = make();
    const changed = vi.fn();
    client.watch('person:1', changed);
    client.start();
    last().say({ type: 'hello', epoch: 'a', seq: 0 });
    last().cut(1008);
    expect(changed).toHaveBeenCalledTimes(1);
    client.stop();
  });

  test('a short cut is never told', async () => {
    const client = make();
    const seen = vi.fn();
    client.start();
    last().say({ type: 'hello', epoch: 'a', seq: 0 });
    client.onStatus(seen);
    last().cut();
    await vi.advanceTimersByTimeAsync(timing.firstPause);
    last().say({ type: 'hello', epoch: 'a', seq: 0 });
    await vi.advanceTimersByTimeAsync(timing.offlineAfter * 2);
    expect(seen).not.toHaveBeenCalled();
    client.stop();
  });

  test('passes messages of the room, and refuses to send without a socket', () => {
    const client = make();
    const heard = vi.fn();
    client.on('room.', heard);
    expect(client.send({ type: 'room.join', meeting_id: '1' })).toBe(false);
    client.start();
    last().say({ type: 'hello', epoch: 'a', seq: 0 });
    expect(client.send({ type: 'room.join', meeting_id: '1' })).toBe(true);
    last().say({ type: 'room.joined', participant_id: 'p' });
    expect(heard).toHaveBeenCalledWith({ type: 'room.joined', participant_id: 'p' });
    client.stop();
    expect(last().closed).toBe(true);
  });

  test('a socket that fell silent is given up', async () => {
    const client = make();
    client.start();
    last().say({ type: 'hello', epoch: 'a', seq: 0 });
    await vi.advanceTimersByTimeAsync(timing.silentAfter + timing.pingEvery * 2);
    expect(sockets.length).toBeGreaterThan(1);
    client.stop();
  });
});

describe('nudge', () => {
  function greeted() {
    const client = make();
    client.start();
    last().say({ type: 'hello', epoch: 'a', seq: 0 });
    return client;
  }

  test('a socket that gives a sign of life stays', () => {
    const client = greeted();
    client.nudge();
    expect(last().sent.at(-1)).toEqual({ type: 'ping' });
    last().say({ type: 'pong' });
    vi.advanceTimersByTime(timing.answerWithin * 2);
    expect(sockets).toHaveLength(1);
    expect(client.isOpen).toBe(true);
    client.stop();
  });

  test('one that is dead without knowing is replaced soon', () => {
    const client = greeted();
    vi.advanceTimersByTime(100);
    client.nudge();
    client.nudge();
    vi.advanceTimersByTime(timing.answerWithin + timing.firstPause);
    expect(sockets).toHaveLength(2);
    expect(sockets[0]?.closed).toBe(true);
    client.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
