import type { UploadItem } from '../../../ui/useUploads';
import type { DocumentInput, OfficialDocument } from '../api/documents';

/** What the form of a document holds, besides its files. */
export interface Draft {
  typeCode: string | null;
  symbol: string;
  subject: string;
  urgency: number;
  signerId: string | null;
  recipientIds: string[];
}

export type DraftField = keyof Draft | 'files';

/** An empty form. */
export function emptyDraft(): Draft {
  return {
    typeCode: null,
    symbol: '',
    subject: '',
    urgency: 0,
    signerId: null,
    recipientIds: [],
  };
}

/** The form of an existing draft. */
export function draftOf(document: OfficialDocument): Draft {
  return {
    typeCode: document.type_code,
    symbol: document.symbol,
    subject: document.subject,
    urgency: document.urgency,
    signerId: document.signer?.id ?? null,
    recipientIds: document.recipients.map((r) => r.agency_id),
  };
}

/** Fields that still miss something; the server checks the rest. */
export function missingFields(draft: Draft, files: readonly UploadItem[]): DraftField[] {
  const missing: DraftField[] = [];
  if (!files.some((f) => f.state === 'done')) missing.push('files');
  if (!draft.typeCode) missing.push('typeCode');
  if (draft.symbol.trim() === '') missing.push('symbol');
  if (draft.subject.trim() === '') missing.push('subject');
  if (!draft.signerId) missing.push('signerId');
  if (draft.recipientIds.length === 0) missing.push('recipientIds');
  return missing;
}

/** The form as the server takes it; the first file is the main one. Null while something is missing. */
export function inputOf(draft: Draft, files: readonly UploadItem[]): DocumentInput | null {
  if (missingFields(draft, files).length > 0 || !draft.typeCode || !draft.signerId) return null;
  return {
    type_code: draft.typeCode,
    symbol: draft.symbol.trim(),
    subject: draft.subject.trim().replaceAll(/\s+/g, ' '),
    urgency: draft.urgency,
    signer_id: draft.signerId,
    recipient_ids: draft.recipientIds,
    files: files
      .filter((f) => f.state === 'done')
      .map((f, i) => ({
        main: i === 0,
        ...(f.fileId ? { file_id: f.fileId } : {}),
        ...(f.uploadId ? { upload_id: f.uploadId } : {}),
      })),
  };
}

/** The symbol that offices write: abbreviation of the kind and of the agency, "QĐ-UBND". */
export function suggestSymbol(abbreviation: string, agencySymbol: string): string {
  return [abbreviation, agencySymbol].filter(Boolean).join('-');
}
