import { type MakeConnection, RoomConnection } from './connection';
import { type GetUserMedia, LocalMedia } from './localMedia';
import type {
  DeviceKind,
  RoomParticipant,
  RoomSnapshot,
  RoomStats,
  ServerMessage,
  Signalling,
  WireParticipant,
} from './types';

export interface RoomOptions {
  meetingId: string;
  /** `deviceName()`. */
  device: string;
  signalling: Signalling;
  mic: boolean;
  camera: boolean;
  micDeviceId?: string;
  cameraDeviceId?: string;
  /** For tests. */
  connect?: MakeConnection;
  getUserMedia?: GetUserMedia;
  random?: () => number;
}

/** Milliseconds. */
export const timing = {
  joinWithin: 10_000,
  firstPause: 500,
  longestPause: 15_000,
  listenEvery: 200,
  /** Pauses between words do not count. */
  speaksFor: 1_000,
};

/** From this loudness on a participant counts as speaking. */
const speakingFrom = 0.02;

/** Refusals that may pass by themselves; every other one is for good. */
const passing = new Set([
  'conference.other_node',
  'conference.media_failed',
  'conference.unavailable',
  'database.unavailable',
  'database.busy',
  'internal',
]);

/** Reasons to close that ask for joining anew. */
const comeBack = new Set(['media_failed', 'bad_description', 'server_stopping', 'moved']);

const start: RoomSnapshot = {
  phase: 'idle',
  reason: '',
  media: 'connecting',
  participants: [],
  leads: false,
  mic: false,
  camera: false,
  mutedBy: '',
  deviceError: null,
};

/**
 * A person's part in one meeting room. Pages subscribe and read snapshots; everything that breaks on
 * the way (socket, media, server) is mended here by joining anew with growing pauses. It owns its
 * timers, devices and connection; `leave` ends them.
 */
export class RoomClient {
  private readonly listeners = new Set<() => void>();
  private readonly local: LocalMedia;
  private readonly people = new Map<string, WireParticipant>();
  private readonly speaking = new Set<string>();
  private readonly heardAt = new Map<string, number>();
  private snapshot: RoomSnapshot = start;
  private connection: RoomConnection | null = null;
  private selfId = '';
  private failures = 0;
  /** The devices were opened, or refused: from now on a new socket means joining anew. */
  private ready = false;
  private ends: (() => void)[] = [];
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private joinTimer: ReturnType<typeof setTimeout> | undefined;
  private listenTimer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly options: RoomOptions) {
    const open: GetUserMedia = (constraints) => navigator.mediaDevices.getUserMedia(constraints);
    this.local = new LocalMedia(options.getUserMedia ?? open);
    this.local.choose('mic', options.micDeviceId ?? '');
    this.local.choose('camera', options.cameraDeviceId ?? '');
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getSnapshot = (): RoomSnapshot => this.snapshot;

  /** Opens the wanted devices and joins. A device that fails is told and left off. */
  async join(): Promise<void> {
    if (this.snapshot.phase !== 'idle') return;
    this.set({ phase: 'connecting' });
    const { signalling } = this.options;
    this.ends = [signalling.onMessage((message) => this.receive(message)), signalling.onOpen(() => this.opened())];
    await Promise.all([this.open('mic', this.options.mic), this.open('camera', this.options.camera)]);
    this.ready = true;
    if (!this.over()) this.request();
  }

  leave(): void {
    if (this.over()) return;
    this.options.signalling.send({ type: 'room.leave' });
    this.finish('left', '');
  }

  async setMic(on: boolean): Promise<void> {
    await this.turn('mic', on);
  }

  async setCamera(on: boolean): Promise<void> {
    await this.turn('camera', on);
  }

  /** Takes another microphone or camera; it is opened at once when the old one is on. */
  async useDevice(kind: DeviceKind, deviceId: string): Promise<void> {
    this.local.choose(kind, deviceId);
    if (!this.snapshot[kind]) {
      if (kind === 'mic') this.local.stopMic();
      return;
    }
    try {
      await this.local.open(kind);
      await this.connection?.publish(kind);
      this.set({ deviceError: null });
    } catch (error) {
      this.set({ deviceError: { kind, error } });
    }
  }

  /** Mutes somebody; for chair and secretary. */
  mute(participantId: string): void {
    this.options.signalling.send({ type: 'room.mute', participant_id: participantId });
  }

  async stats(): Promise<RoomStats[]> {
    return (await this.connection?.stats()) ?? [];
  }

  private over(): boolean {
    return this.snapshot.phase === 'left' || this.snapshot.phase === 'failed';
  }

  private async open(kind: DeviceKind, on: boolean): Promise<boolean> {
    try {
      await this.local.set(kind, on);
      if (this.over()) {
        this.local.stop(); // left while the browser asked
        return false;
      }
      this.set({
        [kind]: on,
        deviceError: this.snapshot.deviceError?.kind === kind ? null : this.snapshot.deviceError,
      });
      return true;
    } catch (error) {
      this.set({ [kind]: false, deviceError: { kind, error } });
      return false;
    }
  }

  private async turn(kind: DeviceKind, on: boolean): Promise<void> {
    if (this.over() || !(await this.open(kind, on))) return;
    if (kind === 'mic' && on) this.set({ mutedBy: '' });
    await this.connection?.publish(kind);
    this.tellMedia();
  }

  private tellMedia(): void {
    const { mic, camera } = this.snapshot;
    if (this.connection) this.options.signalling.send({ type: 'room.media', mic, camera });
  }

  /** Asks to be let in. Without a road to the server `opened` asks again. */
  private request(): void {
    clearTimeout(this.retryTimer);
    clearTimeout(this.joinTimer);
    const { meetingId, device, signalling } = this.options;
    const { mic, camera } = this.snapshot;
    if (!signalling.send({ type: 'room.join', meeting_id: meetingId, device, mic, camera })) return;
    this.joinTimer = setTimeout(() => this.again(), timing.joinWithin);
  }

  /** A new socket: the server has forgotten us. */
  private opened(): void {
    if (!this.ready || this.over()) return; // `join` asks when the devices are open
    if (this.connection) this.disconnect();
    this.request();
  }

  private again(): void {
    if (this.over()) return;
    this.disconnect();
    clearTimeout(this.joinTimer);
    clearTimeout(this.retryTimer);
    const pause = Math.min(timing.firstPause * 2 ** this.failures, timing.longestPause);
    this.failures += 1;
    this.retryTimer = setTimeout(() => this.request(), pause * (0.5 + (this.options.random ?? Math.random)() / 2));
  }

  private disconnect(): void {
    this.connection?.close();
    this.connection = null;
    clearInterval(this.listenTimer);
    this.speaking.clear();
    this.heardAt.clear();
    if (this.selfId !== '') this.set({ phase: 'reconnecting', media: 'broken' });
  }

  private finish(phase: 'left' | 'failed', reason: string): void {
    for (const end of this.ends) end();
    this.disconnect();
    clearTimeout(this.joinTimer);
    clearTimeout(this.retryTimer);
    this.local.stop();
    this.people.clear();
    this.set({ phase, reason, mic: false, camera: false });
  }

  private receive(message: ServerMessage): void {
    switch (message.type) {
      case 'room.joined':
        this.joined(message);
        break;
      case 'room.participants':
        for (const p of message.changed) this.people.set(p.id, p);
        for (const id of message.left) this.people.delete(id);
        this.show();
        break;
      case 'room.tracks':
        this.connection?.mapped(message.tracks);
        break;
      case 'room.answer':
        this.connection?.answered(message.sdp);
        break;
      case 'room.muted':
        if (this.local.tracks.mic) this.local.tracks.mic.enabled = false;
        this.set({ mic: false, mutedBy: message.by });
        break;
      case 'room.error':
        if (message.of === 'room.join') this.refused(message.key);
        break;
      case 'room.closed':
        if (comeBack.has(message.reason)) this.again();
        else this.finish('failed', message.reason);
        break;
    }
  }

  private refused(key: string): void {
    if (passing.has(key)) this.again();
    else this.finish('failed', key);
  }

  private joined(message: Extract<ServerMessage, { type: 'room.joined' }>): void {
    clearTimeout(this.joinTimer);
    this.connection?.close();
    this.selfId = message.participant_id;
    this.people.clear();
    for (const p of message.participants) this.people.set(p.id, p);
    const make: MakeConnection = this.options.connect ?? ((config) => new RTCPeerConnection(config));
    this.connection = new RoomConnection(make, message.ice_servers, this.local, {
      send: (m) => void this.options.signalling.send(m),
      changed: () => this.show(),
      state: (media) => {
        if (media === 'connected') this.failures = 0;
        this.set({ media });
      },
      lost: () => this.again(),
    });
    this.set({ phase: 'joined', reason: '', media: 'connecting', leads: message.leads });
    this.connection.start();
    this.tellMedia(); // a device may have been turned while we asked
    clearInterval(this.listenTimer);
    this.listenTimer = setInterval(() => this.listen(), timing.listenEvery);
  }

  /** Finds out who speaks. */
  private listen(): void {
    let changed = false;
    for (const id of this.people.keys()) {
      if ((this.connection?.level(id) ?? 0) >= speakingFrom) this.heardAt.set(id, Date.now());
      const speaks = Date.now() - (this.heardAt.get(id) ?? 0) < timing.speaksFor;
      if (speaks === this.speaking.has(id)) continue;
      changed = true;
      if (speaks) this.speaking.add(id);
      else this.speaking.delete(id);
    }
    if (changed) this.show();
  }

  private show(): void {
    this.set({});
  }

  private participants(mic: boolean, camera: boolean): RoomParticipant[] {
    const list = [...this.people.values()].map((p): RoomParticipant => {
      const self = p.id === this.selfId;
      return {
        id: p.id,
        appointmentId: p.appointment_id,
        fullName: p.full_name,
        position: p.position,
        agencyName: p.agency_name,
        agencyShortName: p.agency_short_name,
        role: p.role,
        self,
        mic: self ? mic : p.mic,
        camera: self ? camera : p.camera,
        speaking: p.mic && this.speaking.has(p.id),
        video: self ? this.local.preview : (this.connection?.stream(p.id, 'video') ?? null),
        audio: self ? null : (this.connection?.stream(p.id, 'audio') ?? null),
      };
    });
    return list.sort((a, b) => Number(b.self) - Number(a.self));
  }

  private set(change: Partial<RoomSnapshot>): void {
    const next = { ...this.snapshot, ...change };
    next.participants = this.participants(next.mic, next.camera);
    this.snapshot = next;
    for (const listener of [...this.listeners]) listener();
  }
}
