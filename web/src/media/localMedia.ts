import type { DeviceKind, SendTrack } from './types';

export type GetUserMedia = (constraints: MediaStreamConstraints) => Promise<MediaStream>;

export type GetDisplayMedia = (constraints: DisplayMediaStreamOptions) => Promise<MediaStream>;

/** Text stays sharp: few pictures a second, in full size. Sound comes along where the browser can. */
const shownScreen = {
  video: { frameRate: { ideal: 15, max: 30 } },
  audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  systemAudio: 'include',
  selfBrowserSurface: 'exclude',
  surfaceSwitching: 'include',
} as DisplayMediaStreamOptions;

const constraints = {
  mic: (deviceId: string): MediaStreamConstraints => ({
    audio: { ...wanted(deviceId), echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  }),
  camera: (deviceId: string): MediaStreamConstraints => ({
    video: { ...wanted(deviceId), width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } },
  }),
};

function wanted(deviceId: string): MediaTrackConstraints {
  return deviceId ? { deviceId: { ideal: deviceId } } : {};
}

/**
 * The own microphone, camera and screen. A camera that is off is released, so that its light goes out; a
 * microphone stays open but silent, so that turning it on cuts off no first word.
 */
export class LocalMedia {
  readonly tracks: Record<SendTrack, MediaStreamTrack | null> = {
    mic: null,
    camera: null,
    screen: null,
    screen_sound: null,
  };
  /** Shown as one's own picture. */
  preview: MediaStream | null = null;
  /** One's own screen while it is shown. */
  screen: MediaStream | null = null;
  private readonly deviceIds: Record<DeviceKind, string> = { mic: '', camera: '' };

  constructor(
    private readonly getUserMedia: GetUserMedia,
    private readonly getDisplayMedia?: GetDisplayMedia,
  ) {}

  choose(kind: DeviceKind, deviceId: string): void {
    this.deviceIds[kind] = deviceId;
  }

  /** Turns a device on or off. Rejects with the browser's error when it cannot be opened. */
  async set(kind: DeviceKind, on: boolean): Promise<void> {
    const track = this.tracks[kind];
    if (!on) {
      this.silence(kind);
      return;
    }
    if (track && track.readyState === 'live') {
      track.enabled = true;
      return;
    }
    await this.open(kind);
  }

  /** Opens a device anew, after another one was chosen. */
  async open(kind: DeviceKind): Promise<void> {
    const stream = await this.getUserMedia(constraints[kind](this.deviceIds[kind]));
    this.release(kind);
    const [track] = kind === 'mic' ? stream.getAudioTracks() : stream.getVideoTracks();
    this.tracks[kind] = track ?? null;
    if (kind === 'camera') this.preview = track ? stream : null;
  }

  /** Turns a device off without waiting. */
  silence(kind: DeviceKind): void {
    const track = this.tracks[kind];
    if (kind === 'camera') this.release(kind);
    else if (track) track.enabled = false;
  }

  /** Lets a silent microphone go, so that the next turning on opens the one chosen. */
  stopMic(): void {
    this.release('mic');
  }

  /** Asks for a screen or window and captures it. `ended` is called when the person stops it in the browser. */
  async openScreen(ended: () => void): Promise<void> {
    if (!this.getDisplayMedia) throw new DOMException('no screen can be captured here', 'NotSupportedError');
    const stream = await this.getDisplayMedia(shownScreen);
    this.stopScreen();
    const [picture] = stream.getVideoTracks();
    const [sound] = stream.getAudioTracks();
    this.screen = stream;
    this.tracks.screen = picture ?? null;
    this.tracks.screen_sound = sound ?? null;
    if (!picture) return;
    picture.contentHint = 'detail';
    picture.onended = ended;
  }

  stopScreen(): void {
    for (const kind of ['screen', 'screen_sound'] as const) {
      const track = this.tracks[kind];
      if (!track) continue;
      track.onended = null;
      track.stop();
      this.tracks[kind] = null;
    }
    this.screen = null;
  }

  /** Lets everything go. */
  stop(): void {
    this.release('mic');
    this.release('camera');
    this.stopScreen();
  }

  private release(kind: DeviceKind): void {
    this.tracks[kind]?.stop();
    this.tracks[kind] = null;
    if (kind === 'camera') this.preview = null;
  }
}

/** Phones cannot capture a screen. */
export function screenOf(from: Navigator): GetDisplayMedia | undefined {
  const devices = from.mediaDevices as Partial<MediaDevices> | undefined;
  return devices?.getDisplayMedia?.bind(devices);
}
