import { expect, test } from 'vitest';
import type { UploadItem } from '../../../ui/useUploads';
import { emptyDraft, inputOf, missingFields, suggestSymbol } from './form';

const file = (part: Partial<UploadItem>): UploadItem => ({
  key: 'k',
  name: 'a.pdf',
  size: 1,
  state: 'done',
  progress: null,
  error: null,
  ...part,
});
const full = {
  typeCode: 'QD',
  symbol: 'QĐ-UBND',
  subject: 'Về  việc\nthử',
  urgency: 2,
  signerId: 's',
  recipientIds: ['a', 'b'],
};

test('an empty form misses everything but the urgency', () => {
  expect(missingFields(emptyDraft(), [])).toEqual([
    'files',
    'typeCode',
    'symbol',
    'subject',
    'signerId',
    'recipientIds',
  ]);
});

test('a file that is still on its way does not count', () => {
  expect(missingFields(full, [file({ state: 'busy' })])).toEqual(['files']);
});

test('the first file is the main one, old files keep their id', () => {
  const input = inputOf(full, [file({ uploadId: 'u' }), file({ fileId: 'f' }), file({ state: 'failed' })]);
  expect(input?.files).toEqual([
    { main: true, upload_id: 'u' },
    { main: false, file_id: 'f' },
  ]);
  expect(input?.subject).toBe('Về việc thử');
});

test('symbols', () => {
  expect(suggestSymbol('QĐ', 'UBND')).toBe('QĐ-UBND');
  expect(suggestSymbol('', 'VP')).toBe('VP');
});
