import type { LocalMedia } from './localMedia';
import type { DeviceKind, RoomSnapshot, SendKind, SendTrack } from './types';

export interface DeviceHooks {
  get: () => RoomSnapshot;
  set: (change: Partial<RoomSnapshot>) => void;
  /** The person left, or the room ended. */
  over: () => boolean;
  /** Puts the track on the line. */
  publish: (kind: SendTrack) => Promise<void>;
  /** Tells the server which devices are on. */
  tell: () => void;
}

/** Turns one's own microphone, camera and screen on and off, and remembers what went wrong. */
export class OwnDevices {
  constructor(
    private readonly local: LocalMedia,
    private readonly hooks: DeviceHooks,
  ) {}

  /** Opens a device or closes it; false when it cannot be opened, which is told. */
  async open(kind: DeviceKind, on: boolean): Promise<boolean> {
    const { get, set, over } = this.hooks;
    try {
      await this.local.set(kind, on);
      if (over()) {
        this.local.stop(); // left while the browser asked
        return false;
      }
      set({ [kind]: on, deviceError: get().deviceError?.kind === kind ? null : get().deviceError });
      return true;
    } catch (error) {
      set({ [kind]: false, deviceError: { kind, error } });
      return false;
    }
  }

  /** Turns a device on or off for the person. Without the right to it nothing is turned on. */
  async turn(kind: DeviceKind, on: boolean): Promise<void> {
    const { get, set, over, publish, tell } = this.hooks;
    if (over() || (on && !get().rights[kind]) || !(await this.open(kind, on))) return;
    if (on && !get().rights[kind]) {
      this.off(kind); // the right went while the browser asked
      return;
    }
    if (kind === 'mic') set({ micAskedBy: '', ...(on ? { mutedBy: '', joinedMuted: false } : {}) });
    await publish(kind);
    tell();
  }

  /** Turns a device off at once, as the server did already. */
  off(kind: SendKind, change: Partial<RoomSnapshot> = {}): void {
    if (kind === 'screen') this.local.stopScreen();
    else this.local.silence(kind);
    this.hooks.set({ ...change, [kind]: false });
    if (kind !== 'mic') void this.hooks.publish(kind);
    if (kind === 'screen') void this.hooks.publish('screen_sound');
  }

  /** Shows a screen that the person picks. A person who picks none changes nothing. */
  async show(): Promise<void> {
    const { get, set, over, publish, tell } = this.hooks;
    if (over() || get().screen || !get().rights.screen) return;
    try {
      await this.local.openScreen(() => this.hide());
    } catch (error) {
      if (!isDeclined(error)) set({ deviceError: { kind: 'screen', error } });
      return;
    }
    if (over() || !get().rights.screen) {
      this.local.stopScreen(); // left, or the right went while the person picked
      return;
    }
    set({ screen: true, screenEndedBy: '', deviceError: null });
    await Promise.all([publish('screen'), publish('screen_sound')]);
    tell();
  }

  /** Shows the screen no longer. */
  hide(): void {
    if (!this.hooks.get().screen) return;
    this.off('screen');
    this.hooks.tell();
  }

  /** Opens the microphone without a sound. A failure is told, so that it can be mended before the turn. */
  async ready(): Promise<void> {
    if (this.local.tracks.mic?.readyState === 'live') return;
    try {
      await this.local.open('mic');
      if (this.hooks.over()) this.local.stop();
      else if (!this.hooks.get().mic) this.local.silence('mic');
      await this.hooks.publish('mic');
    } catch (error) {
      this.hooks.set({ deviceError: { kind: 'mic', error } });
    }
  }

  /** Takes another microphone or camera; it is opened at once when the old one is on. */
  async use(kind: DeviceKind, deviceId: string): Promise<void> {
    const { get, set, publish } = this.hooks;
    this.local.choose(kind, deviceId);
    if (!get()[kind]) {
      if (kind === 'mic') this.local.stopMic();
      return;
    }
    try {
      await this.local.open(kind);
      await publish(kind);
      set({ deviceError: null });
    } catch (error) {
      set({ deviceError: { kind, error } });
    }
  }
}

/** The person closed the question of the browser; only a rule of the system is worth words. */
function isDeclined(error: unknown): boolean {
  if (!(error instanceof DOMException)) return false;
  return error.name === 'AbortError' || (error.name === 'NotAllowedError' && !/system/i.test(error.message));
}
