import type { DocumentState, OfficialDocument } from '../api/documents';
import type { FieldKind } from './layout';

const order = ['draft', 'submitted', 'signed', 'numbered', 'sealed', 'released'] as const;

/** One station of the road; `waitsFor` names who is asked to do it now. */
export interface RoadStep {
  key: (typeof order)[number];
  state: 'done' | 'now' | 'later';
  who: string;
  at: string | null;
  waitsFor: string;
}

/** The six stations of a document. */
export function stepsOf(
  document: Pick<OfficialDocument, 'state' | 'steps' | 'signer' | 'created_by' | 'agency_name'>,
): RoadStep[] {
  const reached = order.indexOf((document.state === 'cancelled' ? 'draft' : document.state) as (typeof order)[number]);
  const last = new Map<DocumentState, { at: string; who: string }>();
  for (const step of document.steps) last.set(step.state, { at: step.at, who: step.by?.full_name ?? '' });
  return order.map((key, index) => {
    const done = index <= reached;
    const now = index === reached + 1 && document.state !== 'cancelled';
    const taken = done ? last.get(key) : undefined;
    return {
      key,
      state: done ? 'done' : now ? 'now' : 'later',
      who: taken?.who ?? '',
      at: taken?.at ?? null,
      waitsFor: now ? waiter(key, document) : '',
    };
  });
}

function waiter(
  key: RoadStep['key'],
  document: Pick<OfficialDocument, 'signer' | 'created_by' | 'agency_name'>,
): string {
  if (key === 'submitted') return document.created_by.full_name;
  if (key === 'signed') return document.signer?.full_name ?? '';
  return document.agency_name;
}

/** Signatures that are still to come, so that they are not told as missing. */
export function awaitedSignatures(state: DocumentState): ('person' | 'seal')[] {
  if (state === 'draft' || state === 'submitted' || state === 'cancelled') return ['person', 'seal'];
  return state === 'signed' || state === 'numbered' ? ['seal'] : [];
}

/** Fields of the paper that are still to be filled in this state. */
export function fieldsToCome(state: DocumentState): FieldKind[] {
  if (state === 'draft' || state === 'submitted') return ['person', 'seal', 'number', 'date'];
  if (state === 'signed') return ['seal', 'number', 'date'];
  return state === 'numbered' ? ['seal'] : [];
}
