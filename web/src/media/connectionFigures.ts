// What the connection test measures, and what it means. Pure.

/** A way for sound and pictures. */
export type Way = 'udp' | 'tcp' | 'relay';

/** "absent": the server does not offer it. */
export type WayResult = { state: 'ok'; ms: number } | { state: 'failed' } | { state: 'absent' };

export interface Measured {
  /** Part of the packets that were lost, 0 to 1: from here to the server, and back. */
  lostUp: number;
  lostDown: number;
  /** Milliseconds; the middle one of all that were measured. */
  roundTrip: number;
  jitter: number;
  /** What came back, in kilobits a second. */
  rate: number;
  way: Way;
}

/** What a meeting will be like. */
export type Judged = 'good' | 'fair' | 'poor' | 'narrow' | 'blocked' | 'no_socket';

/** A report of the browser, by id. */
type Report = ReadonlyMap<string, { type: string; id: string }>;
type Counters = Record<string, unknown>;

/** The answer with the candidates of one way only; null when it has none. */
export function onlyWay(sdp: string, way: 'udp' | 'tcp'): string | null {
  const lines = sdp.split('\r\n');
  const isOther = (line: string) => line.startsWith('a=candidate:') && line.split(' ')[2]?.toLowerCase() !== way;
  const kept = lines.filter((line) => !isOther(line));
  return kept.some((line) => line.startsWith('a=candidate:')) ? kept.join('\r\n') : null;
}

/** What two reports of each connection, some time apart, say. */
export function measure(
  up: readonly [Report, Report],
  down: readonly [Report, Report],
  trips: readonly number[],
  ms: number,
): Measured {
  const sent = grown(up, 'outbound-rtp', 'packetsSent');
  const missed = grown(up, 'remote-inbound-rtp', 'packetsLost');
  const came = grown(down, 'inbound-rtp', 'packetsReceived');
  const lost = grown(down, 'inbound-rtp', 'packetsLost');
  const lostUp = share(missed, sent - missed);
  const both = share(lost, came);
  const sorted = [...trips].sort((a, b) => a - b);
  return {
    lostUp,
    // what was lost on the way up is missing on the way back too
    lostDown: Math.max(0, (both - lostUp) / Math.max(0.01, 1 - lostUp)),
    roundTrip: sorted[Math.floor(sorted.length / 2)] ?? 0,
    jitter: Math.max(0, ...numbers(down[1], 'inbound-rtp', 'jitter')) * 1000,
    rate: (grown(down, 'inbound-rtp', 'bytesReceived') * 8) / ms,
    way: wayOf(down[1]),
  };
}

/** What a meeting over this line will be like. */
export function judge(socket: boolean, ways: Partial<Record<Way, WayResult>>, measured: Measured | null): Judged {
  if (!socket) return 'no_socket';
  if (!Object.values(ways).some((way) => way?.state === 'ok') || !measured) return 'blocked';
  const lost = Math.max(measured.lostUp, measured.lostDown);
  if (lost >= 0.1 || measured.roundTrip >= 600) return 'poor';
  if (ways.udp?.state !== 'ok') return 'narrow';
  return lost >= 0.03 || measured.roundTrip >= 300 ? 'fair' : 'good';
}

/** Everything in lines, for whoever looks after the network. */
export function technicalLines(
  facts: { at: string; host: string; browser: string },
  socket: { ok: boolean; ms: number } | null,
  ways: Partial<Record<Way, WayResult>>,
  measured: Measured | null,
  verdict: Judged | null,
): string {
  const way = (name: Way) => {
    const result = ways[name];
    return !result ? '-' : result.state === 'ok' ? `ok ${Math.round(result.ms)} ms` : result.state;
  };
  const percent = (x: number) => `${(x * 100).toFixed(1)} %`;
  const lines = [
    `Nghi Su connection test ${facts.at}`,
    `host: ${facts.host}`,
    `browser: ${facts.browser}`,
    `socket: ${socket ? `${socket.ok ? 'ok' : 'failed'} ${Math.round(socket.ms)} ms` : '-'}`,
    `udp: ${way('udp')}`,
    `tcp: ${way('tcp')}`,
    `relay: ${way('relay')}`,
  ];
  if (measured) {
    lines.push(
      `used: ${measured.way}`,
      `loss up: ${percent(measured.lostUp)}, down: ${percent(measured.lostDown)}`,
      `round trip: ${Math.round(measured.roundTrip)} ms, jitter: ${Math.round(measured.jitter)} ms`,
      `received: ${Math.round(measured.rate)} kbit/s`,
    );
  }
  lines.push(`verdict: ${verdict ?? '-'}`);
  return lines.join('\n');
}

function numbers(report: Report, type: string, name: string): number[] {
  const found: number[] = [];
  for (const entry of report.values()) {
    const value = (entry as unknown as Counters)[name];
    if (entry.type === type && typeof value === 'number') found.push(value);
  }
  return found;
}

const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);

function grown([before, after]: readonly [Report, Report], type: string, name: string): number {
  return Math.max(0, sum(numbers(after, type, name)) - sum(numbers(before, type, name)));
}

function share(lost: number, came: number): number {
  return lost + came > 0 ? Math.max(0, lost) / (lost + came) : 0;
}

/** The way of the pair of addresses that is used. */
function wayOf(report: Report): Way {
  for (const entry of report.values()) {
    const pair = entry as unknown as Counters;
    if (entry.type !== 'candidate-pair' || pair['nominated'] !== true) continue;
    const local = report.get(String(pair['localCandidateId'])) as Counters | undefined;
    if (local?.['candidateType'] === 'relay') return 'relay';
    return local?.['protocol'] === 'tcp' ? 'tcp' : 'udp';
  }
  return 'udp';
}
