import { api, ifMatch, take } from '../../../api/client';
import type { Act } from '../../../api/useCommand';
import type { OfficialDocument } from './documents';

/** A person signs as leader; a clerk puts the seal of the agency. */
export type Purpose = 'leader' | 'seal';

/** Proves with the password that it is still the same person; holds for five minutes. */
export function stepUp(password: string) {
  return take(api.POST('/api/v1/step-up', { body: { password } }));
}

export interface SignInput {
  id: string;
  version: number;
  purpose: Purpose;
  certificateId: string | null;
}

/** Signs or seals one document. With a key elsewhere the answer is a document that waits for it. */
export function signDocument({ id, version, purpose, certificateId }: SignInput, act: Act): Promise<OfficialDocument> {
  const options = {
    params: { path: { document_id: id }, header: { ...act.headers, ...ifMatch(version) } },
    body: certificateId ? { certificate_id: certificateId } : {},
  };
  return purpose === 'leader'
    ? take(api.POST('/api/v1/documents/{document_id}/sign', options))
    : take(api.POST('/api/v1/documents/{document_id}/seal', options));
}
