import { expect, test } from 'vitest';
import type { WorkItem } from '../../../shared/work/api';
import { groupWork, kindsOf } from './groups';

const now = new Date('2026-11-24T01:12:00Z'); // 08:12 in Vietnam
const make = (title: string, urgency: number, due_at: string | null, kind: WorkItem['kind'] = 'sign'): WorkItem => ({
  kind,
  object_id: title,
  title,
  meta: '',
  code: '',
  urgency,
  due_at,
  since: '2026-11-23T00:00:00Z',
});

test('what burns stands first, then what is late, then today, then the rest', () => {
  const groups = groupWork(
    [
      make('tuần này', 0, '2026-11-26T10:00:00Z'),
      make('hôm nay', 0, '2026-11-24T10:00:00Z'),
      make('quá hạn', 1, '2026-11-23T10:00:00Z'),
      make('hỏa tốc', 3, null),
      make('khẩn, không hạn', 1, null),
      make('thường, không hạn', 0, null),
    ],
    now,
  );
  expect(groups.map((g) => [g.key, g.items.map((i) => i.title)])).toEqual([
    ['immediate', ['hỏa tốc']],
    ['late', ['quá hạn']],
    ['today', ['khẩn, không hạn', 'hôm nay']],
    ['later', ['tuần này', 'thường, không hạn']],
  ]);
});

test('kinds are counted', () => {
  expect(kindsOf([make('a', 0, null), make('b', 0, null, 'accept'), make('c', 0, null)])).toEqual([
    { kind: 'sign', count: 2 },
    { kind: 'accept', count: 1 },
  ]);
});
