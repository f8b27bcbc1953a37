import { dueOf } from '../../../lib/dates';
import type { WorkItem } from '../../../shared/work/api';
import { urgencyRank } from '../../../ui/marks';

/** Groups of the home page, in their order: what burns, what is late, what is due today, the rest. */
export type GroupKey = 'immediate' | 'late' | 'today' | 'later';

export interface Group {
  key: GroupKey;
  items: WorkItem[];
}

const order: GroupKey[] = ['immediate', 'late', 'today', 'later'];

function groupOf(item: WorkItem, now: Date): GroupKey {
  if (urgencyRank(item.urgency) === 3) return 'immediate';
  if (!item.due_at) return urgencyRank(item.urgency) > 0 ? 'today' : 'later';
  const due = dueOf(item.due_at, now);
  return due.kind;
}

/** One list, one order: urgency, then deadline, then how long it waits. */
export function groupWork(items: readonly WorkItem[], now: Date): Group[] {
  const sorted = [...items].sort(
    (a, b) =>
      urgencyRank(b.urgency) - urgencyRank(a.urgency) ||
      (a.due_at ?? '9').localeCompare(b.due_at ?? '9') ||
      a.since.localeCompare(b.since),
  );
  return order
    .map((key) => ({ key, items: sorted.filter((item) => groupOf(item, now) === key) }))
    .filter((group) => group.items.length > 0);
}

/** Kinds of work that are there, with how many of each, in the order of the list. */
export function kindsOf(items: readonly WorkItem[]): { kind: WorkItem['kind']; count: number }[] {
  const counts = new Map<WorkItem['kind'], number>();
  for (const item of items) counts.set(item.kind, (counts.get(item.kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => ({ kind, count }));
}
