import type { DocumentSummary } from '../api/documents';
import type { SignatureItem, SignatureRequest } from '../api/requests';

/** How the signing of one document of a batch ended, or that it has not yet. */
export type Outcome = 'signed' | 'failed' | 'waiting';

export interface Result {
  documentId: string;
  subject: string;
  outcome: Outcome;
  reason: string;
}

function outcomeOf(item: Pick<SignatureItem, 'state'>): Outcome {
  if (item.state === 'done') return 'signed';
  return item.state === 'failed' || item.state === 'cancelled' ? 'failed' : 'waiting';
}

/** One result per document: failed when any of its files failed, signed when all are. Failures first. */
export function resultsOf(request: Pick<SignatureRequest, 'items'>): Result[] {
  const results = new Map<string, Result>();
  const rank: Record<Outcome, number> = { failed: 0, waiting: 1, signed: 2 };
  for (const item of request.items) {
    const outcome = outcomeOf(item);
    const known = results.get(item.document_id);
    if (known && rank[known.outcome] <= rank[outcome]) continue;
    results.set(item.document_id, {
      documentId: item.document_id,
      subject: item.subject,
      outcome,
      reason: item.reason,
    });
  }
  return [...results.values()].sort((a, b) => rank[a.outcome] - rank[b.outcome]);
}

/** At most so many documents are signed at once. */
export const mostAtOnce = 100;

/** The documents of the list that wait for this person, in the order of the list of work. */
export function toSign(ids: readonly string[], documents: readonly DocumentSummary[]): DocumentSummary[] {
  const known = new Map(documents.map((d) => [d.id, d]));
  return ids.flatMap((id) => known.get(id) ?? []);
}
