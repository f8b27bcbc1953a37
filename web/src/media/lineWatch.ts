// Whether one is cut off: joins what socket, ICE and arriving packets say. Pure; time comes in.

/** Milliseconds. */
export const lineTiming = {
  /** Without a packet of any kind for this long the line is silent: a new way is looked for. */
  silentAfter: 2_000,
  /** Trouble that lasts this long is told; with the turns of the clock that is 3 s at the latest. */
  tellAfter: 2_500,
  /** The line has to hold this long before the words go. */
  wellFor: 1_500,
  /** It holds while packets come at least so often. */
  freshFor: 800,
};

/** What is cut off. */
export type LineLoss = 'none' | 'server' | 'media' | 'all';

/** Says at most "cut off" and "back"; a flicker says nothing. */
export class LineWatch {
  private serverSince: number | null = null;
  private mediaSince: number | null = null;
  private packetAt = 0;
  private flowed = false;
  private wellSince: number | null = null;
  private told: LineLoss = 'none';

  /** What is to be told now. */
  get loss(): LineLoss {
    return this.told;
  }

  /** Media flow, as far as known, and nothing came for so long that a new way has to be found. */
  isSilent(now: number): boolean {
    return this.flowed && now - this.packetAt >= lineTiming.silentAfter;
  }

  /** The socket to the server stands, or does not. */
  socket(up: boolean, now: number): void {
    if (up) this.serverSince = null;
    else this.serverSince ??= now;
  }

  /** State of the connection for media. Only what stood once can be cut off. */
  media(state: 'connecting' | 'connected' | 'broken', now: number): void {
    if (state === 'connected') {
      if (!this.flowed || this.mediaSince !== null) this.packetAt = now;
      this.mediaSince = null;
      this.flowed = true;
    } else if (this.flowed) {
      this.mediaSince ??= Math.min(now, this.packetAt);
    }
  }

  /** Something arrived: sound, pictures or a report. */
  packet(now: number): void {
    this.packetAt = now;
  }

  /** Looks at the clock; true when something else is to be told. */
  tick(now: number): boolean {
    const before = this.told;
    const lost = this.lostAt(now);
    if (this.inTrouble(now)) this.wellSince = null;
    else this.wellSince ??= now;
    if (lost !== 'none') this.told = lost;
    else if (this.wellSince !== null && now - this.wellSince >= lineTiming.wellFor) this.told = 'none';
    return before !== this.told;
  }

  private lostAt(now: number): LineLoss {
    const long = (since: number | null) => since !== null && now - since >= lineTiming.tellAfter;
    const server = long(this.serverSince);
    const media = long(this.mediaSince) || (this.flowed && now - this.packetAt >= lineTiming.tellAfter);
    if (server) return media ? 'all' : 'server';
    return media ? 'media' : 'none';
  }

  private inTrouble(now: number): boolean {
    const fresh = !this.flowed || now - this.packetAt < lineTiming.freshFor;
    return this.serverSince !== null || this.mediaSince !== null || !fresh;
  }
}
