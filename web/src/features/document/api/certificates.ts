import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../../../api/client';
import type { components } from '../../../api/schema';
import type { Purpose } from './signing';

export type SigningCertificate = components['schemas']['MyCertificate'];

/** Certificates with which the appointment may sign or seal now. */
export function certificatesQuery(purpose: Purpose) {
  return queryOptions({
    queryKey: ['signing', 'certificates', purpose],
    queryFn: ({ signal }) => take(api.GET('/api/v1/signing/certificates', { params: { query: { purpose } }, signal })),
    staleTime: 60_000,
  });
}
