import type { DocumentState, OfficialDocument } from '../api/documents';

/** One station of the road; `waitsFor` names who is asked to do it now. */
export interface RoadStep {
  key: 'draft' | 'submitted' | 'signed' | 'sealed' | 'released';
  state: 'done' | 'now' | 'later';
  who: string;
  at: string | null;
  waitsFor: string;
}

const order = ['draft', 'submitted', 'signed', 'sealed', 'released'] as const;

/** The five stations of a document: made, submitted, signed, sealed, released. */
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
  return state === 'signed' ? ['seal'] : [];
}
