import { loudness } from './level';
import { type MicTrouble, MicWatch } from './micWatch';

/** Listens to a track; null while nothing can be said of it. */
export interface Ear {
  read(): { peak: number; level: number } | null;
  close(): void;
}

export interface MonitorHooks {
  track: () => MediaStreamTrack | null;
  on: () => boolean;
  allowed: () => boolean;
  trouble: (trouble: MicTrouble | null) => void;
  /** For tests. */
  listen?: ((track: MediaStreamTrack) => Ear | null) | undefined;
}

/** How often the microphone is looked at, in milliseconds. */
export const monitorEvery = 100;

/**
 * Watches the own microphone, also while it is off: then it hears a copy of the track, which never leaves
 * this page. It owns its timer and the copy.
 */
export class MicMonitor {
  private readonly watch = new MicWatch();
  private timer: ReturnType<typeof setInterval> | undefined;
  private of: MediaStreamTrack | null = null;
  private ear: Ear | null = null;
  private told: MicTrouble | null = null;

  constructor(private readonly hooks: MonitorHooks) {}

  start(): void {
    this.timer ??= setInterval(() => this.look(), monitorEvery);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.follow(null);
  }

  private look(): void {
    const { track, on, allowed, trouble } = this.hooks;
    const now = track();
    this.follow(now);
    const heard = this.ear?.read() ?? { peak: 1, level: 0 }; // who cannot hear says nothing of silence
    const state = now === null || now.readyState === 'live' ? (now?.muted ? 'held' : 'live') : 'ended';
    const next = this.watch.sample(
      { on: on(), allowed: allowed() && now !== null, track: state, ...heard },
      Date.now(),
    );
    if (next === this.told) return;
    this.told = next;
    trouble(next);
  }

  private follow(track: MediaStreamTrack | null): void {
    if (track === this.of) return;
    this.ear?.close();
    this.of = track;
    this.ear = track ? (this.hooks.listen ?? earOf)(track) : null;
  }
}

/** Hears a copy of the track, whether the track itself is enabled or not. */
export function earOf(track: MediaStreamTrack): Ear | null {
  if (typeof AudioContext === 'undefined') return null;
  const copy = track.clone();
  copy.enabled = true;
  const context = new AudioContext({ latencyHint: 'playback' });
  const analyser = context.createAnalyser();
  analyser.fftSize = 2048;
  const source = context.createMediaStreamSource(new MediaStream([copy]));
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    read: () => {
      if (context.state !== 'running') return null;
      analyser.getFloatTimeDomainData(samples);
      const peak = samples.reduce((most, s) => Math.max(most, Math.abs(s)), 0);
      return { peak, level: loudness(samples) };
    },
    close: () => {
      source.disconnect();
      copy.stop();
      void context.close();
    },
  };
}
