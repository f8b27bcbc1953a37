// How much of a meeting a bad line is asked to carry. Pure; it is fed once a second.

import type { RoomView } from './types';

/** From everything to nothing but papers. */
export const stages = ['full', 'small', 'no_tiles', 'sound', 'papers'] as const;
export type DegradeStage = (typeof stages)[number];

/** What the page saw of the line in the last second. */
export interface LineSample {
  /** Part of the packets to us, or of ours to the server, that were lost; the worse of both. 0 to 1. */
  lost: number;
  /** Part of the heard sound that the browser had to make up. 0 to 1. */
  concealed: number;
  /** Part of the pictures on the screen that stand still. 0 to 1. */
  frozen: number;
  /** Anything arrives at all. */
  flowing: boolean;
}

/** Seconds. */
export const degradeTiming = {
  /** So long it has to be bad before a step down. */
  badFor: 4,
  /** So long nothing is judged after a step: it has to take effect. */
  settle: 4,
  /** So long it has to be good before a step up; twice as long after every try that failed. */
  goodFor: 12,
  longestGood: 120,
  /** A step up that is taken back within this time failed. */
  proves: 30,
  /** So long nothing arrives before only the papers are left. */
  stalled: 10,
};

/** The deepest stage that a sample asks for: 0 for a good line; null for one that is neither good nor bad. */
function asks({ lost, concealed, frozen }: LineSample): number | null {
  if (lost >= 0.25 || concealed >= 0.15) return 3;
  if (lost >= 0.1 || concealed >= 0.05 || frozen >= 0.5) return 2;
  if (lost >= 0.05 || frozen > 0) return 1;
  return lost < 0.02 && concealed < 0.02 ? 0 : null;
}

/** Goes down step by step while the line is bad, and up again more slowly, so that nothing flaps. */
export class Degrade {
  private level = 0;
  private at = 0;
  private bad = 0;
  private good = 0;
  private silent = 0;
  private settled = 0;
  private patience = degradeTiming.goodFor;
  private roseAt: number | null = null;

  get stage(): DegradeStage {
    return this.silent >= degradeTiming.stalled ? 'papers' : (stages[this.level] ?? 'full');
  }

  /** Takes what the last second brought; true when the stage changed. */
  second(sample: LineSample): boolean {
    const before = this.stage;
    this.at += 1;
    this.silent = sample.flowing ? 0 : this.silent + 1;
    if (sample.flowing) this.judge(asks(sample));
    else this.good = 0;
    return before !== this.stage;
  }

  private judge(wanted: number | null): void {
    if (this.settled > 0) {
      this.settled -= 1;
      return;
    }
    this.bad = wanted !== null && wanted > this.level ? this.bad + 1 : Math.max(0, this.bad - 1);
    this.good = wanted === 0 ? this.good + 1 : 0;
    if (this.bad >= degradeTiming.badFor) this.down();
    else if (this.level > 0 && this.good >= this.patience) this.move(-1);
    else if (this.level === 0 && this.good >= degradeTiming.longestGood) this.patience = degradeTiming.goodFor;
  }

  private down(): void {
    if (this.roseAt !== null && this.at - this.roseAt <= degradeTiming.proves) {
      this.patience = Math.min(this.patience * 2, degradeTiming.longestGood);
    }
    this.move(1);
  }

  private move(by: 1 | -1): void {
    this.level += by;
    this.bad = 0;
    this.good = 0;
    this.settled = degradeTiming.settle;
    this.roseAt = by < 0 ? this.at : null;
  }
}

/** What a page asks for at a stage: smaller pictures, then only the large one, then none. */
export function limitView(view: RoomView, stage: DegradeStage): RoomView {
  switch (stage) {
    case 'full':
      return view;
    case 'small':
      return {
        ...view,
        main_height: Math.min(view.main_height, 360),
        tile_height: Math.min(view.tile_height, 180),
      };
    case 'no_tiles':
      return { ...view, main_height: Math.min(view.main_height, 180), tiles: [], tile_height: 0 };
    default:
      return { ...view, main_height: 0, tiles: [], tile_height: 0, screen_height: 0 };
  }
}

/** How many of the own camera's layers are sent at a stage; the lowest is the last to go. */
export function ownLayers(stage: DegradeStage): number {
  return { full: 3, small: 2, no_tiles: 1, sound: 0, papers: 0 }[stage];
}
