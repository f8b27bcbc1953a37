import type { SigningCertificate } from '../api/certificates';

/** What is to be said about the validity of a certificate. */
export type Validity = 'valid' | 'soon' | 'expired' | 'notYet' | 'development';

/** How a certificate stands: a trial key says so before anything else that still lets it sign. */
export function validityOf(
  certificate: Pick<SigningCertificate, 'valid_from' | 'valid_to' | 'development' | 'expires_soon'>,
  now: Date,
): Validity {
  if (Date.parse(certificate.valid_to) < now.getTime()) return 'expired';
  if (Date.parse(certificate.valid_from) > now.getTime()) return 'notYet';
  if (certificate.development) return 'development';
  return certificate.expires_soon ? 'soon' : 'valid';
}

/** The certificate to propose: one that signs with legal value before a trial one, the longest valid first. */
export function proposed<
  C extends Pick<SigningCertificate, 'id' | 'valid_from' | 'valid_to' | 'development' | 'expires_soon'>,
>(certificates: readonly C[], now: Date): C | undefined {
  const usable = certificates.filter((c) => !['expired', 'notYet'].includes(validityOf(c, now)));
  return [...usable].sort(
    (a, b) => Number(a.development) - Number(b.development) || Date.parse(b.valid_to) - Date.parse(a.valid_to),
  )[0];
}
