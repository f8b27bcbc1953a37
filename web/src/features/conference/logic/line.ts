// The own line in plain words. Pure.

import type { LineLevel, LineNews, LineWhy, MediaWay, PageQuality } from '../../../media/types';
import type { RoomState } from '../room/types';

/** The mark in the header: how the line is, in a word. */
export type LineMark = LineLevel | 'connecting' | 'failed';

/** What the page sees itself counts before what the server told a moment ago. */
export function markOf(state: Pick<RoomState, 'phase' | 'media' | 'line'>): LineMark {
  if (state.media === 'failed') return 'failed';
  if (state.phase === 'reconnecting') return 'lost';
  if (state.phase === 'joining' || state.media === 'connecting') return 'connecting';
  return state.line?.level ?? 'good';
}

export type Help = 'cable' | 'camera' | 'downloads' | 'programs' | 'devices' | 'reload' | 'port';

/** What is wrong, as keys of sentences, and what helps against it. */
export interface LineAdvice {
  says: (Exclude<LineMark, LineLevel> | Exclude<LineWhy, ''> | 'good' | 'lost' | 'cpu')[];
  helps: Help[];
}

const against: Record<Exclude<LineWhy, ''>, readonly Help[]> = {
  not_connected: ['reload', 'port'],
  silent: ['cable', 'reload'],
  no_media: ['devices', 'reload'],
  loss_up: ['cable', 'camera'],
  loss_down: ['cable', 'downloads'],
  few_packets: ['camera', 'programs'],
  round_trip: ['cable', 'downloads'],
  narrow_up: ['camera', 'downloads'],
  narrow_down: ['downloads', 'cable'],
  returned: [],
};

/** Sentences for the person: what is wrong, on which side, what helps. Nobody is told to turn off what is off. */
export function adviceOf(
  mark: LineMark,
  line: LineNews | null,
  own: { camera: boolean; limited: PageQuality['limited'] },
): LineAdvice {
  const why = line?.why ?? '';
  const told = mark === line?.level && why !== '';
  const says: LineAdvice['says'] = told ? [why] : [mark === 'weak' || mark === 'poor' ? 'good' : mark];
  const helps: Help[] = told ? [...against[why]] : mark === 'failed' ? ['reload', 'port'] : [];
  if (own.limited === 'cpu' && own.camera) {
    if (says[0] === 'good') says.length = 0;
    says.push('cpu');
    helps.push('programs', 'camera');
  }
  if (mark !== 'good' && line && isDetour(line.way)) helps.push('port');
  return { says, helps: [...new Set(helps)].filter((help) => help !== 'camera' || own.camera) };
}

/** Media that could not take the straight way over UDP. */
const isDetour = (way: MediaWay) => way === 'tcp' || way === 'relay_tcp' || way === 'relay_tls';
