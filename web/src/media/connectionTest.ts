import type { LiveClient } from '../live/client';
import type { MakeConnection } from './connection';
import { type Judged, judge, type Measured, measure, onlyWay, type Way, type WayResult } from './connectionFigures';
import { reportOf } from './lineStats';
import type { SlotRole, WireIceServer } from './types';

/** The socket of the tab, as far as the test needs it. */
export type TestRoad = Pick<LiveClient, 'send' | 'on' | 'isOpen'>;

/** Sound and pictures that are sent for the test; never those of the person. */
export interface TestMedia {
  tracks: MediaStreamTrack[];
  stop(): void;
}

export interface TestOptions {
  road: TestRoad;
  media: () => TestMedia;
  /** For tests. */
  connect?: MakeConnection;
}

export type TestStep = 'socket' | Way | 'quality';
export const testSteps: readonly TestStep[] = ['socket', 'udp', 'tcp', 'relay', 'quality'];

export interface TestSnapshot {
  phase: 'idle' | 'running' | 'done' | 'cancelled';
  /** Running now. */
  step: TestStep | null;
  /** Of the last step, 0 to 1. */
  progress: number;
  socket: { ok: boolean; ms: number } | null;
  ways: Partial<Record<Way, WayResult>>;
  quality: Measured | null;
  /** Message key of the server, when it does not let the test begin. */
  refused: string;
  verdict: Judged | null;
}

/** Milliseconds. */
export const testTiming = {
  answerWithin: 5_000,
  connectWithin: 8_000,
  measureFor: 8_000,
  measureEvery: 500,
  /** The first moments of a connection say nothing about it. */
  warmUp: 1_500,
};

const idle: TestSnapshot = {
  phase: 'idle',
  step: null,
  progress: 0,
  socket: null,
  ways: {},
  quality: null,
  refused: '',
  verdict: null,
};

/** The test was ended meanwhile. */
class Stopped extends Error {}

/**
 * Tests the way to the media plane: socket, every way for media, then loss and round trip with sound and pictures
 * that come back. `cancel` ends it.
 */
export class ConnectionTest {
  private readonly listeners = new Set<() => void>();
  private snapshot = idle;
  private run: TestRun | null = null;

  constructor(private readonly options: TestOptions) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getSnapshot = (): TestSnapshot => this.snapshot;

  /** Runs the whole test; a test that runs is ended first. */
  async start(): Promise<void> {
    this.run?.stop();
    this.set({ ...idle, phase: 'running', step: 'socket' });
    const run = new TestRun(this.options, (change) => {
      if (this.run === run) this.set({ ...this.snapshot, ...change });
    });
    this.run = run;
    await run
      .work(() => this.snapshot.ways)
      .catch((error: unknown) => {
        if (!(error instanceof Stopped)) throw error;
      });
    if (this.run !== run) return;
    run.stop();
    this.run = null;
    const { socket, ways, quality, refused } = this.snapshot;
    const verdict = refused ? null : judge(socket?.ok ?? false, ways, quality);
    this.set({ ...this.snapshot, phase: 'done', step: null, verdict });
  }

  /** Ends the test; what is known so far stays. */
  cancel(): void {
    if (!this.run) return;
    this.run.stop();
    this.run = null;
    this.set({ ...this.snapshot, phase: 'cancelled', step: null });
  }

  private set(next: TestSnapshot): void {
    this.snapshot = next;
    for (const listener of [...this.listeners]) listener();
  }
}

/** One run. It owns its connections; after `stop` its steps end at the next turn. */
class TestRun {
  private readonly open = new Set<RTCPeerConnection>();
  private stopped = false;

  constructor(
    private readonly options: TestOptions,
    private readonly tell: (change: Partial<TestSnapshot>) => void,
  ) {}

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    for (const pc of this.open) this.drop(pc);
    this.options.road.send({ type: 'room.test_end' });
  }

  async work(known: () => TestSnapshot['ways']): Promise<void> {
    const { tell } = this;
    const began = Date.now();
    const ready = await this.ask('room.test', {}, (m) => m['type'] === 'room.test_ready');
    if ('refused' in ready) {
      tell({ refused: ready.refused, socket: { ok: ready.refused !== 'silent', ms: Date.now() - began } });
      if (ready.refused === 'silent') tell({ refused: '' });
      return;
    }
    tell({ socket: { ok: true, ms: Date.now() - began } });
    const servers = (ready.message['ice_servers'] ?? []) as WireIceServer[];
    for (const way of ['udp', 'tcp', 'relay'] as const) {
      tell({ step: way });
      const result = await this.try(way, servers);
      tell({ ways: { ...known(), [way]: result } });
    }
    if (!Object.values(known()).some((w) => w?.state === 'ok')) return;
    tell({ step: 'quality', progress: 0 });
    tell({ quality: await this.measure(servers, (progress) => tell({ progress })) });
  }

  /** Tries one way alone. */
  private async try(way: Way, servers: WireIceServer[]): Promise<WayResult> {
    if (way === 'relay' && servers.length === 0) return { state: 'absent' };
    const pc = this.make(way === 'relay' ? { iceServers: servers, iceTransportPolicy: 'relay' } : {});
    pc.addTransceiver('audio', { direction: 'recvonly' });
    const began = Date.now();
    try {
      const found = await this.connect(pc, way, 'voice', (sdp) => (way === 'relay' ? sdp : onlyWay(sdp, way)));
      return found === 'connected' ? { state: 'ok', ms: Date.now() - began } : { state: found };
    } finally {
      this.drop(pc);
    }
  }

  private async measure(servers: WireIceServer[], tell: (progress: number) => void): Promise<Measured | null> {
    const media = this.options.media();
    const sends = this.make({ iceServers: servers });
    const receives = this.make({ iceServers: servers });
    try {
      for (const track of media.tracks) sends.addTransceiver(track, { direction: 'sendonly' });
      receives.addTransceiver('audio', { direction: 'recvonly' });
      receives.addTransceiver('video', { direction: 'recvonly' });
      const both = await Promise.all([this.connect(sends, 'send', null), this.connect(receives, 'receive', 'voice')]);
      if (both.some((state) => state !== 'connected')) return null;
      await this.pause(testTiming.warmUp);
      const first = await Promise.all([sends.getStats(), receives.getStats()]);
      const trips: number[] = [];
      for (let passed = 0; passed < testTiming.measureFor; passed += testTiming.measureEvery) {
        await this.pause(testTiming.measureEvery);
        trips.push(...tripOf(await receives.getStats()));
        tell((passed + testTiming.measureEvery) / testTiming.measureFor);
      }
      const last = await Promise.all([sends.getStats(), receives.getStats()]);
      const [up, down] = [0, 1].map((i) => [reportOf(first[i] as never), reportOf(last[i] as never)] as const);
      return up && down ? measure(up, down, trips, testTiming.measureFor) : null;
    } finally {
      media.stop();
      this.drop(sends);
      this.drop(receives);
    }
  }

  /** Offers a connection as a part of the test and waits for the way through the network. */
  private async connect(
    pc: RTCPeerConnection,
    part: string,
    role: SlotRole | null,
    change: (sdp: string) => string | null = (sdp) => sdp,
  ): Promise<'connected' | 'failed' | 'absent'> {
    const offer = await pc.createOffer();
    await pc.setLocalDescription(offer);
    const roles: Record<string, SlotRole> = {};
    for (const { mid, receiver } of pc.getTransceivers()) {
      if (role && mid !== null) roles[mid] = receiver.track.kind === 'video' ? 'main' : role;
    }
    const sdp = offer.sdp ?? '';
    const own = (m: Record<string, unknown>) => m['type'] === 'room.test_answer' && m['part'] === part;
    const answer = await this.ask('room.test_offer', { part, sdp, roles }, own);
    if ('refused' in answer) return 'failed';
    const changed = change(String(answer.message['sdp'] ?? ''));
    if (changed === null) return 'absent';
    const found = new Promise<'connected' | 'failed'>((resolve) => {
      const timer = setTimeout(() => resolve('failed'), testTiming.connectWithin);
      pc.onconnectionstatechange = () => {
        if (pc.connectionState !== 'connected' && pc.connectionState !== 'failed') return;
        clearTimeout(timer);
        resolve(pc.connectionState);
      };
    });
    await pc.setRemoteDescription({ type: 'answer', sdp: changed });
    const state = await found;
    this.check();
    return state;
  }

  /** Says something and waits for its answer, a refusal, or silence. */
  private async ask(
    type: string,
    fields: Record<string, unknown>,
    isAnswer: (message: Record<string, unknown>) => boolean,
  ): Promise<{ message: Record<string, unknown> } | { refused: string }> {
    this.check();
    const { road } = this.options;
    return await new Promise((resolve) => {
      const done = (result: { message: Record<string, unknown> } | { refused: string }) => {
        clearTimeout(timer);
        off();
        resolve(result);
      };
      const off = road.on('room.', (m) => {
        if (isAnswer(m)) done({ message: m });
        else if (m.type === 'room.error' && m['of'] === type) done({ refused: String(m['key']) });
      });
      const timer = setTimeout(() => done({ refused: 'silent' }), testTiming.answerWithin);
      if (!road.send({ type, ...fields })) done({ refused: 'silent' });
    });
  }

  private make(config: RTCConfiguration): RTCPeerConnection {
    this.check();
    const make: MakeConnection = this.options.connect ?? ((c) => new RTCPeerConnection(c));
    const pc = make({ ...config, bundlePolicy: 'max-bundle' });
    this.open.add(pc);
    return pc;
  }

  private drop(pc: RTCPeerConnection): void {
    pc.onconnectionstatechange = null;
    pc.close();
    this.open.delete(pc);
  }

  private async pause(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.check();
  }

  private check(): void {
    if (this.stopped) throw new Stopped();
  }
}

/** Round trip of the way that is used, in milliseconds; nothing while it is unknown. */
function tripOf(stats: RTCStatsReport): number[] {
  const trips: number[] = [];
  for (const entry of stats.values()) {
    const pair = entry as RTCIceCandidatePairStats;
    if (pair.type === 'candidate-pair' && pair.nominated && pair.currentRoundTripTime !== undefined) {
      trips.push(pair.currentRoundTripTime * 1000);
    }
  }
  return trips;
}
