import type { DocumentState, OfficialDocument } from '../api/documents';
import type { FieldKind } from './layout';

const order = ['draft', 'submitted', 'signed', 'numbered', 'sealed', 'released'] as const;

/** What the road depends on; a copy has no signer, an original says of no copy. */
type Travelling = Pick<OfficialDocument, 'state' | 'steps' | 'created_by' | 'agency_name'> & {
  signer: OfficialDocument['signer'] | null;
  copy: OfficialDocument['copy'] | null;
};

/** One station of the road; `waitsFor` names who is asked to do it now. */
export interface RoadStep {
  key: (typeof order)[number];
  state: 'done' | 'now' | 'later';
  who: string;
  at: string | null;
  waitsFor: string;
}

/** The six stations of a document; nobody signs a copy in person, so it has four. */
export function stepsOf(document: Travelling): RoadStep[] {
  const road = order.filter((key) => !document.copy || (key !== 'submitted' && key !== 'signed'));
  const reached = road.indexOf((document.state === 'cancelled' ? 'draft' : document.state) as (typeof order)[number]);
  const last = new Map<DocumentState, { at: string; who: string }>();
  for (const step of document.steps) last.set(step.state, { at: step.at, who: step.by?.full_name ?? '' });
  return road.map((key, index) => {
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

function waiter(key: RoadStep['key'], document: Travelling): string {
  if (key === 'submitted') return document.created_by.full_name;
  if (key === 'signed') return document.signer?.full_name ?? '';
  return document.agency_name;
}

/** Signatures that are still to come, so that they are not told as missing. */
export function awaitedSignatures({ state, copy }: Pick<Travelling, 'state' | 'copy'>): ('person' | 'seal')[] {
  if (copy) return state === 'sealed' || state === 'released' ? [] : ['seal'];
  if (state === 'draft' || state === 'submitted' || state === 'cancelled') return ['person', 'seal'];
  return state === 'signed' || state === 'numbered' ? ['seal'] : [];
}

/** Fields of the paper that are still to be filled in this state. */
export function fieldsToCome(state: DocumentState): FieldKind[] {
  if (state === 'draft' || state === 'submitted') return ['person', 'seal', 'number', 'date'];
  if (state === 'signed') return ['seal', 'number', 'date'];
  return state === 'numbered' ? ['seal'] : [];
}
