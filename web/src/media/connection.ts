import type { LocalMedia } from './localMedia';
import type { ClientMessage, DeviceKind, RoomStats, WireIceServer, WireTrack } from './types';

export type MakeConnection = (config: RTCConfiguration) => RTCPeerConnection;

export interface ConnectionEvents {
  send: (message: ClientMessage) => void;
  /** The streams behind `audio` and `video` may be others now. */
  changed: () => void;
  state: (state: 'connecting' | 'connected' | 'broken') => void;
  /** Nothing flows any more: join anew. */
  lost: () => void;
}

/** How long a broken line may mend itself before the room is joined anew, in milliseconds. */
export const mendWithin = 5_000;

/**
 * One peer connection to the room: it publishes with its one offer, then answers the server's offers.
 * Descriptions are worked one after the other.
 */
export class RoomConnection {
  private readonly pc: RTCPeerConnection;
  private readonly senders: Record<DeviceKind, RTCRtpSender>;
  private readonly streams = new Map<MediaStreamTrack, MediaStream>();
  private tracks: WireTrack[] = [];
  private work: Promise<void> = Promise.resolve();
  private mendTimer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(
    make: MakeConnection,
    iceServers: WireIceServer[],
    private readonly local: LocalMedia,
    private readonly events: ConnectionEvents,
  ) {
    this.pc = make({ iceServers, bundlePolicy: 'max-bundle' });
    const init: RTCRtpTransceiverInit = { direction: 'sendonly' };
    this.senders = {
      mic: this.pc.addTransceiver(local.tracks.mic ?? 'audio', init).sender,
      camera: this.pc.addTransceiver(local.tracks.camera ?? 'video', init).sender,
    };
    this.pc.onconnectionstatechange = () => this.follow();
    this.pc.ontrack = () => events.changed();
  }

  /** Sends the one offer of this connection. */
  start(): void {
    this.queue(async () => {
      const offer = await this.pc.createOffer();
      await this.pc.setLocalDescription(offer);
      this.events.send({ type: 'room.offer', sdp: offer.sdp ?? '' });
    });
  }

  answered(sdp: string): void {
    this.queue(() => this.pc.setRemoteDescription({ type: 'answer', sdp }));
  }

  offered(sdp: string): void {
    this.queue(async () => {
      await this.pc.setRemoteDescription({ type: 'offer', sdp });
      const answer = await this.pc.createAnswer();
      await this.pc.setLocalDescription(answer);
      this.events.send({ type: 'room.answer', sdp: answer.sdp ?? '' });
      this.events.changed();
    });
  }

  /** What every m-line carries now. */
  mapped(tracks: WireTrack[]): void {
    this.tracks = tracks;
    this.events.changed();
  }

  /** Sends what the device gives now, without a new offer. */
  async publish(kind: DeviceKind): Promise<void> {
    if (!this.closed) await this.senders[kind].replaceTrack(this.local.tracks[kind]);
  }

  /** The stream of a participant; the same object as long as the track is the same. */
  stream(participantId: string, kind: 'audio' | 'video'): MediaStream | null {
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
        if (kind === 'audio') sum.audioPackets += inbound.packetsReceived ?? 0;
        else sum.framesDecoded += inbound.framesDecoded ?? 0;
      }
    }
    return [...byPerson.values()];
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.mendTimer);
    this.pc.onconnectionstatechange = null;
    this.pc.ontrack = null;
    this.pc.close();
  }

  private receiver(participantId: string, kind: 'audio' | 'video'): RTCRtpReceiver | undefined {
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
    clearTimeout(this.mendTimer);
    if (state === 'connected') this.events.state('connected');
    if (state === 'disconnected') {
      this.events.state('broken');
      this.mendTimer = setTimeout(() => this.events.lost(), mendWithin);
    }
    if (state === 'failed') this.events.lost();
  }
}
