import type { LocalMedia } from './localMedia';
import type { SendTrack } from './types';

/** The kinds of pictures that go out in layers. */
export type LayeredKind = 'video' | 'screen';

type Layer = RTCRtpEncodingParameters & { rid: string; scalabilityMode?: string };

/**
 * The camera goes out in three sizes, the smallest first, so that everybody gets the one that fills the place
 * on the screen and that the line takes.
 */
const cameraLayers: Layer[] = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
];

/** A screen has to be read: the large layer is sharp at few pictures a second, the small one is for narrow lines. */
const screenLayers: Layer[] = [
  { rid: 'q', scaleResolutionDownBy: 2, maxBitrate: 300_000, maxFramerate: 5 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 2_500_000, maxFramerate: 15 },
];

/** Temporal layers let a receiver have fewer pictures a second; what the browser does not know it refuses. */
const temporal = ['L1T3', 'L1T2', ''];

/** What one sends: microphone, camera, screen and its sound, each on an m-line that is there from the start. */
export class Publisher {
  private readonly senders: Partial<Record<SendTrack, RTCRtpSender>>;
  private readonly wanted: Partial<Record<LayeredKind, boolean[]>> = {};
  private most = cameraLayers.length;
  private work: Promise<void> = Promise.resolve();

  constructor(
    private readonly pc: RTCPeerConnection,
    private readonly local: LocalMedia,
  ) {
    const mic = pc.addTransceiver(local.tracks.mic ?? 'audio', { direction: 'sendonly' });
    preferRedundant(mic);
    const camera = this.addLayers('camera', cameraLayers);
    this.senders = { mic: mic.sender, camera: camera.sender };
  }

  /** The m-lines of the screen, which the server must be told apart from those of camera and microphone. */
  addScreen(): { role: 'screen' | 'screen_sound'; transceiver: RTCRtpTransceiver }[] {
    const screen = this.addLayers('screen', screenLayers);
    const sound = this.pc.addTransceiver(this.local.tracks.screen_sound ?? 'audio', { direction: 'sendonly' });
    this.senders.screen = screen.sender;
    this.senders.screen_sound = sound.sender;
    return [
      { role: 'screen', transceiver: screen },
      { role: 'screen_sound', transceiver: sound },
    ];
  }

  /** Sends what the device gives now, without a new offer. */
  async publish(kind: SendTrack): Promise<void> {
    await this.senders[kind]?.replaceTrack(this.local.tracks[kind]);
  }

  /** Sends only the layers that somebody watches, as the server says: the smallest first. */
  layers(kind: LayeredKind, active: boolean[]): void {
    this.wanted[kind] = active;
    this.later(kind);
  }

  /** Sends so many layers of the camera at most, the smallest first: the line bears no more. */
  limit(most: number): void {
    if (this.most === most) return;
    this.most = most;
    this.later('video');
  }

  private later(kind: LayeredKind): void {
    this.work = this.work.then(() => this.apply(kind)).catch(() => this.apply(kind).catch(() => undefined));
  }

  private async apply(kind: LayeredKind): Promise<void> {
    const sender = this.senders[kind === 'video' ? 'camera' : 'screen'];
    const most = kind === 'video' ? this.most : Number.POSITIVE_INFINITY;
    const active = this.wanted[kind];
    if (!sender) return;
    const parameters = sender.getParameters();
    const { encodings } = parameters;
    const watched = (i: number) => (encodings.length === active?.length ? active[i] : active?.includes(true)) ?? true;
    const next = encodings.map((_, i) => i < most && watched(i));
    if (encodings.every((e, i) => e.active === next[i])) return;
    for (const [i, e] of encodings.entries()) e.active = next[i] ?? true;
    await sender.setParameters(parameters);
  }

  /** An m-line with as many layers as the browser is able to send. */
  private addLayers(kind: 'camera' | 'screen', layers: readonly Layer[]): RTCRtpTransceiver {
    const what = this.local.tracks[kind] ?? 'video';
    for (const scalabilityMode of temporal) {
      const sendEncodings = layers.map((l) => (scalabilityMode === '' ? { ...l } : { ...l, scalabilityMode }));
      try {
        return this.pc.addTransceiver(what, { direction: 'sendonly', sendEncodings });
      } catch {
        // refused before anything was added: ask for less
      }
    }
    return this.pc.addTransceiver(what, { direction: 'sendonly' });
  }
}

/** Speech that carries the packet before along (RFC 2198) outlives single losses without asking again. */
function preferRedundant(mic: RTCRtpTransceiver): void {
  const known = globalThis.RTCRtpSender?.getCapabilities?.('audio')?.codecs ?? [];
  const isRed = (c: RTCRtpCodec) => c.mimeType.toLowerCase() === 'audio/red';
  if (!known.some(isRed)) return;
  try {
    mic.setCodecPreferences([...known.filter(isRed), ...known.filter((c) => !isRed(c))]);
  } catch {
    // the browser keeps its own order
  }
}
