// Who spoke at a meeting, by item of the agenda. Pure.

/** The part of a held turn that the record needs. */
export interface HeldTurn {
  id: string;
  item_id: string | null;
  called_at: string | null;
  ended_at: string | null;
}

export interface RecordGroup<T> {
  /** Empty: before the agenda began, or of an item that was struck. */
  itemId: string;
  turns: T[];
}

/** Seconds that a turn lasted; 0 when it was not ended. */
export function spokenSeconds(turn: HeldTurn): number {
  if (!turn.called_at || !turn.ended_at) return 0;
  return Math.max(0, Math.round((Date.parse(turn.ended_at) - Date.parse(turn.called_at)) / 1000));
}

/** "4:05", "1:02:30". */
export function lengthText(seconds: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** The turns in the order of the agenda, those before it first; each group in the order of speaking. */
export function groupRecord<T extends HeldTurn>(
  turns: readonly T[],
  items: readonly { id: string }[],
): RecordGroup<T>[] {
  const known = new Set(items.map((item) => item.id));
  const keyOf = (turn: T) => (turn.item_id && known.has(turn.item_id) ? turn.item_id : '');
  return ['', ...known]
    .map((itemId) => ({ itemId, turns: turns.filter((turn) => keyOf(turn) === itemId) }))
    .filter((group) => group.turns.length > 0);
}
