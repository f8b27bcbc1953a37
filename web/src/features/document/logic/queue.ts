import type { WorkItem } from '../../../shared/work/api';

/** Where a document stands among those that wait for the person's signature. */
export interface Queue {
  /** From 1; 0 when the document itself does not wait (any more). */
  position: number;
  total: number;
  previous: string | null;
  next: string | null;
}

/** Reads the queue of signatures from the work list, in its order. */
export function queueOf(items: readonly Pick<WorkItem, 'kind' | 'object_id'>[], documentId: string): Queue {
  const ids = items.filter((item) => item.kind === 'sign').map((item) => item.object_id);
  const at = ids.indexOf(documentId);
  return {
    position: at + 1,
    total: ids.length,
    previous: at > 0 ? (ids[at - 1] ?? null) : null,
    next: (at < 0 ? ids[0] : ids[at + 1]) ?? null,
  };
}
