/** Milliseconds. */
export const rejoinTiming = {
  joinWithin: 10_000,
  firstPause: 500,
  longestPause: 15_000,
};

export interface RejoinHooks {
  /** Asks to be let in; false while there is no road to the server. */
  ask: () => boolean;
  /** Joining failed: lets go of what there was. */
  failed: () => void;
  random?: (() => number) | undefined;
}

/** Asks to be let into the room, again and again with growing pauses. It owns its timers. */
export class Rejoin {
  private failures = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private joinTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly hooks: RejoinHooks) {}

  /** Asks now. Without a road to the server nothing happens: the next socket asks. */
  now(): void {
    this.stop();
    if (this.hooks.ask()) this.joinTimer = setTimeout(() => this.again(), rejoinTiming.joinWithin);
  }

  /** Asks after a pause. */
  again(): void {
    this.hooks.failed();
    this.stop();
    const pause = Math.min(rejoinTiming.firstPause * 2 ** this.failures, rejoinTiming.longestPause);
    this.failures += 1;
    this.retryTimer = setTimeout(() => this.now(), pause * (0.5 + (this.hooks.random ?? Math.random)() / 2));
  }

  /** The server let us in. */
  joined(): void {
    clearTimeout(this.joinTimer);
  }

  /** Media flow: the next failure is the first again. */
  well(): void {
    this.failures = 0;
  }

  stop(): void {
    clearTimeout(this.retryTimer);
    clearTimeout(this.joinTimer);
  }
}
