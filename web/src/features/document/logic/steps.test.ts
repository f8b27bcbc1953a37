import { expect, test } from 'vitest';
import type { OfficialDocument } from '../api/documents';
import { awaitedSignatures, fieldsToCome, stepsOf } from './steps';

const person = (full_name: string) => ({ full_name }) as OfficialDocument['created_by'];
const document = (state: OfficialDocument['state'], steps: OfficialDocument['steps']) => ({
  state,
  steps,
  signer: person('Lê Văn Lãnh'),
  created_by: person('Đỗ Thị Văn'),
  agency_name: 'Sở Xây dựng',
  copy: null,
});

test('a submitted document waits for its signer', () => {
  const steps = stepsOf(
    document('submitted', [
      { at: '2026-11-23T01:00:00Z', state: 'draft', by: person('Đỗ Thị Văn'), reason: '' },
      { at: '2026-11-23T02:00:00Z', state: 'submitted', by: person('Đỗ Thị Văn'), reason: '' },
    ]),
  );
  expect(steps.map((s) => s.state)).toEqual(['done', 'done', 'now', 'later', 'later', 'later']);
  expect(steps[2]?.waitsFor).toBe('Lê Văn Lãnh');
});

test('a document that came back shows its newest turn', () => {
  const steps = stepsOf(
    document('draft', [
      { at: '1', state: 'draft', by: person('A'), reason: '' },
      { at: '2', state: 'submitted', by: person('A'), reason: '' },
      { at: '3', state: 'draft', by: person('B'), reason: 'sai số' },
    ]),
  );
  expect(steps[0]).toMatchObject({ state: 'done', who: 'B', at: '3' });
  expect(steps[1]?.state).toBe('now');
});

test('a cancelled document waits for nobody', () => {
  expect(stepsOf(document('cancelled', [])).filter((s) => s.state === 'now')).toEqual([]);
});

test('signatures that are still to come are not missing', () => {
  expect(awaitedSignatures({ state: 'submitted', copy: null })).toEqual(['person', 'seal']);
  expect(awaitedSignatures({ state: 'signed', copy: null })).toEqual(['seal']);
  expect(awaitedSignatures({ state: 'numbered', copy: null })).toEqual(['seal']);
  expect(awaitedSignatures({ state: 'released', copy: null })).toEqual([]);
});

test('a copy is numbered and sealed without a personal signature', () => {
  const copy = { form: 'sao_y' as const, type_of_source: 'paper' as const, warnings: [] };
  const steps = stepsOf({ ...document('draft', []), signer: null, copy });
  expect(steps.map((s) => s.key)).toEqual(['draft', 'numbered', 'sealed', 'released']);
  expect(steps[1]).toMatchObject({ state: 'now', waitsFor: 'Sở Xây dựng' });
  expect(awaitedSignatures({ state: 'numbered', copy })).toEqual(['seal']);
  expect(awaitedSignatures({ state: 'sealed', copy })).toEqual([]);
});

test('a signed document waits for its number, and fields are filled one after another', () => {
  const steps = stepsOf(document('signed', []));
  expect(steps[3]).toMatchObject({ key: 'numbered', state: 'now', waitsFor: 'Sở Xây dựng' });
  expect(fieldsToCome('submitted')).toContain('person');
  expect(fieldsToCome('signed')).toEqual(['seal', 'number', 'date']);
  expect(fieldsToCome('sealed')).toEqual([]);
});
