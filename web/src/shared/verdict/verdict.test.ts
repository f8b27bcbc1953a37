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
  missing: [],
  overall,
  reason_key: '',
  reason: '',
  signatures,
});
const first = (s: Partial<SignatureVerdict>) => findingsOfFile(file('valid', [{ ...signature, ...s }]))[0];

describe('sentences about signatures', () => {
  test.each([
    ['valid over everything', {}, 'sentence.person.whole', 'green'],
    ['valid, later only permitted additions', { coverage: 'partial_allowed' }, 'sentence.person.partial', 'green'],
    ['changed after signing', { coverage: 'partial_changed', result: 'invalid' }, 'sentence.person.changed', 'red'],
    ['revoked before signing', { result: 'invalid', revocation: 'revoked' }, 'sentence.person.revoked', 'red'],
    ['not valid', { result: 'invalid', reason: 'Chữ ký không khớp' }, 'sentence.person.invalid', 'red'],
    ['could not be checked', { result: 'unknown' }, 'sentence.person.unknown', 'amber'],
    ['seal', { purpose: 'seal' }, 'sentence.seal.whole', 'green'],
    ['trial key is never green', { development: true }, 'sentence.person.whole', 'amber'],
  ] as const)('%s', (_, change, key, tone) => {
    expect(first(change)).toMatchObject({ key, tone });
  });

  test('the seal is named by its agency, the person by name', () => {
    expect(first({ purpose: 'seal' })?.args).toEqual({ who: 'Văn phòng UBND thành phố' });
    expect(first({})?.args).toEqual({ who: 'Phạm Văn Đức' });
  });

  test('a trial key is told', () => {
    expect(first({ development: true })?.trial).toBe(true);
    expect(first({})?.trial).toBe(false);
  });

  test('later additions are told by name, each once, in one order', () => {
    const change = (kind: SignatureVerdict['changes'][number]['kind'], field = '') => ({
      kind,
      field,
      page: 1,
      text: '',
    });
    const changes = [
      change('validation_data'),
      change('signature', 'DauCoQuan'),
      change('form_value', 'NgayBanHanhNgay'),
      change('form_value', 'NgayBanHanhNam'),
      change('form_value', 'So'),
      change('form_value', 'So'),
      change('signature', 'Signature3'),
      change('document_timestamp'),
    ];
    expect(first({ coverage: 'partial_allowed', changes })?.added).toEqual([
      'number',
      'date',
      'seal',
      'signature',
      'timestamp',
      'validation',
    ]);
    expect(first({ coverage: 'partial_changed', result: 'invalid', changes })?.added).toEqual([]);
  });

  test('a proven time goes before a claimed one', () => {
    const proven = { time_proven: true, best_time: '2026-11-23T09:21:00Z' };
    expect(first(proven)?.time).toEqual({ at: '2026-11-23T09:21:00Z', proven: true });
    expect(first({})?.time).toEqual({ at: '2026-11-23T09:20:14Z', proven: false });
    expect(first({ claimed_at: null })?.time).toBeNull();
  });

  test('a timestamp of the document is no signature of a person', () => {
    expect(first({ kind: 'document_timestamp', signer_name: '', agency_name: 'TSA Tân Giang' })).toMatchObject({
      kind: 'timestamp',
      key: 'sentence.timestamp.whole',
      args: { who: 'TSA Tân Giang' },
    });
  });

  test('a signature of whom nobody expected is told by its name alone', () => {
    expect(first({ purpose: 'other' })).toMatchObject({ key: 'sentence.other.whole', args: { who: 'Phạm Văn Đức' } });
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
