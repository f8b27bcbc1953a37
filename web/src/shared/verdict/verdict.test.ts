import { describe, expect, test } from 'vitest';
import {
  type FileVerdict,
  findingsOfFile,
  isChecking,
  missingFindings,
  type SignatureVerdict,
  type Verdict,
} from './verdict';

const signature: SignatureVerdict = {
  kind: 'signature',
  field: 'NguoiKy',
  status: 'TOTAL-PASSED',
  sub_indication: '',
  level: 'B-B',
  best_time: null,
  time_proven: false,
  trust_list: 'public_service',
  revocation: 'good',
  revision: 1,
  changes: [],
  findings: [],
  purpose: 'person',
  signer_name: 'Phạm Văn Đức',
  agency_name: 'Văn phòng UBND thành phố',
  result: 'valid',
  coverage: 'whole',
  claimed_at: '2026-11-23T09:20:14Z',
  development: false,
  reason_key: '',
  reason: '',
  certificate_subject: '',
  certificate_issuer: '',
  valid_from: null,
  valid_to: null,
};
const file = (overall: FileVerdict['overall'], signatures: SignatureVerdict[]): FileVerdict => ({
  file_id: '1',
  name: 'a.pdf',
  sha256: '',
  checked_at: null,
  revisions: 1,
  overall,
  reason_key: '',
  reason: '',
  signatures,
});
const first = (s: Partial<SignatureVerdict>) => findingsOfFile(file('valid', [{ ...signature, ...s }]))[0];

describe('sentences about signatures', () => {
  test.each([
    ['valid over everything', {}, 'person.whole', 'green'],
    ['valid, later only permitted additions', { coverage: 'partial_allowed' }, 'person.partial', 'green'],
    ['changed after signing', { coverage: 'partial_changed', result: 'invalid' }, 'person.changed', 'red'],
    ['revoked before signing', { result: 'invalid', reason: 'Chứng thư bị thu hồi' }, 'person.invalid', 'red'],
    ['could not be checked', { result: 'unknown' }, 'person.unknown', 'amber'],
    ['seal', { purpose: 'seal' }, 'seal.whole', 'green'],
    ['trial key is never green', { development: true }, 'person.whole', 'amber'],
  ] as const)('%s', (_, change, key, tone) => {
    expect(first(change)).toMatchObject({ key, tone });
  });

  test('the seal is named by its agency, the person by name', () => {
    expect(first({ purpose: 'seal' })?.args).toEqual({ who: 'Văn phòng UBND thành phố' });
    expect(first({})?.args).toEqual({ who: 'Phạm Văn Đức' });
  });

  test('a trial key and later additions are remarked', () => {
    expect(first({ development: true, coverage: 'partial_allowed' })?.remarks).toEqual([
      'laterOnlyAllowed',
      'development',
    ]);
  });

  test('unsigned and unchecked files say so', () => {
    expect(findingsOfFile(file('unsigned', []))[0]).toMatchObject({ key: 'unsigned', tone: 'muted' });
    expect(findingsOfFile(file('unknown', []))[0]).toMatchObject({ key: 'fileUnknown', tone: 'amber' });
    expect(findingsOfFile(file('checking', []))[0]).toMatchObject({ key: 'checking' });
  });
});

test('missing signatures are red, but not those still to come', () => {
  const verdict: Verdict = { files: [file('checking', [])], missing: ['person', 'seal'] };
  expect(isChecking(verdict)).toBe(true);
  expect(missingFindings(verdict).map((f) => f.key)).toEqual(['missingPerson', 'missingSeal']);
  expect(missingFindings(verdict, ['seal']).map((f) => f.key)).toEqual(['missingPerson']);
});
