import type { Report } from './lineStats';
import type { LineNews, MediaWay, PageQuality } from './types';

/** How often a page tells what it measured, in milliseconds. */
export const tellEvery = 5_000;

/** One slot with pictures. */
interface Pictures {
  participantId: string;
  freezes: number;
  frozen: number;
  frames: number;
  decode: number;
  fps: number;
  width: number;
}

/** Counters of a connection at one moment. */
export interface Totals {
  pictures: Map<string, Pictures>;
  samples: number;
  concealed: number;
  roundTrip: number;
  way: MediaWay;
  limited: PageQuality['limited'];
}

type Numbers = Record<string, unknown>;

const number = (from: Numbers, name: string): number => {
  const value = from[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
};

/** Reads the counters out of a report, with whose picture every m-line shows. What a browser does not know counts as nothing. */
export function totalsOf(report: Report, owners: ReadonlyMap<string, string>): Totals {
  const all = report as unknown as ReadonlyMap<string, Numbers>;
  const totals: Totals = { pictures: new Map(), samples: 0, concealed: 0, roundTrip: 0, way: '', limited: '' };
  for (const one of all.values()) {
    if (one['type'] === 'inbound-rtp' && one['kind'] === 'audio') {
      totals.samples += number(one, 'totalSamplesReceived');
      totals.concealed += number(one, 'concealedSamples') - number(one, 'silentConcealedSamples');
    }
    if (one['type'] === 'inbound-rtp' && one['kind'] === 'video') {
      const mid = String(one['mid'] ?? '');
      const participantId = owners.get(mid);
      if (participantId !== undefined) totals.pictures.set(mid, picturesOf(one, participantId));
    }
    if (one['type'] === 'outbound-rtp' && one['kind'] === 'video' && one['active'] !== false) {
      const why = one['qualityLimitationReason'];
      if (why === 'cpu' || (why === 'bandwidth' && totals.limited === '')) totals.limited = why;
    }
  }
  const pair = chosenPair(all);
  if (pair) {
    totals.roundTrip = number(pair, 'currentRoundTripTime');
    totals.way = wayOf(all.get(String(pair['localCandidateId'])));
  }
  return totals;
}

function picturesOf(one: Numbers, participantId: string): Pictures {
  return {
    participantId,
    freezes: number(one, 'freezeCount'),
    frozen: number(one, 'totalFreezesDuration'),
    frames: number(one, 'framesDecoded'),
    decode: number(one, 'totalDecodeTime'),
    fps: number(one, 'framesPerSecond'),
    width: number(one, 'frameWidth'),
  };
}

/** The pair of candidates that media take now. */
function chosenPair(all: ReadonlyMap<string, Numbers>): Numbers | undefined {
  for (const one of all.values()) {
    if (one['type'] !== 'transport') continue;
    const chosen = all.get(String(one['selectedCandidatePairId']));
    if (chosen) return chosen;
  }
  // Firefox names it at the pair
  return [...all.values()].find((one) => one['type'] === 'candidate-pair' && one['selected'] === true);
}

function wayOf(candidate: Numbers | undefined): MediaWay {
  if (!candidate) return '';
  const relayed = candidate['candidateType'] === 'relay';
  const protocol = relayed ? (candidate['relayProtocol'] ?? 'udp') : candidate['protocol'];
  if (protocol === 'tls') return 'relay_tls';
  if (protocol !== 'udp' && protocol !== 'tcp') return '';
  return relayed ? `relay_${protocol}` : protocol;
}

/** What happened between two moments. Slots that went over to another person meanwhile count no freeze. */
export function between(before: Totals, now: Totals): PageQuality {
  let freezes = 0;
  let frozen = 0;
  let frames = 0;
  let decode = 0;
  let largest: Pictures | null = null;
  for (const [mid, pictures] of now.pictures) {
    if (!largest || pictures.width > largest.width) largest = pictures;
    const was = before.pictures.get(mid);
    if (!was || was.participantId !== pictures.participantId) continue;
    freezes += Math.max(0, pictures.freezes - was.freezes);
    frozen += Math.max(0, pictures.frozen - was.frozen);
    frames += Math.max(0, pictures.frames - was.frames);
    decode += Math.max(0, pictures.decode - was.decode);
  }
  const samples = Math.max(0, now.samples - before.samples);
  const concealed = Math.max(0, now.concealed - before.concealed);
  return {
    freezes: Math.min(10_000, Math.round(freezes)),
    frozen_ms: Math.min(600_000, Math.round(frozen * 1000)),
    fps: Math.min(240, round(largest?.fps ?? 0)),
    width: Math.min(16_384, Math.round(largest?.width ?? 0)),
    concealed: samples > 0 ? Math.min(1, Math.round((concealed / samples) * 10_000) / 10_000) : 0,
    decode_ms: Math.min(60_000, frames > 0 ? round((decode / frames) * 1000) : 0),
    round_trip_ms: Math.min(60_000, Math.round(now.roundTrip * 1000)),
    way: now.way,
    limited: now.limited,
  };
}

/** The server takes a report whole or not at all, so its values stay within what it takes. */
const round = (value: number) => Math.round(value * 10) / 10;

/** Tells regularly what the page measured, for as long as a connection stands. */
export class QualityTeller {
  private last: { of: object; totals: Totals; at: number } | null = null;

  constructor(private readonly tell: (quality: PageQuality) => void) {}

  /** Takes a report of a connection; it is drawn on when its time has come. */
  saw(of: object, report: Report, owners: ReadonlyMap<string, string>, now: number): void {
    if (this.last?.of === of && now - this.last.at < tellEvery) return;
    const totals = totalsOf(report, owners);
    if (this.last?.of === of) this.tell(between(this.last.totals, totals));
    this.last = { of, totals, at: now };
  }
}

/** The news in a message, without its type. */
export function newsOf({ level, why, loss_up, loss_down, round_trip_ms, up_kbps, down_kbps, way }: LineNews): LineNews {
  return { level, why, loss_up, loss_down, round_trip_ms, up_kbps, down_kbps, way };
}
