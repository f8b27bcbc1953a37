import type { Verdict } from '../../../shared/verdict/verdict';
import type { OfficialDocument } from '../api/documents';
import type { LayoutField } from './layout';

/** One thing that the signer should know before signing; `args` fill the sentence `sign.check.<key>`. */
export interface Check {
  key:
    | 'submitted'
    | 'unchanged'
    | 'place'
    | 'placeDefault'
    | 'noSignatures'
    | 'signatures'
    | 'broken'
    | 'seen'
    | 'notSeen';
  tone: 'green' | 'amber' | 'red';
  args: Record<string, string | number>;
}

/** How much of a file was looked at. */
export interface Seen {
  seen: number;
  total: number;
}

/** What speaks for signing and what against it, in sentences that are true of this document. */
export function checksOf(
  document: Pick<OfficialDocument, 'steps'>,
  fields: readonly LayoutField[] | undefined,
  verdict: Verdict | undefined,
  seen: Seen | undefined,
  time: (at: string) => string,
): Check[] {
  const checks: Check[] = [];
  const submitted = document.steps.findLast((step) => step.state === 'submitted');
  if (submitted) {
    checks.push({
      key: 'submitted',
      tone: 'green',
      args: { who: submitted.by?.full_name ?? '', time: time(submitted.at) },
    });
    checks.push({ key: 'unchanged', tone: 'green', args: {} });
  }
  const main = verdict?.files[0];
  if (main && main.overall !== 'checking') {
    if (main.signatures.length === 0) checks.push({ key: 'noSignatures', tone: 'green', args: {} });
    else if (main.overall === 'invalid') checks.push({ key: 'broken', tone: 'red', args: {} });
    else checks.push({ key: 'signatures', tone: 'green', args: { count: main.signatures.length } });
  }
  const place = fields?.find((field) => field.kind === 'person');
  if (place) {
    const isGuess = place.source === 'default';
    checks.push({
      key: isGuess ? 'placeDefault' : 'place',
      tone: isGuess ? 'amber' : 'green',
      args: { page: place.page },
    });
  }
  if (seen && seen.total > 0) {
    const isWhole = seen.seen >= seen.total;
    checks.push({ key: isWhole ? 'seen' : 'notSeen', tone: isWhole ? 'green' : 'amber', args: { ...seen } });
  }
  return checks;
}
