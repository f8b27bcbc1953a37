import { useState } from 'react';
import { asApiError } from '../../../api/problem';
import { type StepUp, useStepUp } from './useStepUp';

/** What a person proves before signing, whatever is then signed. */
export interface Signing {
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
  run: () => Promise<unknown>;
  pending: boolean;
  error: unknown;
}

/** True for the refusal that asks for the password again. */
export function needsStepUp(error: unknown): boolean {
  return !!error && asApiError(error).key === 'auth.step_up_needed';
}

export function useSigning(act: Act): Signing {
  const proof = useStepUp();
  const [password, setPassword] = useState('');
  const [passwordMissing, setMissing] = useState(false);
  const go = async () => {
    if (!proof.until) {
      setMissing(password === '');
      if (password === '') return;
      await proof.confirm(password);
      setPassword('');
    }
    try {
      await act.run();
    } catch (error) {
      if (needsStepUp(error)) proof.forget();
      throw error;
    }
  };
  return {
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
