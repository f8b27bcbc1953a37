import { Degrade, type DegradeStage, type LineSample } from './degrade';
import { arrivedIn, type Report, sampleOf } from './lineStats';
import { type LineLoss, LineWatch } from './lineWatch';

/** The connection for media, as far as this needs it. */
export interface Watched {
  /** When a sound or picture last came, on the clock of `Date.now`; 0 for never. Costs nothing. */
  heardAt(): number;
  /** Everything the browser counts. */
  report(): Promise<Report>;
  /** Whose sound or picture an m-line carries. */
  owners(): ReadonlyMap<string, string>;
  /** Looks for a new way through the network. */
  mend(): void;
  /** Something arrives again. */
  mended(): void;
}

export interface WatchHooks {
  connection: () => Watched | null;
  /** State of the connection for media. */
  media: () => 'connecting' | 'connected' | 'broken';
  socketUp: () => boolean;
  /** The socket may be dead without knowing: asks it for a sign of life. */
  nudge: () => void;
  lossIs: (loss: LineLoss) => void;
  stageIs: (stage: DegradeStage) => void;
  /** What the browser counted, once a second. */
  seen?: (of: Watched, report: Report) => void;
}

/** Milliseconds. */
export const watchTiming = {
  every: 500,
  /** A packet as fresh as this spares a look into the browser's counters. */
  fresh: 700,
};

/**
 * Keeps an eye on the line: tells when one is cut off, asks for a new way as soon as nothing arrives, and how much
 * the line bears. It owns its timer.
 */
export class RoomWatch {
  private readonly line = new LineWatch();
  private readonly degrade = new Degrade();
  private timer: ReturnType<typeof setInterval> | undefined;
  private turn = 0;
  private last: { of: Watched; report: Report } | null = null;
  private arrived = 0;
  /** Something flowed once: before that there is nothing to lose. */
  private flowed = false;
  private mends: Watched | null = null;
  private reading = false;

  constructor(private readonly hooks: WatchHooks) {}

  start(): void {
    this.timer ??= setInterval(() => void this.look(), watchTiming.every);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** The browser says that the network is another one: nothing that stood before can be trusted. */
  networkChanged(): void {
    this.hooks.nudge();
    if (this.hooks.media() !== 'connecting') this.hooks.connection()?.mend();
  }

  private async look(): Promise<void> {
    const { connection, media, socketUp, nudge, lossIs } = this.hooks;
    const now = Date.now();
    this.turn += 1;
    const current = connection();
    this.line.socket(socketUp(), now);
    this.line.media(media(), now);
    if (current && media() !== 'connecting') {
      const fresh = now - current.heardAt() < watchTiming.fresh;
      if (fresh) this.line.packet(now);
      if (!fresh || this.turn % 2 === 0) await this.read(current);
    }
    if (this.timer === undefined) return; // stopped meanwhile
    if (!this.line.isSilent(Date.now())) {
      this.mends?.mended();
      this.mends = null;
    } else if (current && this.mends !== current) {
      this.mends = current; // once: what does not mend is joined anew
      current.mend();
      nudge();
    }
    if (this.line.tick(Date.now())) lossIs(this.line.loss);
    if (media() === 'connected') this.flowed = true;
    const waits = !current || media() === 'connecting';
    if (this.turn % 2 === 0 && waits && this.flowed) this.judge({ lost: 0, concealed: 0, frozen: 0, flowing: false });
  }

  private async read(current: Watched): Promise<void> {
    if (this.reading) return;
    this.reading = true;
    const report = await current.report().catch(() => null);
    this.reading = false;
    if (!report || this.hooks.connection() !== current) return;
    const arrived = arrivedIn(report);
    if (arrived !== this.arrived) this.line.packet(Date.now());
    this.arrived = arrived;
    if (this.turn % 2 !== 0) return;
    this.hooks.seen?.(current, report);
    if (this.last?.of === current) this.judge(sampleOf(this.last.report, report, current.owners()));
    this.last = { of: current, report };
  }

  private judge(sample: LineSample): void {
    if (this.degrade.second(sample)) this.hooks.stageIs(this.degrade.stage);
  }
}
