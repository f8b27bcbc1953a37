import type { FileVerdict } from '../../../shared/verdict/verdict';
import type { State } from './look';

/** The one word about a file: what the worst of its signatures says. */
export function conclusionOf(verdict: FileVerdict): State {
  if (verdict.overall !== 'valid') return verdict.overall;
  return verdict.signatures.some((s) => s.development) ? 'trial' : 'valid';
}
