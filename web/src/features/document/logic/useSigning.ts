import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { asApiError } from '../../../api/problem';
import { certificatesQuery, type SigningCertificate } from '../api/certificates';
import type { Purpose } from '../api/signing';
import { proposed, validityOf } from './certificates';
import { type StepUp, useStepUp } from './useStepUp';

/** What a person chooses and proves before signing, whatever is then signed. */
export interface Signing {
  certificates: readonly SigningCertificate[] | undefined;
  certificate: SigningCertificate | undefined;
  choose: (id: string | null) => void;
  loadError: unknown;
  reload: () => void;
  proof: StepUp;
  password: string;
  setPassword: (password: string) => void;
  /** The field of the password was left empty. */
  passwordMissing: boolean;
  pending: boolean;
  error: unknown;
  /** Proves the person when that is needed, then acts. */
  submit: () => void;
}

interface Act {
  /** The act itself; must throw what the server says. */
  run: (certificateId: string | null) => Promise<unknown>;
  pending: boolean;
  error: unknown;
}

/** True for the refusal that asks for the password again. */
export function needsStepUp(error: unknown): boolean {
  return !!error && asApiError(error).key === 'auth.step_up_needed';
}

export function useSigning(purpose: Purpose, act: Act): Signing {
  const query = useQuery(certificatesQuery(purpose));
  const proof = useStepUp();
  const [chosen, setChosen] = useState<string | null>(null);
  const [password, setPassword] = useState('');
  const [passwordMissing, setMissing] = useState(false);
  const now = new Date();
  const certificates = query.data?.certificates.filter((c) => validityOf(c, now) !== 'expired');
  const certificate = certificates?.find((c) => c.id === chosen) ?? (certificates && proposed(certificates, now));
  const go = async () => {
    if (!proof.until) {
      setMissing(password === '');
      if (password === '') return;
      await proof.confirm(password);
      setPassword('');
    }
    try {
      await act.run(certificate?.id ?? null);
    } catch (error) {
      if (needsStepUp(error)) proof.forget();
      throw error;
    }
  };
  return {
    certificates,
    certificate,
    choose: setChosen,
    loadError: query.error,
    reload: () => void query.refetch(),
    proof,
    password,
    setPassword: (text) => {
      setPassword(text);
      setMissing(false);
    },
    passwordMissing,
    pending: proof.pending || act.pending,
    error: act.error,
    submit: () => {
      if (!proof.pending && !act.pending) go().catch(() => undefined); // told by proof.error or act.error
    },
  };
}
