import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LiveMessage } from '../live/client';
import { judge, measure, onlyWay, technicalLines, type Way } from './connectionFigures';
import { ConnectionTest, testTiming } from './connectionTest';
import { FakeConnection, FakeTrack } from './fakes';

const answer = [
  'v=0',
  'a=candidate:1 1 udp 2130706431 10.0.0.1 7882 typ host',
  'a=candidate:2 1 tcp 1671430143 10.0.0.1 7882 typ host tcptype passive',
  '',
].join('\r\n');

describe('figures', () => {
  test('the answer is cut down to one way', () => {
    expect(onlyWay(answer, 'udp')).not.toContain(' tcp ');
    expect(onlyWay(answer, 'tcp')).not.toContain(' udp ');
    expect(onlyWay('v=0\r\na=candidate:1 1 udp 1 10.0.0.1 7882 typ host\r\n', 'tcp')).toBeNull();
  });

  const report = (...entries: Record<string, unknown>[]) =>
    new Map(entries.map((e, i) => [String(e['id'] ?? i), { id: String(i), type: '', ...e }]));

  test('losses up and down are told apart', () => {
    const up = [
      report({ type: 'outbound-rtp', packetsSent: 0 }, { type: 'remote-inbound-rtp', packetsLost: 0 }),
      report({ type: 'outbound-rtp', packetsSent: 1000 }, { type: 'remote-inbound-rtp', packetsLost: 100 }),
    ] as const;
    const down = [
      report({ type: 'inbound-rtp', packetsReceived: 0, packetsLost: 0, bytesReceived: 0 }),
      report(
        { type: 'inbound-rtp', packetsReceived: 810, packetsLost: 190, bytesReceived: 1_000_000, jitter: 0.012 },
        { type: 'candidate-pair', nominated: true, localCandidateId: 'L' },
        { id: 'L', type: 'local-candidate', candidateType: 'relay', protocol: 'udp' },
      ),
    ] as const;
    const found = measure(up, down, [40, 500, 45], 8000);
    expect(found.lostUp).toBeCloseTo(0.1);
    expect(found.lostDown).toBeCloseTo(0.1);
    expect(found).toMatchObject({ roundTrip: 45, jitter: 12, rate: 1000, way: 'relay' });
  });

  const fine = { lostUp: 0, lostDown: 0, roundTrip: 30, jitter: 2, rate: 900, way: 'udp' as Way };
  const ok = { state: 'ok', ms: 50 } as const;
  const failed = { state: 'failed' } as const;
  test.each([
    ['good', true, { udp: ok, tcp: ok }, fine],
    ['fair', true, { udp: ok }, { ...fine, lostDown: 0.05 }],
    ['fair', true, { udp: ok }, { ...fine, roundTrip: 350 }],
    ['poor', true, { udp: ok }, { ...fine, lostUp: 0.2 }],
    ['poor', true, { udp: failed, tcp: ok }, { ...fine, roundTrip: 900 }],
    ['narrow', true, { udp: failed, tcp: ok }, fine],
    ['blocked', true, { udp: failed, tcp: failed, relay: failed }, null],
    ['blocked', true, { udp: ok }, null],
    ['no_socket', false, {}, null],
  ] as const)('%s', (verdict, socket, ways, measured) => {
    expect(judge(socket, ways, measured)).toBe(verdict);
  });

  test('everything is there for the technician', () => {
    const text = technicalLines(
      { at: '2026-11-23', host: 'hop.example.vn', browser: 'Firefox' },
      { ok: true, ms: 12 },
      { udp: failed, tcp: ok, relay: { state: 'absent' } },
      { ...fine, lostUp: 0.034 },
      'narrow',
    );
    for (const part of ['hop.example.vn', 'udp: failed', 'tcp: ok 50 ms', 'relay: absent', 'loss up: 3.4 %', 'narrow'])
      expect(text).toContain(part);
  });
});

/** A server that answers, and connections that come up over the ways that are open. */
function setup(open: Way[], options: { silent?: boolean; refuses?: string; relay?: boolean } = {}) {
  const said: LiveMessage[] = [];
  const handlers = new Set<(m: LiveMessage) => void>();
  const tell = (m: LiveMessage) =>
    queueMicrotask(() => {
      for (const handle of [...handlers]) handle(m);
    });
  const connections: FakeConnection[] = [];
  const track = new FakeTrack('audio');
  const test = new ConnectionTest({
    road: {
      isOpen: !options.silent,
      on: (_, handle) => {
        handlers.add(handle);
        return () => handlers.delete(handle);
      },
      send: (m) => {
        said.push(m);
        if (options.silent) return false;
        if (m.type === 'room.test' && options.refuses)
          tell({ type: 'room.error', of: 'room.test', key: options.refuses });
        else if (m.type === 'room.test')
          tell({ type: 'room.test_ready', ice_servers: options.relay ? [{ urls: ['turn:x'] }] : [] });
        if (m.type === 'room.test_offer') tell({ type: 'room.test_answer', part: m['part'], sdp: answer });
        return true;
      },
    },
    media: () => ({ tracks: [track as unknown as MediaStreamTrack], stop: () => track.stop() }),
    connect: (config) => {
      const made = new FakeConnection();
      connections.push(made);
      const relayed = config?.iceTransportPolicy === 'relay';
      const take = made.setRemoteDescription.bind(made);
      made.setRemoteDescription = async (d) => {
        await take(d);
        const ways: Way[] = relayed ? ['relay'] : (['udp', 'tcp'] as const).filter((w) => d.sdp.includes(` ${w} `));
        if (ways.some((way) => open.includes(way))) queueMicrotask(() => made.become('connected'));
      };
      return made as unknown as RTCPeerConnection;
    },
  });
  return { test, said, connections, track, parts: () => said.flatMap((m) => m['part'] ?? []) };
}

describe('ConnectionTest', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const finish = async (bench: ReturnType<typeof setup>) => {
    const running = bench.test.start();
    await vi.advanceTimersByTimeAsync(testTiming.connectWithin * 6 + testTiming.measureFor);
    await running;
    return bench.test.getSnapshot();
  };

  test('tries every way by itself, then measures with what comes back', async () => {
    const bench = setup(['udp', 'tcp', 'relay'], { relay: true });
    const steps: (string | null)[] = [];
    bench.test.subscribe(() => steps.push(bench.test.getSnapshot().step));
    const done = await finish(bench);
    expect([...new Set(steps)]).toEqual(['socket', 'udp', 'tcp', 'relay', 'quality', null]);
    expect(bench.parts()).toEqual(['udp', 'tcp', 'relay', 'send', 'receive']);
    expect(done.phase).toBe('done');
    expect(Object.values(done.ways).map((w) => w.state)).toEqual(['ok', 'ok', 'ok']);
    expect(done.quality?.way).toBe('udp');
    expect(done.progress).toBe(1);
    expect(done.verdict).toBe('good');
    expect(bench.said.at(-1)).toEqual({ type: 'room.test_end' });
    expect(bench.connections.every((c) => c.closed)).toBe(true);
    expect(bench.track.readyState).toBe('ended');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a blocked way is told, and what the server does not offer', async () => {
    const done = await finish(setup(['tcp']));
    expect(done.ways).toMatchObject({ udp: { state: 'failed' }, tcp: { state: 'ok' }, relay: { state: 'absent' } });
    expect(done.verdict).toBe('narrow');
  });

  test('nothing gets through', async () => {
    const bench = setup([], { relay: true });
    const done = await finish(bench);
    expect(done).toMatchObject({ verdict: 'blocked', quality: null, phase: 'done' });
    expect(bench.parts()).not.toContain('send');
  });

  test('no socket', async () => {
    const done = await finish(setup([], { silent: true }));
    expect(done).toMatchObject({ verdict: 'no_socket', refused: '', socket: { ok: false } });
  });

  test('a server that does not let it begin says why', async () => {
    const done = await finish(setup([], { refuses: 'conference.test_busy' }));
    expect(done).toMatchObject({ phase: 'done', refused: 'conference.test_busy', verdict: null });
  });

  test('cancelling ends everything, and another test begins anew', async () => {
    const bench = setup(['udp', 'tcp']);
    const running = bench.test.start();
    await vi.advanceTimersByTimeAsync(testTiming.warmUp);
    expect(bench.test.getSnapshot().step).toBe('quality');
    bench.test.cancel();
    expect(bench.test.getSnapshot()).toMatchObject({ phase: 'cancelled', ways: { udp: { state: 'ok' } } });
    expect(bench.connections.every((c) => c.closed)).toBe(true);
    await vi.advanceTimersByTimeAsync(testTiming.measureFor * 2);
    await running;
    expect(bench.test.getSnapshot().phase).toBe('cancelled');
    expect(bench.track.readyState).toBe('ended');
    expect((await finish(bench)).verdict).toBe('good');
  });
});
