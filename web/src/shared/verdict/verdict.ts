import type { components } from '../../api/schema';

export type Verdict = components['schemas']['Verdict'];
export type FileVerdict = components['schemas']['FileVerdict'];
export type SignatureVerdict = components['schemas']['SignatureVerdict'];

/** One conclusion in a full sentence: `key` is a text of namespace "verdict", `reason` comes worded from the server. */
export interface Finding {
  kind: 'person' | 'seal' | 'file';
  tone: 'green' | 'amber' | 'red' | 'muted';
  key: string;
  args: Record<string, string>;
  /** The exact reason, already in words; empty when the sentence says all. */
  reason: string;
  /** What else follows: a time of signing, an earlier coverage, a key without legal value. */
  remarks: ('laterOnlyAllowed' | 'development')[];
  claimedAt: string | null;
  signature: SignatureVerdict | null;
}

type Missing = Verdict['missing'][number];

/** True while the server still checks a file. */
export function isChecking(verdict: Verdict): boolean {
  return verdict.files.some((file) => file.overall === 'checking');
}

/** Everything there is to say about the signatures of one file. */
export function findingsOfFile(file: FileVerdict): Finding[] {
  if (file.overall === 'checking') return [plain('muted', 'checking', file)];
  if (file.signatures.length === 0) {
    if (file.overall === 'unsigned') return [plain('muted', 'unsigned', file)];
    return [plain(file.overall === 'invalid' ? 'red' : 'amber', 'fileUnknown', file)];
  }
  return file.signatures.map(ofSignature);
}

/** What the main file should carry and does not. `awaited` are signatures that are still to come in this state. */
export function missingFindings(verdict: Verdict, awaited: readonly Missing[] = []): Finding[] {
  return verdict.missing
    .filter((missing) => !awaited.includes(missing))
    .map((missing) => ({
      kind: missing,
      tone: 'red',
      key: missing === 'seal' ? 'missingSeal' : 'missingPerson',
      args: {},
      reason: '',
      remarks: [],
      claimedAt: null,
      signature: null,
    }));
}

function plain(tone: Finding['tone'], key: string, file: FileVerdict): Finding {
  return {
    kind: 'file',
    tone,
    key,
    args: { file: file.name },
    reason: file.reason,
    remarks: [],
    claimedAt: null,
    signature: null,
  };
}

function ofSignature(signature: SignatureVerdict): Finding {
  const isSeal = signature.purpose === 'seal';
  const who = isSeal ? signature.agency_name || signature.signer_name : signature.signer_name || signature.agency_name;
  const { sentence, tone } = judge(signature);
  const remarks: Finding['remarks'] = [];
  if (signature.result === 'valid' && signature.coverage === 'partial_allowed') remarks.push('laterOnlyAllowed');
  if (signature.development) remarks.push('development');
  return {
    kind: isSeal ? 'seal' : 'person',
    tone,
    key: isSeal ? `seal.${sentence}` : `person.${sentence}`,
    args: { who },
    reason: sentence === 'whole' || sentence === 'partial' ? '' : signature.reason,
    remarks,
    claimedAt: signature.claimed_at ?? null,
    signature,
  };
}

function judge(signature: SignatureVerdict): { sentence: string; tone: Finding['tone'] } {
  if (signature.coverage === 'partial_changed') return { sentence: 'changed', tone: 'red' };
  if (signature.result === 'invalid') return { sentence: 'invalid', tone: 'red' };
  if (signature.result === 'unknown') return { sentence: 'unknown', tone: 'amber' };
  return {
    sentence: signature.coverage === 'whole' ? 'whole' : 'partial',
    tone: signature.development ? 'amber' : 'green',
  };
}
