import { describe, expect, it } from 'vitest';
import { groupRecord, type HeldTurn, lengthText, spokenSeconds } from './record';

const turn = (id: string, item: string | null, from: string | null, to: string | null): HeldTurn => ({
  id,
  item_id: item,
  called_at: from,
  ended_at: to,
});

describe('record of the floor', () => {
  it('measures a turn from its call to its end', () => {
    expect(spokenSeconds(turn('a', null, '2026-11-24T02:00:00Z', '2026-11-24T02:04:05Z'))).toBe(245);
    expect(spokenSeconds(turn('a', null, '2026-11-24T02:00:00Z', null))).toBe(0);
    expect(spokenSeconds(turn('a', null, null, null))).toBe(0);
  });
  it('writes lengths as clocks do', () => {
    expect(lengthText(0)).toBe('0:00');
    expect(lengthText(245)).toBe('4:05');
    expect(lengthText(3750)).toBe('1:02:30');
  });
  it('groups by the agenda; what belongs to no item of it stands first', () => {
    const turns = [
      turn('1', null, null, null),
      turn('2', 'b', null, null),
      turn('3', 'a', null, null),
      turn('4', 'gone', null, null),
      turn('5', 'b', null, null),
    ];
    expect(
      groupRecord(turns, [{ id: 'a' }, { id: 'b' }, { id: 'c' }]).map((g) => [
        g.itemId,
        g.turns.map((t) => t.id).join(''),
      ]),
    ).toEqual([
      ['', '14'],
      ['a', '3'],
      ['b', '25'],
    ]);
  });
});
