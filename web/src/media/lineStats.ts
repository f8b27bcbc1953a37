// What two reports of the browser, some time apart, tell of the own line. Pure.

import type { LineSample } from './degrade';

/** The counters that we read; every browser names them so. */
interface Counters {
  type: string;
  id: string;
  kind?: string;
  mid?: string;
  packetsLost?: number;
  packetsReceived?: number;
  bytesReceived?: number;
  responsesReceived?: number;
  concealedSamples?: number;
  silentConcealedSamples?: number;
  totalSamplesReceived?: number;
  framesDecoded?: number;
}

/** A report, by id. */
export type Report = ReadonlyMap<string, Counters>;

export function reportOf(stats: RTCStatsReport | ReadonlyMap<string, unknown>): Report {
  const report = new Map<string, Counters>();
  for (const [id, entry] of (stats as ReadonlyMap<string, Counters>).entries()) report.set(id, entry);
  return report;
}

/** Everything that ever came in, of whatever kind: sound, pictures, reports, answers of the way itself. */
export function arrivedIn(report: Report): number {
  let sum = 0;
  for (const s of report.values()) {
    if (s.type === 'transport' || s.type === 'candidate-pair') {
      sum += (s.packetsReceived ?? 0) + (s.bytesReceived ?? 0) + (s.responsesReceived ?? 0);
    }
  }
  return sum;
}

interface Seen {
  lost: number;
  came: number;
  concealed: number;
  played: number;
  stands: boolean;
}

/**
 * What happened on the own line between two reports. `owners` says by mid whose sound or picture it is. A sender
 * with a bad line of its own spoils only what comes from it: so what counts is the least that all of them
 * suffer.
 */
export function sampleOf(before: Report, after: Report, owners: ReadonlyMap<string, string>): LineSample {
  const people = new Map<string, Seen>();
  for (const now of after.values()) {
    const owner = now.type === 'inbound-rtp' ? owners.get(now.mid ?? '') : undefined;
    const was = before.get(now.id);
    if (owner === undefined || !was) continue;
    const since = (name: Numeric) => Math.max(0, (now[name] ?? 0) - (was[name] ?? 0));
    const seen = people.get(owner) ?? { lost: 0, came: 0, concealed: 0, played: 0, stands: false };
    people.set(owner, seen);
    seen.lost += since('packetsLost');
    seen.came += since('packetsReceived');
    if (now.kind === 'audio') {
      seen.concealed += Math.max(0, since('concealedSamples') - since('silentConcealedSamples'));
      seen.played += since('totalSamplesReceived');
    } else {
      seen.stands ||= (was.framesDecoded ?? 0) > 0 && since('framesDecoded') === 0;
    }
  }
  const all = [...people.values()];
  return {
    lost: least(all.filter((s) => s.lost + s.came > 0).map((s) => s.lost / (s.lost + s.came))),
    concealed: least(all.filter((s) => s.played > 0).map((s) => s.concealed / s.played)),
    frozen: all.length > 1 && all.every((s) => s.stands) ? 1 : 0,
    flowing: arrivedIn(after) !== arrivedIn(before),
  };
}

type Numeric = Exclude<keyof Counters, 'type' | 'id' | 'kind' | 'mid'>;

function least(shares: readonly number[]): number {
  return shares.length > 0 ? Math.min(...shares) : 0;
}
