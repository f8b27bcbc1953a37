import type { UploadItem } from '../../../ui/useUploads';
import type { CopyInput, DocumentInput, OfficialDocument } from '../api/documents';

export type CopyForm = CopyInput['form'];
export type CopySource = CopyInput['type_of_source'];

export const copyForms: readonly CopyForm[] = ['sao_y', 'sao_luc', 'trich_sao'];
export const copySources: readonly CopySource[] = ['paper', 'electronic'];

/** What the form of a copy holds, besides its file. */
export interface CopyDraft {
  form: CopyForm;
  source: CopySource;
  subject: string;
  urgency: number;
  recipientIds: string[];
}

export type CopyField = keyof CopyDraft | 'files';

/** Where the server names what is wrong with a field. */
export const copyPaths: Record<CopyField, string> = {
  form: 'form',
  source: 'type_of_source',
  subject: 'subject',
  urgency: 'urgency',
  recipientIds: 'recipient_ids',
  files: 'upload_id',
};

/** An empty form: most copies are of whole papers. */
export function emptyCopy(): CopyDraft {
  return { form: 'sao_y', source: 'paper', subject: '', urgency: 0, recipientIds: [] };
}

/** The form of an existing copy; null when the document is no copy. */
export function copyOf(document: OfficialDocument): CopyDraft | null {
  if (!document.copy) return null;
  return {
    form: document.copy.form,
    source: document.copy.type_of_source,
    subject: document.subject,
    urgency: document.urgency,
    recipientIds: document.recipients.map((r) => r.agency_id),
  };
}

/** A whole electronic document is sent on, not copied; of its parts there are extracts (NĐ 30/2020 Đ.25). */
export function isRefused({ form, source }: Pick<CopyDraft, 'form' | 'source'>): boolean {
  return source === 'electronic' && form !== 'trich_sao';
}

/** Fields of a new copy that still miss something; the server checks the rest. */
export function missingOfCopy(draft: CopyDraft, files: readonly UploadItem[]): CopyField[] {
  const facts = missingFacts(draft);
  return files.some((f) => f.state === 'done') ? facts : ['files', ...facts];
}

/** The same without the file, which an existing copy has. */
export function missingFacts(draft: CopyDraft): CopyField[] {
  const missing: CopyField[] = [];
  if (draft.subject.trim() === '') missing.push('subject');
  if (draft.recipientIds.length === 0) missing.push('recipientIds');
  return missing;
}

const oneLine = (text: string) => text.trim().replaceAll(/\s+/g, ' ');

/** A new copy as the server takes it; null while something is missing or refused. */
export function copyInputOf(draft: CopyDraft, files: readonly UploadItem[]): CopyInput | null {
  const uploadId = files.find((f) => f.state === 'done')?.uploadId;
  if (!uploadId || isRefused(draft) || missingOfCopy(draft, files).length > 0) return null;
  return {
    upload_id: uploadId,
    form: draft.form,
    type_of_source: draft.source,
    subject: oneLine(draft.subject),
    urgency: draft.urgency,
    recipient_ids: draft.recipientIds,
  };
}

/** A change of a copy: its file, form and source stay. */
export function copyChangeOf(draft: CopyDraft, document: OfficialDocument): DocumentInput {
  return {
    type_code: document.type_code,
    symbol: document.symbol,
    subject: oneLine(draft.subject),
    urgency: draft.urgency,
    recipient_ids: draft.recipientIds,
    files: document.files.map((file, index) => ({ main: index === 0, file_id: file.id })),
  };
}
