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
}

/** Signs or seals one document. */
export function signDocument({ id, version, purpose }: SignInput, act: Act): Promise<OfficialDocument> {
  const params = { path: { document_id: id }, header: { ...act.headers, ...ifMatch(version) } };
  return purpose === 'leader'
    ? take(api.POST('/api/v1/documents/{document_id}/sign', { params }))
    : take(api.POST('/api/v1/documents/{document_id}/seal', { params }));
}
