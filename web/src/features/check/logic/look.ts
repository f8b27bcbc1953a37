import type { Shape, Tone } from '../../../ui/Glyph';

/** How a checked file stands; the words are the texts `state.<state>`. */
export type State = 'valid' | 'trial' | 'invalid' | 'unknown' | 'unsigned' | 'checking';

/** Shape and colour of each state. */
export const looks: Record<State, { shape: Shape; tone: Tone }> = {
  valid: { shape: 'check', tone: 'green' },
  trial: { shape: 'half', tone: 'amber' },
  invalid: { shape: 'cross', tone: 'red' },
  unknown: { shape: 'quarter', tone: 'amber' },
  unsigned: { shape: 'minus', tone: 'muted' },
  checking: { shape: 'dashed', tone: 'muted' },
};
