import { type MakeConnection, RoomConnection } from './connection';
import { type DegradeStage, limitView, ownLayers } from './degrade';
import { type GetUserMedia, LocalMedia, screenOf } from './localMedia';
import { MicMonitor } from './micMonitor';
import { networkChanges } from './network';
import { type DeviceHooks, OwnDevices } from './ownDevices';
import { OwnRights } from './ownRights';
import { newsOf, QualityTeller } from './quality';
import { Rejoin } from './rejoin';
import { allRights } from './rights';
import type { RoomOptions } from './roomOptions';
import { RoomPeople } from './roomPeople';
import { mayPass, outside } from './roomState';
import { RoomWatch } from './roomWatch';
import type { ClientMessage, DeviceKind, OtherDevice, Rights, RoomSnapshot, RoomStats, ServerMessage } from './types';
import { type OnScreen, onScreen } from './view';
import { isServerMessage } from './wire';

/** How often it is looked who speaks, in milliseconds. */
export const listenEvery = 200;

/**
 * A person's part in one meeting room. Pages subscribe and read snapshots; everything that breaks on
 * the way (socket, media, server) is mended here by joining anew with growing pauses. It owns its
 * timers, devices and connection; `leave` ends them. Its parts: `Rejoin` (when to ask again),
 * `RoomPeople` (who is there), `OwnDevices` (microphone and camera), `OwnRights` (what one may send),
 * `RoomWatch` (how the line is).
 */
export class RoomClient {
  private readonly listeners = new Set<() => void>();
  private readonly local: LocalMedia;
  private readonly devices: OwnDevices;
  private readonly rights: OwnRights;
  private readonly people = new RoomPeople();
  private readonly rejoin: Rejoin;
  private readonly watch: RoomWatch;
  private readonly monitor: MicMonitor;
  private snapshot: RoomSnapshot = outside;
  private connection: RoomConnection | null = null;
  private readonly view: OnScreen;
  private other: OtherDevice;
  /** What the last request to join said of the microphone. */
  private askedMic = false;
  /** The devices were opened, or refused: from now on a new socket means joining anew. */
  private ready = false;
  private ends: (() => void)[] = [];
  private listenTimer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly options: RoomOptions) {
    const open: GetUserMedia = (constraints) => navigator.mediaDevices.getUserMedia(constraints);
    this.local = new LocalMedia(options.getUserMedia ?? open, options.getDisplayMedia ?? screenOf(navigator));
    this.local.choose('mic', options.micDeviceId ?? '');
    this.local.choose('camera', options.cameraDeviceId ?? '');
    this.other = options.other ?? '';
    this.view = options.view ?? onScreen;
    const hooks: DeviceHooks = {
      get: () => this.snapshot,
      set: (change) => this.set(change),
      over: () => this.over(),
      publish: async (kind) => await this.connection?.publish(kind),
      tell: () => this.tellMedia(),
    };
    this.devices = new OwnDevices(this.local, hooks);
    this.rights = new OwnRights(this.devices, hooks, options.other === 'keep');
    this.monitor = new MicMonitor({
      track: () => this.local.tracks.mic,
      on: () => this.snapshot.mic,
      allowed: () => this.snapshot.rights.mic,
      trouble: (micTrouble) => this.set({ micTrouble }),
      listen: options.listen,
    });
    const teller = new QualityTeller((quality) => {
      this.say({ type: 'room.quality', ...quality });
      if (quality.limited !== this.snapshot.limited) this.set({ limited: quality.limited });
    });
    this.watch = new RoomWatch({
      connection: () => this.connection,
      media: () => this.snapshot.media,
      socketUp: () => options.signalling.isUp(),
      nudge: () => options.signalling.nudge(),
      lossIs: (loss) => this.set({ loss }),
      seen: (of, report) => teller.saw(of, report, of.owners(), Date.now()),
      stageIs: (stage) => this.degrade(stage),
    });
    this.rejoin = new Rejoin({
      ask: () => this.request(),
      failed: () => this.disconnect(),
      random: options.random,
    });
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
    const { signalling, mic, camera } = this.options;
    this.ends = [
      signalling.onMessage((message) => this.receive(message)),
      signalling.onOpen(() => this.opened()),
      (this.options.network ?? networkChanges)(() => this.watch.networkChanged()),
      () => this.watch.stop(),
      () => this.monitor.stop(),
    ];
    this.watch.start();
    this.monitor.start();
    await Promise.all([this.devices.open('mic', mic), this.devices.open('camera', camera)]);
    this.ready = true;
    if (!this.over()) this.rejoin.now();
  }

  leave(): void {
    if (this.over()) return;
    this.options.signalling.send({ type: 'room.leave' });
    this.finish('left', '');
  }

  async setMic(on: boolean): Promise<void> {
    await this.devices.turn('mic', on);
  }

  async setCamera(on: boolean): Promise<void> {
    await this.devices.turn('camera', on);
  }

  /** Shows a screen that the person picks, or ends that. */
  async setScreen(on: boolean): Promise<void> {
    if (on) await this.devices.show();
    else this.devices.hide();
  }

  /** Takes another microphone or camera; it is opened at once when the old one is on. */
  async useDevice(kind: DeviceKind, deviceId: string): Promise<void> {
    await this.devices.use(kind, deviceId);
  }

  /** Says something that needs no state here, such as `room.mute`, `room.mute_all`, `room.view`. */
  say(message: ClientMessage): void {
    this.options.signalling.send(message);
  }

  /** Mutes somebody; for those who lead. */
  mute(participantId: string): void {
    this.say({ type: 'room.mute', participant_id: participantId });
  }

  /** Leaves the question to turn the microphone on unanswered. */
  refuseMic(): void {
    this.set({ micAskedBy: '' });
  }

  async stats(): Promise<RoomStats[]> {
    return (await this.connection?.stats()) ?? [];
  }

  private over(): boolean {
    return this.snapshot.phase === 'left' || this.snapshot.phase === 'failed';
  }

  private tellMedia(): void {
    if (this.connection) this.say({ type: 'room.media', ...this.sends() });
  }

  /** What goes out. A camera that the line does not bear is on for the person, and off for the others. */
  private sends(): Rights {
    const { mic, camera, screen, stage } = this.snapshot;
    return { mic, camera: camera && ownLayers(stage) > 0, screen };
  }

  private degrade(stage: DegradeStage): void {
    this.set({ stage });
    this.bear();
    this.tellMedia();
  }

  /** Asks for as much, and sends as much, as the line bears. */
  private bear(): void {
    const { stage } = this.snapshot;
    this.view.limit((view) => limitView(view, stage));
    this.connection?.limit(ownLayers(stage));
  }

  /** Asks to be let in. */
  private request(): boolean {
    const { meetingId, device, signalling } = this.options;
    const sends = this.sends();
    this.askedMic = sends.mic;
    const { other } = this;
    return signalling.send({ type: 'room.join', meeting_id: meetingId, device, ...sends, other });
  }

  /** A new socket: the server has forgotten us. */
  private opened(): void {
    if (!this.ready || this.over()) return; // `join` asks when the devices are open
    if (this.connection) this.disconnect();
    this.rejoin.now();
  }

  private disconnect(): void {
    // who left both devices in the room is not asked again
    if (this.people.self) this.other = this.people.isTwice ? 'keep' : '';
    this.connection?.close();
    this.connection = null;
    this.view.leave();
    clearInterval(this.listenTimer);
    this.people.quiet();
    if (this.people.selfId !== '') this.set({ phase: 'reconnecting', media: 'broken' });
  }

  private finish(phase: 'left' | 'failed', reason: string): void {
    for (const end of this.ends) end();
    this.disconnect();
    this.rejoin.stop();
    this.local.stop();
    this.people.clear();
    this.set({ phase, reason, mic: false, camera: false, screen: false });
  }

  private receive(message: ServerMessage): void {
    if (!isServerMessage(message)) return;
    switch (message.type) {
      case 'room.joined':
        this.joined(message);
        break;
      case 'room.participants':
        this.people.change(message.changed, message.left);
        this.set({});
        break;
      case 'room.tracks':
        this.connection?.mapped(message.tracks);
        break;
      case 'room.answer':
        this.connection?.answered(message.sdp);
        break;
      case 'room.layers':
        this.connection?.layers(message.kind, message.active);
        break;
      case 'room.muted':
        this.devices.off('mic', { mutedBy: message.by });
        break;
      case 'room.rights':
        if (message.leads !== undefined) this.set({ leads: message.leads });
        this.rights.allowed({ mic: message.mic, camera: message.camera, screen: message.screen });
        break;
      case 'room.screen_ended':
        this.devices.off('screen', { screenEndedBy: message.by });
        break;
      case 'room.floor':
        this.rights.floorIs(message.floor, this.people.self?.appointment_id);
        break;
      case 'room.mic_asked':
        if (!this.snapshot.mic) this.set({ micAskedBy: message.by });
        break;
      case 'room.line':
        this.set({ line: newsOf(message) });
        break;
      case 'room.lines':
        this.people.lines(message.lines);
        this.set({});
        break;
      case 'room.error':
        if (message.of === 'room.join') this.ended(message.key);
        break;
      case 'room.closed':
        this.ended(message.reason);
        break;
    }
  }

  private ended(reason: string): void {
    if (!mayPass(reason)) this.finish('failed', reason);
    else this.rejoin.again();
  }

  private joined(message: Extract<ServerMessage, { type: 'room.joined' }>): void {
    this.rejoin.joined();
    this.connection?.close();
    this.people.joined(message.participant_id, message.participants);
    const make: MakeConnection = this.options.connect ?? ((config) => new RTCPeerConnection(config));
    this.connection = new RoomConnection(make, message.ice_servers, this.local, {
      send: (m) => this.say(m),
      changed: () => this.set({}),
      state: (media) => {
        if (media === 'connected') this.rejoin.well();
        this.set({ media });
      },
      lost: () => this.rejoin.again(),
    });
    this.set({ phase: 'joined', reason: '', media: 'connecting', leads: message.leads });
    this.view.join({
      self: message.participant_id,
      isScreen: (stream) => this.connection?.isScreen(stream) ?? false,
      tell: (view) => this.say({ type: 'room.view', ...view }),
    });
    this.bear();
    this.connection.start();
    this.rights.allowed(message.rights ?? allRights);
    // a large meeting is joined silent, whatever was asked for
    if (this.askedMic && this.snapshot.mic && this.people.self?.mic === false) {
      this.devices.off('mic', this.snapshot.rights.mic ? { joinedMuted: true } : {});
    }
    this.tellMedia(); // a device may have been turned while we asked
    clearInterval(this.listenTimer);
    this.listenTimer = setInterval(() => this.listen(), listenEvery);
  }

  private listen(): void {
    if (this.connection && this.people.listen(this.connection, Date.now())) this.set({});
  }

  private set(change: Partial<RoomSnapshot>): void {
    const next = { ...this.snapshot, ...change };
    const { mic, camera, screen, line } = next;
    const own = {
      mic,
      camera,
      screen,
      line: line?.level ?? null,
      preview: this.local.preview,
      capture: this.local.screen,
    };
    next.participants = this.people.list(own, this.connection);
    next.shown = this.people.shown(own, this.connection);
    this.snapshot = next;
    for (const listener of [...this.listeners]) listener();
  }
}
