import { expect, test } from 'vitest';
import type { UploadItem } from '../../../ui/useUploads';
import type { OfficialDocument } from '../api/documents';
import { copyChangeOf, copyForms, copyInputOf, copyOf, copySources, emptyCopy, isRefused, missingOfCopy } from './copy';

const scan: UploadItem = {
  key: 'k',
  name: 'scan.pdf',
  size: 1,
  state: 'done',
  progress: null,
  error: null,
  uploadId: 'u',
};
const full = { ...emptyCopy(), subject: ' Quyết định\nsố 12 ', recipientIds: ['a'] };

test('an empty form misses file, subject and recipients', () => {
  expect(missingOfCopy(emptyCopy(), [{ ...scan, state: 'busy' }])).toEqual(['files', 'subject', 'recipientIds']);
  expect(missingOfCopy(full, [scan])).toEqual([]);
});

test('of whole electronic documents there are no copies', () => {
  const refused = copyForms.flatMap((form) =>
    copySources.filter((source) => isRefused({ form, source })).map((source) => `${form} ${source}`),
  );
  expect(refused).toEqual(['sao_y electronic', 'sao_luc electronic']);
  expect(copyInputOf({ ...full, source: 'electronic' }, [scan])).toBeNull();
});

test('the form as the server takes it', () => {
  expect(copyInputOf(full, [scan])).toEqual({
    upload_id: 'u',
    form: 'sao_y',
    type_of_source: 'paper',
    subject: 'Quyết định số 12',
    urgency: 0,
    recipient_ids: ['a'],
  });
  expect(copyInputOf(full, [])).toBeNull();
});

test('a change keeps file and kind and names no signer', () => {
  const document = {
    type_code: 'SY',
    symbol: 'SY-STC',
    subject: 'cũ',
    urgency: 1,
    recipients: [{ agency_id: 'b' }],
    files: [{ id: 'f' }],
    copy: { form: 'sao_luc', type_of_source: 'paper', warnings: [] },
  } as unknown as OfficialDocument;
  expect(copyOf(document)).toEqual({
    form: 'sao_luc',
    source: 'paper',
    subject: 'cũ',
    urgency: 1,
    recipientIds: ['b'],
  });
  expect(copyChangeOf(full, document)).toEqual({
    type_code: 'SY',
    symbol: 'SY-STC',
    subject: 'Quyết định số 12',
    urgency: 0,
    recipient_ids: ['a'],
    files: [{ main: true, file_id: 'f' }],
  });
  expect(copyOf({ ...document, copy: null } as unknown as OfficialDocument)).toBeNull();
});
