import type { Shape, Tone } from './Glyph';

/** What a delivery is, in the words of the interface rules (section 7). */
export type State =
  | 'queued'
  | 'sending'
  | 'failed'
  | 'arrived'
  | 'refused'
  | 'accepted'
  | 'draft'
  | 'submitted'
  | 'signed'
  | 'numbered'
  | 'sealed'
  | 'released'
  | 'cancelled'
  | 'returned'
  | 'unknown';

interface Look {
  shape: Shape;
  tone: Tone;
  /** The word itself is red too. */
  loud?: boolean;
}

/** Shape and colour of each state; the word is in the texts under `state.`. */
export const looks: Record<State, Look> = {
  queued: { shape: 'dashed', tone: 'muted' },
  sending: { shape: 'dashed', tone: 'muted' },
  failed: { shape: 'cross', tone: 'red', loud: true },
  arrived: { shape: 'dashed', tone: 'amber' },
  refused: { shape: 'cross', tone: 'red', loud: true },
  accepted: { shape: 'quarter', tone: 'accent' },
  draft: { shape: 'dashed', tone: 'muted' },
  submitted: { shape: 'ring', tone: 'accent' },
  signed: { shape: 'quarter', tone: 'accent' },
  numbered: { shape: 'half', tone: 'accent' },
  sealed: { shape: 'threeQuarters', tone: 'accent' },
  released: { shape: 'check', tone: 'green' },
  cancelled: { shape: 'minus', tone: 'muted' },
  returned: { shape: 'back', tone: 'amber' },
  unknown: { shape: 'dashed', tone: 'muted' },
};

/** State of a delivery from its transport and business status ("" or "01" to "03"). */
export function deliveryState(transport: string, status: string | number | null | undefined): State {
  switch (Number(status ?? 0)) {
    case 1:
      return 'arrived';
    case 2:
      return 'refused';
    case 3:
      return 'accepted';
    case 0:
      break;
    default:
      return 'unknown';
  }
  if (transport === 'queued') return 'queued';
  if (transport === 'sent') return 'sending';
  if (transport === 'failed') return 'failed';
  return transport === 'delivered' ? 'arrived' : 'unknown';
}

/** State of an outgoing document. A draft that came back from the signer says so. */
export function documentState(state: string, returnReason?: string | null): State {
  if (state === 'draft') return returnReason ? 'returned' : 'draft';
  return state in looks ? (state as State) : 'unknown';
}

/** Urgency in words; unknown and normal give nothing to show. */
export type Urgency = 'normal' | 'urgent' | 'very_urgent' | 'immediate';

/** Reads urgency as a word or as 0 to 3. */
export function urgencyOf(value: string | number | null | undefined): Urgency {
  const names: Urgency[] = ['normal', 'urgent', 'very_urgent', 'immediate'];
  if (typeof value === 'number') return names[value] ?? 'normal';
  return names.find((n) => n === value) ?? 'normal';
}

/** 0 for normal to 3 for "hỏa tốc": larger comes first. */
export function urgencyRank(value: string | number | null | undefined): number {
  return ['normal', 'urgent', 'very_urgent', 'immediate'].indexOf(urgencyOf(value));
}
