import type { DeviceKind } from './types';

export type GetUserMedia = (constraints: MediaStreamConstraints) => Promise<MediaStream>;

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
 * The own microphone and camera. A camera that is off is released, so that its light goes out; a
 * microphone stays open but silent, so that turning it on cuts off no first word.
 */
export class LocalMedia {
  readonly tracks: Record<DeviceKind, MediaStreamTrack | null> = { mic: null, camera: null };
  /** Shown as one's own picture. */
  preview: MediaStream | null = null;
  private readonly deviceIds: Record<DeviceKind, string> = { mic: '', camera: '' };

  constructor(private readonly getUserMedia: GetUserMedia) {}

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

  /** Lets both devices go. */
  stop(): void {
    this.release('mic');
    this.release('camera');
  }

  private release(kind: DeviceKind): void {
    this.tracks[kind]?.stop();
    this.tracks[kind] = null;
    if (kind === 'camera') this.preview = null;
  }
}
