// Whether the own microphone does what its owner thinks. Pure; it is fed ten times a second.

/** What a person should know of the own microphone. */
export type MicTrouble =
  /** It is on and gives nothing but zeros. */
  | 'silent'
  /** The browser or the system holds its sound back. */
  | 'held'
  /** It was unplugged, or the system took it away. */
  | 'gone'
  /** The person speaks while it is off. */
  | 'talking_muted';

export interface MicSample {
  /** Turned on in the room. */
  on: boolean;
  /** May be turned on now. */
  allowed: boolean;
  track: 'live' | 'held' | 'ended';
  /** Highest amplitude since the last sample, 0 to 1. */
  peak: number;
  /** Loudness on the scale of `loudness`, 0 to 1. */
  level: number;
}

/** Milliseconds. */
export const micTiming = {
  silentAfter: 5_000,
  heldAfter: 2_000,
  /** Speech of so much, without a pause as long as `pause`, is no cough. */
  talksFor: 800,
  pause: 600,
  /** The hint stays so long, and does not come again for so long. */
  hintFor: 6_000,
  hintEvery: 45_000,
};

/** A microphone that works is never quieter than its own noise. */
const digitalSilence = 1e-5;
/** Somebody who speaks in front of it; about -36 dB. */
const speech = 0.4;

/** Tells what is wrong with the microphone that is on, and that somebody speaks into one that is off. */
export class MicWatch {
  private quietSince: number | null = null;
  private heldSince: number | null = null;
  private spoken = 0;
  private spokeAt = Number.NEGATIVE_INFINITY;
  private sampledAt: number | null = null;
  private hintedAt = Number.NEGATIVE_INFINITY;

  /** What is to be told after this sample. */
  sample(s: MicSample, now: number): MicTrouble | null {
    const passed = this.sampledAt === null ? 0 : Math.min(now - this.sampledAt, 1_000);
    this.sampledAt = now;
    if (!s.on) {
      this.quietSince = null;
      this.heldSince = null;
      return this.talking(s, passed, now) ? 'talking_muted' : null;
    }
    this.spoken = 0;
    this.hintedAt = Number.NEGATIVE_INFINITY;
    if (s.track === 'ended') return 'gone';
    this.heldSince = s.track === 'held' ? (this.heldSince ?? now) : null;
    this.quietSince = s.peak < digitalSilence ? (this.quietSince ?? now) : null;
    if (this.heldSince !== null && now - this.heldSince >= micTiming.heldAfter) return 'held';
    return this.quietSince !== null && now - this.quietSince >= micTiming.silentAfter ? 'silent' : null;
  }

  private talking(s: MicSample, passed: number, now: number): boolean {
    if (!s.allowed || s.track !== 'live') {
      this.spoken = 0;
      return false;
    }
    const hinting = now - this.hintedAt < micTiming.hintFor;
    if (s.level >= speech) {
      this.spoken += passed;
      this.spokeAt = now;
    } else if (now - this.spokeAt > micTiming.pause) {
      this.spoken = 0;
    }
    if (hinting) return true;
    if (this.spoken < micTiming.talksFor || now - this.hintedAt < micTiming.hintEvery) return false;
    this.hintedAt = now;
    return true;
  }
}
