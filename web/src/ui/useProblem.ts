import { useTranslation } from 'react-i18next';
import { asApiError } from '../api/problem';

/** An error in words: what happened, what to do, and the code that support asks for. */
export interface ProblemText {
  title: string;
  advice: string;
  code: string;
}

const advised = new Set([
  'offline',
  'unavailable',
  'internal',
  'stale',
  'conflict',
  'forbidden',
  'not_found',
  'too_large',
  'too_many',
  'unauthenticated',
  'invalid',
]);

/** Gives the function that words an error of the API for people. */
export function useProblem(): (error: unknown) => ProblemText {
  const { t } = useTranslation();
  return (error) => {
    const problem = asApiError(error);
    const kind = advised.has(problem.code) ? problem.code : problem.status >= 500 ? 'unavailable' : 'internal';
    const title = problem.message || t(`problem.${kind}.title`);
    const fields = problem.fields.map((f) => f.message).filter(Boolean);
    if (problem.key === 'auth.wrong_credentials') return { title, advice: '', code: problem.key };
    const advice = fields.length > 0 && kind === 'invalid' ? fields.join(' ') : t(`problem.${kind}.advice`);
    return { title, advice, code: problem.key || problem.code };
  };
}
