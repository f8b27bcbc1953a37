import { type Report, reportOf } from './lineStats';
import type { LocalMedia } from './localMedia';
import { type LayeredKind, Publisher } from './publisher';
import type { ClientMessage, RoomStats, SendTrack, SlotRole, WireIceServer, WireTrack } from './types';

export type MakeConnection = (config: RTCConfiguration) => RTCPeerConnection;

export interface ConnectionEvents {
  send: (message: ClientMessage) => void;
  /** The streams behind `audio` and `video` may be others now. */
  changed: () => void;
  state: (state: 'connecting' | 'connected' | 'broken') => void;
  /** Nothing flows any more: join anew. */
  lost: () => void;
}

/**
 * How long a broken line may mend itself before the room is joined anew, in milliseconds. With the two seconds until
 * silence is noticed and the first pause, whoever has another network is back in the room within five.
 */
export const mendWithin = 2_000;

/**
 * What the one connection receives, once and for all: the server puts sources into these slots, so that
 * coming, going and a change of the floor need no new offer.
 */
const slots: { role: SlotRole; kind: 'audio' | 'video'; count: number }[] = [
  { role: 'voice', kind: 'audio', count: 3 },
  { role: 'main', kind: 'video', count: 1 },
  { role: 'tile', kind: 'video', count: 8 },
  { role: 'screen', kind: 'video', count: 1 },
  { role: 'screen_sound', kind: 'audio', count: 1 },
];

/**
 * One peer connection to the room. Its offer says all it will ever send and receive; a later one only
 * looks for a new way through the network. Descriptions are worked one after the other.
 */
export class RoomConnection {
  private readonly pc: RTCPeerConnection;
  private readonly publisher: Publisher;
  /** The m-lines whose purpose the server is told. */
  private readonly roles: { role: SlotRole; transceiver: RTCRtpTransceiver }[] = [];
  private readonly streams = new Map<MediaStreamTrack, MediaStream>();
  private tracks: WireTrack[] = [];
  private work: Promise<void> = Promise.resolve();
  private mendTimer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(
    make: MakeConnection,
    iceServers: WireIceServer[],
    local: LocalMedia,
    private readonly events: ConnectionEvents,
  ) {
    this.pc = make({ iceServers, bundlePolicy: 'max-bundle' });
    this.publisher = new Publisher(this.pc, local);
    for (const { role, kind, count } of slots) {
      for (let i = 0; i < count; i++) {
        const transceiver = this.pc.addTransceiver(kind, { direction: 'recvonly' });
        this.roles.push({ role, transceiver });
      }
    }
    this.roles.push(...this.publisher.addScreen());
    this.pc.onconnectionstatechange = () => this.follow();
    this.pc.ontrack = () => events.changed();
  }

  /** Offers: at first, and again to find a new way after the network changed. */
  start(restart = false): void {
    this.queue(async () => {
      const offer = await this.pc.createOffer({ iceRestart: restart });
      await this.pc.setLocalDescription(offer);
      const roles: Record<string, SlotRole> = {};
      for (const { role, transceiver } of this.roles) if (transceiver.mid !== null) roles[transceiver.mid] = role;
      this.events.send({ type: 'room.offer', sdp: offer.sdp ?? '', roles });
    });
  }

  answered(sdp: string): void {
    this.queue(() => this.pc.setRemoteDescription({ type: 'answer', sdp }));
  }

  /** Looks for a new way through the network; one that is not found in time is lost. */
  mend(): void {
    if (this.closed || this.mendTimer !== undefined) return;
    this.start(true);
    this.mendTimer = setTimeout(() => this.events.lost(), mendWithin);
  }

  /** Something arrives again. */
  mended(): void {
    clearTimeout(this.mendTimer);
    this.mendTimer = undefined;
  }

  /** What every m-line carries now. */
  mapped(tracks: WireTrack[]): void {
    this.tracks = tracks;
    this.events.changed();
  }

  /** Sends what the device gives now, without a new offer. */
  async publish(kind: SendTrack): Promise<void> {
    if (!this.closed) await this.publisher.publish(kind);
  }

  /** Sends only the layers that somebody watches. */
  layers(kind: LayeredKind, active: boolean[]): void {
    if (!this.closed) this.publisher.layers(kind, active);
  }

  /** Sends so many layers of the camera at most. */
  limit(most: number): void {
    if (!this.closed) this.publisher.limit(most);
  }

  /** Whether the line does not take somebody's picture. */
  paused(participantId: string, kind: WireTrack['kind'] = 'video'): boolean {
    return this.tracks.some((t) => t.participant_id === participantId && t.kind === kind && t.paused);
  }

  /** Whether a stream is a shown screen. */
  isScreen(stream: MediaStream): boolean {
    return this.tracks.some((t) => t.kind === 'screen' && this.stream(t.participant_id, t.kind) === stream);
  }

  /** The stream of a participant; the same object as long as the track is the same. */
  stream(participantId: string, kind: WireTrack['kind']): MediaStream | null {
    const receiver = this.receiver(participantId, kind);
    if (!receiver) return null;
    let stream = this.streams.get(receiver.track);
    if (!stream) {
      stream = new MediaStream([receiver.track]);
      this.streams.set(receiver.track, stream);
    }
    return stream;
  }

  /** How loud a participant is now, 0 to 1. */
  level(participantId: string): number {
    const [source] = this.receiver(participantId, 'audio')?.getSynchronizationSources?.() ?? [];
    return source && performance.now() + performance.timeOrigin - source.timestamp < 1000
      ? (source.audioLevel ?? 0)
      : 0;
  }

  /** When a sound or picture last came, on the clock of `Date.now`; 0 for never. */
  heardAt(): number {
    let last = 0;
    for (const { transceiver } of this.roles) {
      const [source] = transceiver.receiver.getSynchronizationSources?.() ?? [];
      if (source) last = Math.max(last, source.timestamp);
    }
    return last === 0 ? 0 : last - performance.now() - performance.timeOrigin + Date.now();
  }

  /** Everything the browser counts. */
  async report(): Promise<Report> {
    return reportOf(await this.pc.getStats());
  }

  /** Whose sound or picture an m-line carries. */
  owners(): Map<string, string> {
    return new Map(this.tracks.map((t) => [t.mid, t.participant_id]));
  }

  /** What arrived from each participant so far. */
  async stats(): Promise<RoomStats[]> {
    const byPerson = new Map<string, RoomStats>();
    for (const { participant_id, kind } of this.tracks) {
      const receiver = this.receiver(participant_id, kind);
      const sum = byPerson.get(participant_id) ?? {
        participantId: participant_id,
        framesDecoded: 0,
        audioPackets: 0,
        packetsLost: 0,
      };
      byPerson.set(participant_id, sum);
      for (const report of (await receiver?.getStats())?.values() ?? []) {
        if (report.type !== 'inbound-rtp') continue;
        const inbound = report as RTCInboundRtpStreamStats;
        sum.packetsLost += inbound.packetsLost ?? 0;
        if (kind === 'audio' || kind === 'screen_sound') sum.audioPackets += inbound.packetsReceived ?? 0;
        else sum.framesDecoded += inbound.framesDecoded ?? 0;
      }
    }
    return [...byPerson.values()];
  }

  close(): void {
    this.closed = true;
    this.mended();
    this.pc.onconnectionstatechange = null;
    this.pc.ontrack = null;
    this.pc.close();
  }

  private receiver(participantId: string, kind: WireTrack['kind']): RTCRtpReceiver | undefined {
    const track = this.tracks.find((t) => t.participant_id === participantId && t.kind === kind);
    return track && this.pc.getTransceivers().find((t) => t.mid === track.mid)?.receiver;
  }

  private queue(step: () => Promise<void>): void {
    this.work = this.work
      .then(() => (this.closed ? undefined : step()))
      .catch(() => {
        if (!this.closed) this.events.lost();
      });
  }

  private follow(): void {
    const state = this.pc.connectionState;
    if (state === 'connected') {
      this.mended();
      this.events.state('connected');
    }
    if (state === 'disconnected') {
      this.events.state('broken');
      this.mend();
    }
    if (state === 'failed') this.events.lost();
  }
}
